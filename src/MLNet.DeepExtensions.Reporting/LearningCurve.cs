using ScottPlot;

namespace MLNet.DeepExtensions;

/// <summary>Draws how training and validation went, epoch by epoch.</summary>
public static class LearningCurve
{
    private const int PanelWidth = 640, PanelHeight = 440;

    // Okabe and Ito's blue and vermilion differ for every kind of colour vision, and one line is dashed
    private static readonly Color trainColor = Color.FromHex("#0072B2");
    private static readonly Color validationColor = Color.FromHex("#D55E00");

    /// <summary>Writes a PNG with a panel for the loss and one for each other metric; the epoch whose weights the model has is marked.</summary>
    /// <param name="history">The history of a run, at least one epoch long.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="ArgumentException">No epoch has ended, so there is nothing to draw.</exception>
    public static void SaveLearningCurve(this TrainingHistory history, string path)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Epochs.Count == 0)
            throw new ArgumentException("The history has no epoch: the run was stopped before its first epoch ended, and there is nothing to draw.", nameof(history));
        var metrics = history.Epochs[0].Train.Keys.ToList();
        var panels = new Multiplot();
        panels.AddPlots(metrics.Count);
        panels.Layout = new ScottPlot.MultiplotLayouts.Columns();
        for (var i = 0; i < metrics.Count; i++)
            Draw(panels.Subplots.GetPlot(i), history, metrics[i]);
        PngFile.Save(path, PanelWidth * metrics.Count, PanelHeight,
            canvas => panels.Render(canvas, new PixelRect(0, PanelWidth * metrics.Count, PanelHeight, 0)));
    }

    private static void Draw(Plot plot, TrainingHistory history, string metric)
    {
        Line(plot, history.Epochs.Select(epoch => (epoch.Epoch, epoch.Train)), metric, "training", trainColor, dashed: false);
        if (history.Epochs[0].Validation is not null)
            Line(plot, history.Epochs.Select(epoch => (epoch.Epoch, epoch.Validation!)), metric, "validation", validationColor, dashed: true);
        var last = history.Epochs.Count;
        if (history.BestEpoch > 0 && history.BestEpoch < last)
        {
            var mark = plot.Add.VerticalLine(history.BestEpoch, 1.5f, Color.FromHex("#555555"), LinePattern.Dotted);
            mark.LegendText = $"weights of epoch {history.BestEpoch}";
        }
        plot.Title(char.ToUpperInvariant(metric[0]) + metric[1..]);
        plot.XLabel("Epoch");
        EmbeddedFont.UseIn(plot);
        plot.Axes.SetLimitsX(last == 1 ? 0.5 : 1 - 0.02 * last, last == 1 ? 1.5 : last + 0.02 * last);
        // whole epochs only, and few enough to be read
        var step = Math.Max(1, (int)Math.Ceiling(last / 12.0));
        var ticks = Enumerable.Range(1, last).Where(epoch => (epoch - 1) % step == 0).ToArray();
        plot.Axes.Bottom.SetTicks([.. ticks.Select(epoch => (double)epoch)], [.. ticks.Select(epoch => epoch.ToString())]);
        plot.Grid.MajorLineColor = Color.FromHex("#E6E6E6");
        plot.ShowLegend(metric == "loss" ? Alignment.UpperRight : Alignment.LowerRight);
        plot.Legend.FontName = EmbeddedFont.Name;
    }

    private static void Line(Plot plot, IEnumerable<(int Epoch, IReadOnlyDictionary<string, double> Values)> epochs, string metric, string name, Color color, bool dashed)
    {
        var points = epochs.Where(epoch => epoch.Values.TryGetValue(metric, out var value) && double.IsFinite(value))
            .Select(epoch => new Coordinates(epoch.Epoch, epoch.Values[metric])).ToArray();
        if (points.Length == 0)
            return;
        var line = plot.Add.Scatter(points, color);
        line.LegendText = name;
        line.LineWidth = 2;
        line.LinePattern = dashed ? LinePattern.Dashed : LinePattern.Solid;
        line.MarkerSize = points.Length <= 30 ? 6 : 0;
        line.MarkerShape = dashed ? MarkerShape.FilledSquare : MarkerShape.FilledCircle;
    }
}
