using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public sealed class LearningRatePictureTests
{
    private const float PlotTop = 100, PlotBottom = 454;

    // falls like a step around 1e-2, is lowest at 1, rises without end
    internal static LearningRateCurve Curve(int steps = 100, double from = 1e-7, double to = 10) => new()
    {
        Diverged = true,
        Points = [.. Enumerable.Range(0, steps).Select(i =>
        {
            var rate = from * Math.Pow(to / from, i / (steps - 1.0));
            var loss = 0.3 + 2 / (1 + rate / 1e-2) + Math.Pow(rate / 2, 3);
            return new LearningRatePoint(rate, loss + 0.1 * Math.Sin(i * 7), loss);
        })],
    };

    [Fact]
    public void TheLine_ThePointsAndTheSuggestions_AreDrawn()
    {
        var picture = Rendered.By(path => Curve().SaveLearningRateCurve(path));
        var plot = new SKRect(24, PlotTop, picture.Width, PlotBottom);
        Assert.True(picture.Count(plot, Rendered.Is(Ink.Blue)) > 1000, "the line is missing");
        Assert.True(picture.Count(plot, Rendered.Is(Ink.Nothing)) > 200, "the points are missing");
        Assert.True(picture.Count(plot, Rendered.Is(Ink.Vermilion)) > 300, "a tenth of the minimum is missing");
        Assert.True(picture.Count(plot, Rendered.Is(Ink.Quiet)) > 100, "the steepest is missing");
        Assert.True(picture.Count(SKRect.Create(0, PlotBottom + 2, picture.Width, 25), Rendered.IsInk) > 200, "the ticks are missing");
    }

    [Fact]
    public void ASuggestion_StandsAtItsRate_OnALogarithmicAxis()
    {
        var curve = Curve();
        var picture = Rendered.By(path => curve.SaveLearningRateCurve(path));
        var plot = new SKRect(24, PlotTop, picture.Width, PlotBottom);
        var line = picture.Where(plot, Rendered.Is(Ink.Blue)).Select(point => point.X).ToList();
        var share = Math.Log(curve.TenthOfMinimum!.Value / curve.Points[0].LearningRate) / Math.Log(curve.Points[^1].LearningRate / curve.Points[0].LearningRate);
        var marks = picture.Where(plot, Rendered.Is(Ink.Vermilion)).Select(point => point.X).ToList();
        // the line leaves the picture at its top a little before its end
        Assert.Equal(line.Min() + share * (picture.Width - 24 - 8 - line.Min()), marks.Average(), 2.0);
    }

    [Fact]
    public void Divergence_DoesNotSqueezeTheValley()
    {
        var (low, high) = LearningRatePicture.LossLimits(Curve());
        Assert.InRange(low, 0, 0.5);
        Assert.InRange(high, 2.3, 4);
        // points beyond the top stay out of the legend
        var picture = Rendered.By(path => Curve().SaveLearningRateCurve(path));
        Assert.Equal(0, picture.Count(SKRect.Create(0, 50, picture.Width, 15), colour => !Rendered.IsWhite(colour)));
    }

    [Fact]
    public void ACurveWithoutASuggestion_IsDrawn_AndOneStepIsNot()
    {
        var flat = new LearningRateCurve { Points = [new(1e-3, 1, 1), new(1e-2, 1, 1), new(1e-1, 1, 1)] };
        Assert.True(Rendered.By(path => flat.SaveLearningRateCurve(path)).Count(new SKRect(24, PlotTop, 700, PlotBottom), Rendered.Is(Ink.Blue)) > 500);
        Assert.Contains("a line needs two", Assert.Throws<ArgumentException>(() => new LearningRateCurve { Points = [new(1, 1, 1)] }.SaveLearningRateCurve("x.png")).Message);
    }

    [Theory]
    [InlineData(0.00123, "0.0012")]
    [InlineData(1.23e-5, "1.2e-5")]
    [InlineData(0.1, "0.1")]
    [InlineData(12.6, "13")]
    public void ARate_HasTwoDigits(double rate, string text) => Assert.Equal(text, LearningRatePicture.Rate(rate));
}
