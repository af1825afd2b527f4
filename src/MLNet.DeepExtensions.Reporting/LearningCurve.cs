using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws how training and validation went, epoch by epoch.</summary>
public static class LearningCurve
{
    private const float Margin = 24, Between = 28, LegendSample = 30;
    private const int MostInARow = 3;

    /// <summary>
    /// Writes a PNG with a panel for the loss and one for each other metric: training with round marks, validation with square ones (dashed up to 40 epochs),
    /// a ring and a dotted line at the epoch whose weights the model has. Where a value is not a number or infinite the line has a gap.
    /// </summary>
    /// <param name="history">The history of a run, at least one epoch long.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="title">What stands above the picture; null for nothing.</param>
    /// <exception cref="ArgumentException">No epoch has ended, so there is nothing to draw; or the path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void SaveLearningCurve(this TrainingHistory history, string path, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Epochs.Count == 0)
            throw new ArgumentException("The history has no epoch: it was stopped before its first epoch ended, and there is nothing to draw.", nameof(history));
        PngFile.Check(path);
        var png = Encode(history, title);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>The picture as a PNG file's bytes.</summary>
    internal static byte[] Encode(TrainingHistory history, string? title)
    {
        var panels = MetricsOf(history).Select(metric => new LearningCurvePanel(history, metric)).ToList();
        var columns = panels.Count == 4 ? 2 : Math.Min(panels.Count, MostInARow);
        var rows = (panels.Count + columns - 1) / columns;
        var panelWidth = columns == 1 ? 720f : 560f;
        const float PanelHeight = 400;
        using var titleText = new Lettering(19);
        using var text = new Lettering(13);
        var titleBaseline = title is null ? Margin - 12 : Margin + titleText.Size;
        var legendMiddle = titleBaseline + 12 + text.Size;
        var top = legendMiddle + text.Size + 18;
        var width = 2 * Margin + columns * panelWidth + (columns - 1) * Between;
        return PngFile.Encode(width, top + rows * PanelHeight + (rows - 1) * Between + Margin, canvas =>
        {
            if (title is not null)
                titleText.Draw(canvas, titleText.CutEnd(title, width - 2 * Margin), Margin, titleBaseline, SKTextAlign.Left, Ink.Text);
            DrawLegend(canvas, history, text, legendMiddle);
            for (var i = 0; i < panels.Count; i++)
            {
                var (x, y) = (Margin + i % columns * (panelWidth + Between), top + i / columns * (PanelHeight + Between));
                panels[i].Draw(canvas, SKRect.Create(x, y, panelWidth, PanelHeight));
            }
        });
    }

    /// <summary>The epoch to mark: the one whose weights the model has, where that was a choice.</summary>
    internal static int? MarkedEpoch(TrainingHistory history) =>
        history.BestEpoch > 0 && (history.BestEpoch != history.Epochs[^1].Epoch || HasValidation(history)) ? history.BestEpoch : null;

    /// <summary>All metrics that an epoch has, the loss first.</summary>
    internal static IReadOnlyList<string> MetricsOf(TrainingHistory history) =>
        [.. history.Epochs.SelectMany(epoch => epoch.Train.Keys.Concat(epoch.Validation?.Keys ?? [])).Distinct().OrderBy(name => name == "loss" ? 0 : 1)];

    private static bool HasValidation(TrainingHistory history) => history.Epochs.Any(epoch => epoch.Validation is not null);

    // above the panels, once for all: never over the lines
    private static void DrawLegend(SKCanvas canvas, TrainingHistory history, Lettering text, float middle)
    {
        var x = Margin;
        Entry("training", Ink.Blue, dashes: null, (at, paint) => canvas.DrawCircle(at, middle, 3.5f, paint));
        if (HasValidation(history))
            Entry("validation", Ink.Vermilion, dashes: LearningCurvePanel.MarksEach(history) ? [6, 4] : null, (at, paint) =>
                canvas.DrawRect(at - 3.2f, middle - 3.2f, 6.4f, 6.4f, paint));
        if (MarkedEpoch(history) is { } marked)
            Entry($"the model has the weights of epoch {marked}", Ink.Quiet, dashes: [1.5f, 3], (at, paint) =>
            {
                paint.Style = SKPaintStyle.Stroke;
                paint.StrokeWidth = 1.8f;
                canvas.DrawCircle(at, middle, 5.5f, paint);
            });

        void Entry(string name, SKColor colour, float[]? dashes, Action<float, SKPaint> drawMark)
        {
            using var line = new InkStroke(colour, 2, dashes);
            canvas.DrawLine(x, middle, x + LegendSample, middle, line.Paint);
            using var mark = new SKPaint { Color = colour, IsAntialias = true };
            drawMark(x + LegendSample / 2, mark);
            x += LegendSample + 8;
            text.Draw(canvas, name, x, middle + text.MiddleToBaseline, SKTextAlign.Left, Ink.Text);
            x += text.Measure(name) + 28;
        }
    }
}
