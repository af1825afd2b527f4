using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.DeepExtensions.Tests.Reporting;

public sealed class PredictionGalleryTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Scored
    {
        [ImageType(8, 8)]
        public MLImage Image { get; set; } = null!;

        [KeyType(2)]                                        // from 0; what is beyond is missing
        public uint Label { get; set; }

        [VectorType(2)]
        public float[] Score { get; set; } = [];
    }

    // each row's picture is of one grey, so that the sheet shows which rows it drew
    private IDataView Rows(params (byte Grey, uint Label, float[] Score)[] rows) => ml.Data.LoadFromEnumerable(rows.Select(row => new Scored
    {
        Image = MLImage.CreateFromPixels(8, 8, MLPixelFormat.Rgba32, [.. Enumerable.Repeat(new byte[] { row.Grey, row.Grey, row.Grey, 255 }, 64).SelectMany(pixel => pixel)]),
        Label = row.Label, Score = row.Score,
    }).ToList());

    [Fact]
    public void MostWrong_AreThoseThatTheNetworkWasSurestOf_SurestFirst()
    {
        var data = Rows((10, 0, [0.9f, 0.1f]), (60, 1, [0.6f, 0.4f]), (110, 0, [0.01f, 0.99f]), (160, 1, [0.8f, 0.2f]), (210, 1, [0.1f, 0.9f]));
        var count = 0;
        var sheet = Rendered.By(path => count = PredictionGallery.SaveMostWrong(data, path, count: 2));
        Assert.Equal(2, count);
        Assert.Equal([110, 160], Greys(sheet));
    }

    [Fact]
    public void MostUnsure_AreThoseWithTheSmallestLead_RightOrWrong()
    {
        var data = Rows((10, 0, [0.9f, 0.1f]), (60, 1, [0.55f, 0.45f]), (110, 0, [0.3f, 0.7f]), (160, 0, [0.51f, 0.49f]));
        Assert.Equal([160, 60, 110], Greys(Rendered.By(path => PredictionGallery.SaveMostUnsure(data, path, count: 3))));
    }

    [Fact]
    public void NothingWrong_WritesNothing()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.png");
        Assert.Equal(0, PredictionGallery.SaveMostWrong(Rows((10, 0, [0.9f, 0.1f])), path));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void RowsWithoutScoresOrLabel_AreLeftOut()
    {
        var data = Rows((10, 0, [float.NaN, float.NaN]), (60, 9, [0.2f, 0.8f]), (110, 0, [0.2f, 0.8f]));
        Assert.Equal([110], Greys(Rendered.By(path => PredictionGallery.SaveMostWrong(data, path))));
    }

    [Fact]
    public void ColumnThatIsNotThere_IsNamedWithThoseThatAre() =>
        Assert.Contains("'Photo' of pictures, but there are: Image, Label, Score", Assert.Throws<ArgumentException>(() => PredictionGallery.SaveMostWrong(Rows((10, 0, [1, 0])), "x.png", "Photo")).Message);

    // the greys of the tiles from left to right, along a line through the first row of pictures
    private static List<int> Greys(Rendered sheet)
    {
        var greys = new List<int>();
        for (var (y, x, run, last) = ((int)sheet.Height, 0, 0, -1); x < 2 * sheet.Width; x++)
        {
            var pixel = sheet.Pixel(x, y);
            var grey = pixel.Red == pixel.Green && pixel.Green == pixel.Blue && pixel.Red < 250 ? pixel.Red : -1;
            run = grey == last ? run + 1 : 0;
            last = grey;
            if (run == 20 && grey >= 0)
                greys.Add(grey);
        }
        return greys;
    }
}
