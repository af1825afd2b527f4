using Microsoft.ML;
using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public sealed class ForecastPictureTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("forecast-picture").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Picture_HasHistoryForecastAndQuantiles()
    {
        var forecast = NewForecast();
        var path = Path.Combine(folder, "forecast.png");
        forecast.SavePicture(path, "b", Enumerable.Range(0, 60).Select(i => (float)Math.Sin(i)), [0, 1, float.NaN, 2], "Tides");
        using var picture = SKBitmap.Decode(path);
        Assert.Equal(1920, picture.Width);
        var colours = picture.Pixels.ToHashSet();
        Assert.Contains(Ink.Vermilion, colours);
        Assert.Contains(Ink.Quiet, colours);
        Assert.Contains(colours, colour => colour.Red > 240 && colour.Green is > 200 and < 225 && colour.Blue is > 180 and < 200);       // the area between the quantiles
    }

    [Fact]
    public void OfALongHistory_TwiceTheHorizonIsDrawn_AndAtLeast48()
    {
        var lines = new ForecastLines(NewForecast(), 0, [.. new float[500]], []);
        Assert.Equal(-47, lines.First);
        Assert.Equal(48, lines.Known.Count);
    }

    [Fact]
    public void AnUnknownTarget_IsAnErrorThatNamesThem() =>
        Assert.Contains("no target 'c', but a, b", Assert.Throws<ArgumentException>(() => NewForecast().SavePicture(Path.Combine(folder, "x.png"), "c", [1])).Message);

    private static Forecast NewForecast()
    {
        var columns = new ForecastColumns { Options = new ForecastOptions { TargetColumns = ["a", "b"], Window = 3, Horizon = 4 }, Targets = ["a", "b"] };
        var task = ForecastTask.For(columns, new OutputForm { Quantiles = [0.1, 0.9] });
        return new Forecast(task, [1, 2, 3, 4, 5, 6, 7, 8], [.. Enumerable.Range(0, 16).Select(i => (float)i)]);
    }
}
