using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class AugmentationPreviewTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("preview").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class Row
    {
        [VectorType(3, 4, 2)]
        public byte[] Picture { get; set; } = [];
    }

    [Fact]
    public void Batch_GivesEachRowAsItIs_ThenItsVariants_ChannelsLast()
    {
        // red above, blue below; the second row is its own mirror
        var data = ml.Transforms.AugmentImages("Picture", new RandomVerticalFlip(1)).Fit(Data()).Transform(Data());
        var pictures = AugmentationPreview.Batch(data, "Picture", count: 5, variants: 2);
        Assert.Equal([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], pictures.Select(picture => (picture.Row, picture.Variant)));
        Assert.All(pictures, picture => Assert.Equal((4, 2, 24), (picture.Height, picture.Width, picture.Pixels.Length)));
        Assert.Equal([255, 0, 0], pictures[0].Pixels[..3].ToArray());
        Assert.Equal([0, 0, 255], pictures[1].Pixels[..3].ToArray());
        Assert.Equal(pictures[1].Pixels.ToArray(), pictures[2].Pixels.ToArray());
    }

    [Fact]
    public void Batch_OfCrops_ShowsThePictureAsScoringSeesIt()
    {
        var data = ml.Transforms.AugmentImages("Picture", new RandomCrop(2)).Fit(Data()).Transform(Data());
        var first = AugmentationPreview.Batch(data, "Picture", count: 1, variants: 1)[0];
        Assert.Equal((2, 2), (first.Height, first.Width));
        Assert.Equal([255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255], first.Pixels.ToArray());
    }

    [Fact]
    public void Batch_PassesOverPicturesThatCannotBeRead()
    {
        ColouredSquares.Draw(folder, 4);
        File.WriteAllText(Path.Combine(folder, "blue", "0.png"), "no picture");
        var files = ml.Data.LoadImageFolder(folder);
        var data = ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = 8, Width = 8 }).Append(ml.Transforms.AugmentImages("Image", new RandomHorizontalFlip())).Fit(files).Transform(files);
        Assert.Equal([0, 1, 2], AugmentationPreview.Batch(data, "Image", count: 5, variants: 0).Select(picture => picture.Row));
    }

    [Fact]
    public void Batch_WithoutAugmentations_SaysWhatToDo() =>
        Assert.Contains("AugmentImages(\"Picture\", …)", Assert.Throws<ArgumentException>(() => AugmentationPreview.Batch(Data(), "Picture")).Message);

    [Fact]
    public void Sheet_IsAColourPng_ALineForEachRow()
    {
        var path = Path.Combine(folder, "sheet.png");
        var data = ml.Transforms.AugmentImages("Picture", new RandomVerticalFlip(1), new MixUp()).Fit(Data()).Transform(Data());
        AugmentationSheet.Save(data, "Picture", path, pictures: 2, variants: 3);
        using var sheet = SKBitmap.Decode(path);
        Assert.True(sheet.Width > 4 * 64 && sheet.Height > 2 * 128);
        Assert.Contains(new SKColor(255, 0, 0), sheet.Pixels);
        Assert.Contains(new SKColor(0, 0, 255), sheet.Pixels);
    }

    private IDataView Data() => ml.Data.LoadFromEnumerable(new[]
    {
        new Row { Picture = [255, 255, 255, 255, 0, 0, 0, 0, .. new byte[8], 0, 0, 0, 0, 255, 255, 255, 255] },
        new Row { Picture = [.. Enumerable.Repeat((byte)128, 24)] },
    });
}
