using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

/// <summary>Pictures are drawn, read back, and looked at for facts.</summary>
public sealed class PicturesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1, false)]
    [InlineData(10, true)]
    [InlineData(500, true)]
    public void LearningCurve_HasAPanelForEachMetric_WithLinesInTheirColours(int epochs, bool validation)
    {
        using var picture = Draw(path => History(epochs, validation).SaveLearningCurve(path));
        Assert.Equal((1280, 440), (picture.Width, picture.Height));
        foreach (var panel in new[] { 0, 640 })
        {
            Assert.True(Count(picture, panel, 640, color => Near(color, 0x00, 0x72, 0xB2)) > 10, "the training line is missing");
            Assert.Equal(validation, Count(picture, panel, 640, color => Near(color, 0xD5, 0x5E, 0x00)) > 10);
        }
        // the title: dark pixels in the empty strip above the plot, with whatever fonts this machine has
        Assert.True(CountIn(picture, SKRectI.Create(250, 4, 140, 24), IsDark) > 30, "the title is missing");
    }

    [Fact]
    public void LearningCurve_ToleratesALossThatIsNoNumber()
    {
        var history = History(5, validation: true);
        var epochs = history.Epochs.ToList();
        epochs[2] = epochs[2] with { Validation = new Dictionary<string, double> { ["loss"] = double.NaN, ["accuracy"] = 0.5 } };
        using var picture = Draw(path => (history with { Epochs = epochs }).SaveLearningCurve(path));
        Assert.True(Count(picture, 0, 640, color => Near(color, 0xD5, 0x5E, 0x00)) > 10);
    }

    [Fact]
    public void LearningCurve_OfNoEpoch_SaysWhy() =>
        Assert.Contains("no epoch", Assert.Throws<ArgumentException>(() => new TrainingHistory().SaveLearningCurve(Path.Combine(folder, "x.png"))).Message);

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    public void ConfusionMatrix_IsDarkWhereTheCountsAre(int classes)
    {
        using var picture = Draw(path => Matrix(classes).SavePicture(path));
        // all dark pixels, the colour of 100 %, lie in cells on the diagonal, and each of these has some; the scale in the last 90 columns is left out
        var dark = (from y in Enumerable.Range(0, picture.Height) from x in Enumerable.Range(0, picture.Width - 95) where Near(picture.GetPixel(x, y), 8, 48, 107) select (x, y)).ToList();
        var (left, top) = (dark.Min(place => place.x), dark.Min(place => place.y));
        var cell = (dark.Max(place => place.x) + 1 - left) / classes;
        Assert.All(dark, place => Assert.Equal((place.x - left) / cell, (place.y - top) / cell));
        Assert.Equal(classes, dark.Select(place => (place.x - left) / cell).Distinct().Count());
        Assert.True(CountIn(picture, SKRectI.Create(0, 0, picture.Width, 40), IsDark) > 30, "the title is missing");
    }

    [Fact]
    public void ConfusionMatrix_LongAndForeignNames_AreDrawn()
    {
        using var picture = Draw(path => Matrix(3).SavePicture(path, ["a name that is far too long to stand beside a row", "狗", "Ünïcode €"]));
        Assert.True(picture.Width < 1000);
    }

    [Fact]
    public void ConfusionMatrix_WrongNumberOfNames_SaysBoth() =>
        Assert.Contains("2 names for 3 classes", Assert.Throws<ArgumentException>(() => Matrix(3).SavePicture(Path.Combine(folder, "x.png"), ["a", "b"])).Message);

    [Fact]
    public void Sheet_EnlargesWithoutBlur_AndMarksWhatIsWrong()
    {
        byte[] checkers = [0, 255, 255, 0];
        using var picture = Draw(path => PictureSheet.Save([new(checkers, 2, 2, "right", true), new(checkers, 2, 2, "wrong", false)], path, columns: 2));
        // 2 × 2 pixels become 84 × 84: all black or white, nothing in between
        var tile = SKRectI.Create(14, 14, 84, 84);
        Assert.Equal(84 * 84, CountIn(picture, tile, color => color == SKColors.Black || color == SKColors.White));
        Assert.Equal(84 * 84 / 2, CountIn(picture, tile, color => color == SKColors.Black));
        var (left, right) = (SKRectI.Create(0, 0, 105, picture.Height), SKRectI.Create(105, 0, picture.Width - 105, picture.Height));
        Assert.Equal(0, CountIn(picture, left, color => Near(color, 0xD5, 0x5E, 0x00)));
        Assert.True(CountIn(picture, right, color => Near(color, 0xD5, 0x5E, 0x00)) > 4 * 84);
    }

    [Fact]
    public void Sheet_InColour_KeepsTheColours()
    {
        using var picture = Draw(path => PictureSheet.Save([new(new byte[] { 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9 }, 2, 2)], path));
        Assert.Equal(new SKColor(255, 0, 0), picture.GetPixel(20, 20));
        Assert.Equal(new SKColor(0, 255, 0), picture.GetPixel(90, 20));
        Assert.Equal(new SKColor(0, 0, 255), picture.GetPixel(20, 90));
    }

    [Fact]
    public void Sheet_PictureOfTheWrongSize_SaysWhatItNeeds() =>
        Assert.Contains("needs 4 bytes for grey or 12 for colour, but has 5", Assert.Throws<ArgumentException>(() => PictureSheet.Save([new(new byte[5], 2, 2)], Path.Combine(folder, "x.png"))).Message);

    [Fact]
    public void TheSameInput_GivesTheSameBytes()
    {
        var (a, b) = (Path.Combine(folder, "a.png"), Path.Combine(folder, "b.png"));
        History(7, validation: true).SaveLearningCurve(a);
        History(7, validation: true).SaveLearningCurve(b);
        Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
    }

    [Fact]
    public void FolderThatIsNotThere_SaysHowToMakeIt() =>
        Assert.Contains("Directory.CreateDirectory", Assert.Throws<DirectoryNotFoundException>(() => History(2, false).SaveLearningCurve(Path.Combine(folder, "no", "x.png"))).Message);

    [Fact]
    public void Font_IsTheOneThatComesAlong() => Assert.Equal("DejaVu Sans", EmbeddedFont.Typeface.FamilyName);

    private SKBitmap Draw(Action<string> save)
    {
        var path = Path.Combine(folder, "picture.png");
        save(path);
        return SKBitmap.Decode(path);
    }

    private static TrainingHistory History(int epochs, bool validation) => new()
    {
        BestEpoch = Math.Max(1, epochs - 2),
        Epochs = [.. Enumerable.Range(1, epochs).Select(epoch => new EpochReport
        {
            Epoch = epoch, Epochs = epochs, Step = epoch, LearningRate = 0.1, Rows = 100, Duration = TimeSpan.FromSeconds(1),
            Train = new Dictionary<string, double> { ["loss"] = 2.0 / epoch, ["accuracy"] = 1 - 0.9 / epoch },
            Validation = validation ? new Dictionary<string, double> { ["loss"] = 2.2 / epoch + 0.1, ["accuracy"] = 0.95 - 0.9 / epoch } : null,
        })],
    };

    private static ConfusionMatrix Matrix(int classes)
    {
        var ml = new MLContext(seed: 1);
        var rows = Enumerable.Range(0, classes * 3).Select(i => new Scored { Label = (uint)(i % classes), Score = [.. Enumerable.Range(0, classes).Select(c => c == i % classes ? 0.9f : 0.1f / classes)] });
        var schema = SchemaDefinition.Create(typeof(Scored));
        schema["Label"].ColumnType = new KeyDataViewType(typeof(uint), classes);
        schema["PredictedLabel"].ColumnType = new KeyDataViewType(typeof(uint), classes);
        schema["Score"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, classes);
        return ml.MulticlassClassification.Evaluate(ml.Data.LoadFromEnumerable(rows.Select(row => { row.PredictedLabel = row.Label; return row; }), schema)).ConfusionMatrix;
    }

    private static int Count(SKBitmap picture, int left, int width, Func<SKColor, bool> wanted) => CountIn(picture, SKRectI.Create(left, 0, width, picture.Height), wanted);

    private static int CountIn(SKBitmap picture, SKRectI area, Func<SKColor, bool> wanted)
    {
        var count = 0;
        for (var y = area.Top; y < Math.Min(area.Bottom, picture.Height); y++)
            for (var x = area.Left; x < Math.Min(area.Right, picture.Width); x++)
                if (wanted(picture.GetPixel(x, y)))
                    count++;
        return count;
    }

    private static bool Near(SKColor color, int r, int g, int b) => Math.Abs(color.Red - r) + Math.Abs(color.Green - g) + Math.Abs(color.Blue - b) < 24;

    private static bool IsDark(SKColor color) => color.Red + color.Green + color.Blue < 300;

    private sealed class Scored
    {
        public uint Label { get; set; }

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }
}
