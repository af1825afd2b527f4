using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public class LearningCurveTests
{
    // in points, without a title: the legend's strip, then each panel's name and values, then its lines
    private static readonly SKRect legend = SKRect.Create(0, 20, 700, 34);
    private const float PlotTop = 120, PanelWidth = 560;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(10, true)]
    [InlineData(500, true)]
    [InlineData(500, false)]
    public void EachMetric_HasAPanelWithItsNameAndLines(int epochs, bool validation)
    {
        var picture = Rendered.By(path => History(epochs, validation).SaveLearningCurve(path));
        Assert.Equal(2 * 24 + 2 * PanelWidth + 28, picture.Width);
        foreach (var left in new[] { 24f, 24 + PanelWidth + 28 })
        {
            var plot = SKRect.Create(left, PlotTop, PanelWidth, picture.Height - PlotTop);
            Assert.True(picture.Count(plot, Rendered.Is(Ink.Blue)) > 50, "the training line is missing");
            Assert.Equal(validation, picture.Count(plot, Rendered.Is(Ink.Vermilion)) > 50);
            Assert.True(picture.Count(SKRect.Create(left, 68, 100, 20), Rendered.IsInk) > 50, "the panel's name is missing");
            Assert.True(picture.Count(SKRect.Create(left, 90, 200, 16), Rendered.IsInk) > 50, "the values are missing");
        }
        Assert.Equal(validation, picture.Count(legend, Rendered.Is(Ink.Vermilion)) > 50);
    }

    [Fact]
    public void Legend_IsAboveThePanels_NeverOverTheLines()
    {
        var picture = Rendered.By(path => History(10, validation: true).SaveLearningCurve(path));
        Assert.True(picture.Count(legend, Rendered.Is(Ink.Blue)) > 50);
        // between the legend and the panels' names nothing is drawn
        Assert.All(picture.Where(SKRect.Create(0, 50, picture.Width, 15), colour => !Rendered.IsWhite(colour)), point => Assert.Fail($"ink at {point}"));
    }

    [Fact]
    public void BestEpoch_IsMarkedOverItsEpoch()
    {
        var picture = Rendered.By(path => History(9, validation: true, best: 5).SaveLearningCurve(path));
        var plot = SKRect.Create(24, PlotTop, PanelWidth, picture.Height - PlotTop - 60);
        // epochs 1 and 9 end the lines, so epoch 5 lies between them
        var line = picture.Where(plot, Rendered.Is(Ink.Blue)).ToList();
        var middle = (line.Min(point => point.X) + line.Max(point => point.X)) / 2;
        var dots = picture.Count(SKRect.Create(middle - 2, plot.Top, 4, plot.Height), Rendered.Is(Ink.Quiet));
        Assert.True(dots > 100, $"{dots} pixels at {middle}");
        Assert.Equal(0, picture.Count(SKRect.Create(middle + 12, plot.Top, 20, plot.Height), Rendered.Is(Ink.Quiet)));
    }

    [Fact]
    public void BestEpoch_IsMarkedOnlyWhereItWasAChoice()
    {
        Assert.Null(LearningCurve.MarkedEpoch(History(4, validation: false, best: 4)));
        Assert.Null(LearningCurve.MarkedEpoch(History(4, validation: true, best: 0)));
        Assert.Equal(4, LearningCurve.MarkedEpoch(History(4, validation: true, best: 4)));
        Assert.Equal(2, LearningCurve.MarkedEpoch(History(4, validation: false, best: 2)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e300)]
    public void ValueThatIsNoNumber_IsAGap(double broken)
    {
        var picture = Rendered.By(path => With(History(9, validation: false, best: 9), epoch: 5, broken).SaveLearningCurve(path));
        var plot = SKRect.Create(24, PlotTop, PanelWidth, picture.Height - PlotTop - 60);
        var line = picture.Where(plot, Rendered.Is(Ink.Blue)).ToList();
        var (first, last) = (line.Min(point => point.X), line.Max(point => point.X));
        var step = (last - first) / 8;
        Assert.DoesNotContain(line, point => Math.Abs(point.X - (first + last) / 2) < 0.8f * step);
        Assert.Contains(line, point => Math.Abs(point.X - (first + 2.5f * step)) < 2);
    }

    [Fact]
    public void MetricThatIsNeverANumber_LeavesItsPanelEmpty()
    {
        var history = History(3, validation: true);
        for (var epoch = 1; epoch <= 3; epoch++)
            history = With(history, epoch, double.NaN);
        var picture = Rendered.By(path => history.SaveLearningCurve(path));
        Assert.Equal(0, picture.Count(SKRect.Create(24, PlotTop, PanelWidth, 300), Rendered.Is(Ink.Blue)));
        Assert.Equal("epoch 1: training not a number, validation 2.3", new LearningCurvePanel(history, "loss").Note());
    }

    [Fact]
    public void SparseValidation_AndMetricsThatComeLater_AreDrawn()
    {
        var history = History(6, validation: true);
        history = history with
        {
            Epochs = [.. history.Epochs.Select(epoch => epoch with
            {
                Epoch = epoch.Epoch + 10,
                Validation = epoch.Epoch % 2 == 0 ? new Dictionary<string, double> { ["loss"] = 1, ["auc"] = 0.5 } : null,
            })],
        };
        Assert.Equal(["loss", "accuracy", "auc"], LearningCurve.MetricsOf(history));
        var picture = Rendered.By(path => history.SaveLearningCurve(path));
        Assert.Equal(2 * 24 + 3 * PanelWidth + 2 * 28, picture.Width);
    }

    [Fact]
    public void Note_GivesTheValuesOfTheEpochWhoseWeightsTheModelHas()
    {
        Assert.Equal("epoch 2: training 1, validation 1.2", new LearningCurvePanel(History(4, validation: true, best: 2), "loss").Note());
        Assert.Equal("epoch 4: training 0.5", new LearningCurvePanel(History(4, validation: false, best: 4), "loss").Note());
    }

    [Fact]
    public void SameHistory_GivesTheSameBytes_InAnyCultureAndOnAnyThread()
    {
        var history = History(7, validation: true);
        var first = Rendered.By(path => history.SaveLearningCurve(path, "Seven epochs"));
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        Parallel.For(0, 8, _ =>
        {
            CultureInfo.CurrentCulture = comma;
            var again = Rendered.By(path => history.SaveLearningCurve(path, "Seven epochs"));
            Assert.Equal(first.Png, again.Png);
        });
    }

    [Fact]
    public void NoEpoch_SaysWhy() =>
        Assert.Contains("The history has no epoch", Assert.Throws<ArgumentException>(() => new TrainingHistory().SaveLearningCurve("x.png")).Message);

    internal static TrainingHistory History(int epochs, bool validation, int? best = null) => new()
    {
        BestEpoch = best ?? Math.Max(1, epochs - 2),
        Epochs = [.. Enumerable.Range(1, epochs).Select(epoch => new EpochReport
        {
            Epoch = epoch,
            Epochs = epochs,
            Step = epoch,
            LearningRate = 0.1,
            Rows = 100,
            Duration = TimeSpan.FromSeconds(1),
            Train = new Dictionary<string, double> { ["accuracy"] = 1 - 0.9 / epoch, ["loss"] = 2.0 / epoch },
            Validation = validation ? new Dictionary<string, double> { ["loss"] = 2.2 / epoch + 0.1, ["accuracy"] = 0.95 - 0.9 / epoch } : null,
        })],
    };

    private static TrainingHistory With(TrainingHistory history, int epoch, double loss) => history with
    {
        Epochs = [.. history.Epochs.Select(report => report.Epoch == epoch ? report with { Train = new Dictionary<string, double>(report.Train) { ["loss"] = loss } } : report)],
    };
}
