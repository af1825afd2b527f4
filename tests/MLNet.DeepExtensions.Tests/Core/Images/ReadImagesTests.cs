using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions.Tests;

public sealed class ReadImagesTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string> GoodNames => [.. DifficultPictures.Good];

    public static TheoryData<string> BrokenNames => [.. DifficultPictures.Broken.Keys, "folder.jpg", "dangling.jpg", "missing.jpg"];

    [Theory, MemberData(nameof(GoodNames))]
    public void ReadImages_GoodFile_GivesUprightPictureOfRightColours(string name)
    {
        DifficultPictures.WriteGood(folder);
        using var image = Read(name);
        Assert.Equal((DifficultPictures.Width, DifficultPictures.Height), name is "exif-5.jpg" or "exif-6.jpg" or "exif-7.jpg" or "exif-8.jpg" ? (image.Height, image.Width) : (image.Width, image.Height));
        if (name.StartsWith("grey") || name is "one-bit.png")
        {
            Assert.All(new[] { (0, 0), (15, 0), (0, 7) }, at => Assert.Single(At(image, at.Item1, at.Item2).Distinct()));
            return;
        }
        // where a camera would have put the corner that is red in the file
        (double X, double Y) red = name switch
        {
            "exif-2.jpg" or "exif-6.jpg" => (1, 0),
            "exif-3.jpg" or "exif-7.jpg" => (1, 1),
            "exif-4.jpg" or "exif-8.jpg" => (0, 1),
            _ => (0, 0),
        };
        var corner = At(image, (int)(red.X * (image.Width - 1)), (int)(red.Y * (image.Height - 1)));
        if (name == "transparent.png")
            Assert.Equal([0, 0, 0], corner);
        else
            Assert.True(corner[0] > 200 && corner[1] < 60 && corner[2] < 60, $"{name}: {string.Join(", ", corner)}");
    }

    [Theory, MemberData(nameof(BrokenNames))]
    public void ReadImages_BrokenFile_NamesItAndSaysWhy(string name)
    {
        DifficultPictures.WriteBroken(folder);
        var error = Assert.Throws<InvalidImageException>(() => Read(name));
        Assert.Contains(name, error.Message);
        Assert.DoesNotContain("Exception", error.Reason);
    }

    [Fact]
    public void ReadImages_LyingPhotoAndUprightIsOff_LeavesItAsItLies()
    {
        DifficultPictures.WriteGood(folder);
        using var image = Read("exif-6.jpg", new ImageReading { Upright = false });
        Assert.Equal((16, 8), (image.Width, image.Height));
    }

    [Theory]
    [InlineData(ImageFit.Crop)]
    [InlineData(ImageFit.Pad)]
    [InlineData(ImageFit.Stretch)]
    public void ReadImages_OtherProportions_FitsAsAsked(ImageFit fit)
    {
        DifficultPictures.WriteGood(folder);
        using var image = Read("palette.png", new ImageReading { Height = 8, Width = 8, Fit = fit });
        Assert.Equal((8, 8), (image.Width, image.Height));
        byte[] red = [255, 0, 0], black = [0, 0, 0];
        Assert.Equal(fit == ImageFit.Pad ? black : red, At(image, 0, 0));
        Assert.Equal(red, At(image, 0, fit == ImageFit.Pad ? 2 : 0));
    }

    [Fact]
    public void ReadImages_MorePixelsThanAllowed_SaysTheLimit()
    {
        DifficultPictures.WriteGood(folder);
        Assert.Contains("MaxPixels = 100", Assert.Throws<InvalidImageException>(() => Read("palette.png", new ImageReading { MaxPixels = 100 })).Message);
        Assert.Contains("MaxBytes = 50", Assert.Throws<InvalidImageException>(() => Read("palette.png", new ImageReading { MaxBytes = 50 })).Message);
    }

    [Fact]
    public void ReadImages_HeightWithoutWidth_SaysThatTheyBelongTogether() =>
        Assert.Contains("Height and Width belong together", Assert.Throws<ArgumentException>(() => ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = 8 })).Message);

    [Fact]
    public void ReadImages_ColumnOfNumbers_SaysWhatItTakes()
    {
        var data = ml.Data.LoadFromEnumerable([new { ImagePath = 3f }]);
        Assert.Contains("must hold paths", Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ReadImages("Image", "ImagePath").Fit(data)).Message);
    }

    private sealed class FromPath
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class FromBytes
    {
        [ColumnName("ImagePath")]
        public byte[] Content { get; set; } = [];
    }

    private sealed class FromImage
    {
        [ColumnName("ImagePath"), ImageType(DifficultPictures.Height, DifficultPictures.Width)]
        public MLImage? Image { get; set; }
    }

    private sealed class Pixels
    {
        [ImageType(4, 4)]
        public MLImage? Image { get; set; }
    }

    [Fact]
    public void SavedStep_PathBytesOrPicture_GiveTheSamePixels()
    {
        DifficultPictures.WriteGood(folder);
        var path = Path.Combine(folder, "palette.png");
        var data = ml.Data.LoadFromEnumerable([new FromPath { ImagePath = path }]);
        using var file = new MemoryStream();
        ml.Model.Save(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = 4, Width = 4 }).Fit(data), data.Schema, file);
        file.Position = 0;
        var step = new MLContext().Model.Load(file, out _);

        var fromPath = Predict(new FromPath { ImagePath = path });
        Assert.Equal(16 * 4, fromPath.Length);
        Assert.Equal(fromPath, Predict(new FromBytes { Content = File.ReadAllBytes(path) }));
        using var image = MLImage.CreateFromFile(path);
        Assert.Equal(fromPath, Predict(new FromImage { Image = image }));

        byte[] Predict<T>(T row) where T : class
        {
            using var engine = ml.Model.CreatePredictionEngine<T, Pixels>(step);
            return ImageDoors.PixelsOf(engine.Predict(row).Image!).ToArray();
        }
    }

    [Fact]
    public void ReadImages_ThenMLNetsOwnSteps_Works()
    {
        DifficultPictures.WriteGood(folder);
        var data = ml.Data.LoadFromEnumerable([new FromPath { ImagePath = Path.Combine(folder, "baseline.jpg") }]);
        var pipeline = ml.Transforms.ReadImages("Image", "ImagePath")
            .Append(ml.Transforms.ResizeImages("Image", 6, 5, resizing: ImageResizingEstimator.ResizingKind.Fill)).Append(ml.Transforms.ConvertToGrayscale("Image"));
        var view = pipeline.Fit(data).Transform(data);
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        MLImage image = null!;
        cursor.GetGetter<MLImage>(view.Schema["Image"])(ref image);
        Assert.Equal((6, 5), (image.Width, image.Height));
    }

    private MLImage Read(string name, ImageReading? settings = null)
    {
        var data = ml.Data.LoadFromEnumerable([new FromPath { ImagePath = name }]);
        var view = ml.Transforms.ReadImages("Image", "ImagePath", (settings ?? new ImageReading()) with { Folder = folder }).Fit(data).Transform(data);
        using var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        MLImage image = null!;
        cursor.GetGetter<MLImage>(view.Schema["Image"])(ref image);
        return MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, ImageDoors.PixelsOf(image));
    }

    // red, green, blue
    private static byte[] At(MLImage image, int x, int y)
    {
        var planes = new byte[3 * image.Width * image.Height];
        ImagePlanes.Split(ImageDoors.PixelsOf(image), image.PixelFormat == MLPixelFormat.Bgra32, planes);
        return [.. Enumerable.Range(0, 3).Select(channel => planes[(channel * image.Height + y) * image.Width + x])];
    }
}
