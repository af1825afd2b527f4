using System.Globalization;
using ScottPlot;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>One metric over the epochs: its name, its values at the marked epoch, its lines.</summary>
internal sealed class LearningCurvePanel(TrainingHistory history, string metric)
{
    // with more points than this, dashes and marks run into each other: lines become solid, with a mark here and there
    private const int MostMarks = 40, MarksHereAndThere = 12;
    private const float HeadingHeight = 50;

    private readonly IReadOnlyList<Coordinates> training = Values(history, metric, epoch => epoch.Train);
    private readonly IReadOnlyList<Coordinates> validation = Values(history, metric, epoch => epoch.Validation);

    public void Draw(SKCanvas canvas, SKRect box)
    {
        using var name = new Lettering(16);
        using var note = new Lettering(12);
        name.Draw(canvas, name.CutEnd(char.ToUpperInvariant(metric[0]) + metric[1..], box.Width), box.Left, box.Top + name.Size, SKTextAlign.Left, Ink.Text);
        note.Draw(canvas, note.CutEnd(Note(), box.Width), box.Left, box.Top + name.Size + 8 + note.Size, SKTextAlign.Left, Ink.Quiet);
        // ScottPlot scales the canvas it is given and leaves it so
        canvas.Save();
        using var plot = Plot();
        plot.Render(canvas, new PixelRect(box.Left, box.Right, box.Bottom, box.Top + HeadingHeight));
        canvas.Restore();
    }

    /// <summary>The values at the epoch whose weights the model has: what one looks for first.</summary>
    internal string Note()
    {
        var epoch = LearningCurve.MarkedEpoch(history) ?? history.Epochs[^1].Epoch;
        var parts = new[] { ("training", training), ("validation", validation) }
            .Where(line => line.Item2.Any(point => point.X == epoch))
            .Select(line => $"{line.Item1} {Number(line.Item2.First(point => point.X == epoch).Y)}");
        return $"epoch {epoch}: {string.Join(", ", parts)}";
    }

    private Plot Plot()
    {
        var plot = new Plot();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        EmbeddedFont.UseIn(plot);
        plot.Axes.Top.IsVisible = plot.Axes.Right.IsVisible = false;
        plot.Axes.Color(Colour(Ink.Quiet));
        plot.Axes.Bottom.Label.Text = "Epoch";
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = 13;
        plot.Grid.MajorLineColor = Color.FromHex("#E8E8E8");
        plot.Grid.XAxisStyle.IsVisible = false;

        var (first, last) = (history.Epochs[0].Epoch, history.Epochs[^1].Epoch);
        var padding = Math.Max(0.3, 0.02 * (last - first));
        plot.Axes.SetLimitsX(first - padding, last + padding);
        Ticks(plot.Axes.Bottom, AxisTicks.Epochs(first, last).Select(epoch => ((double)epoch, epoch.ToString(CultureInfo.InvariantCulture))));

        var values = training.Concat(validation).Select(point => point.Y).Where(IsDrawn).ToList();
        var (low, high) = values.Count == 0 ? (0, 1) : AxisTicks.Room(values.Min(), values.Max());
        plot.Axes.SetLimitsY(low, high);
        Ticks(plot.Axes.Left, values.Count == 0 ? [] : AxisTicks.Values(low, high));
        // ScottPlot centres the box of a label; digits fill only its upper part
        plot.Axes.Left.TickLabelStyle.OffsetY = 2;

        if (LearningCurve.MarkedEpoch(history) is { } marked)
            plot.Add.VerticalLine(marked, 1.5f, Colour(Ink.Quiet), LinePattern.Dotted);
        Line(plot, training, Ink.Blue, isValidation: false);
        Line(plot, validation, Ink.Vermilion, isValidation: true);
        if (LearningCurve.MarkedEpoch(history) is { } ringed)
            foreach (var point in training.Concat(validation).Where(point => point.X == ringed && IsDrawn(point.Y)))
                plot.Add.Marker(point, MarkerShape.OpenCircle, 12, Colour(Ink.Quiet)).MarkerLineWidth = 1.8f;
        return plot;
    }

    /// <summary>Whether so few epochs are drawn that each gets its mark and validation its dashes.</summary>
    internal static bool MarksEach(TrainingHistory history) => history.Epochs.Count <= MostMarks;

    private void Line(Plot plot, IReadOnlyList<Coordinates> points, SKColor colour, bool isValidation)
    {
        var each = MarksEach(history);
        var shape = isValidation ? MarkerShape.FilledSquare : MarkerShape.FilledCircle;
        foreach (var piece in Pieces(points))
        {
            var line = plot.Add.Scatter(piece, Colour(colour));
            line.LineWidth = each ? 2 : 1.6f;
            line.LinePattern = isValidation && each ? LinePattern.Dashed : LinePattern.Solid;
            // a piece of one point would be invisible without
            line.MarkerSize = each || piece.Length == 1 ? 7 : 0;
            line.MarkerShape = shape;
        }
        // the two lines' marks take turns, so that they do not cover each other
        var stride = Math.Max(1, points.Count / MarksHereAndThere);
        for (var i = isValidation ? stride / 2 : 0; !each && i < points.Count; i += stride)
            if (IsDrawn(points[i].Y))
                plot.Add.Marker(points[i], shape, 7, Colour(colour));
    }

    /// <summary>The stretches of finite values that follow each other.</summary>
    internal static IEnumerable<Coordinates[]> Pieces(IReadOnlyList<Coordinates> points)
    {
        var piece = new List<Coordinates>();
        foreach (var point in points.Append(new Coordinates(double.NaN, double.NaN)))
            if (IsDrawn(point.Y))
                piece.Add(point);
            else if (piece.Count > 0)
            {
                yield return [.. piece];
                piece.Clear();
            }
    }

    private static IReadOnlyList<Coordinates> Values(TrainingHistory history, string metric, Func<EpochReport, IReadOnlyDictionary<string, double>?> part) =>
        history.Epochs.Any(epoch => part(epoch)?.ContainsKey(metric) == true)
            ? [.. history.Epochs.Select(epoch => new Coordinates(epoch.Epoch, part(epoch)?.TryGetValue(metric, out var value) == true ? value : double.NaN))]
            : [];

    private static void Ticks(IAxis axis, IEnumerable<(double At, string Label)> ticks)
    {
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks.Select(tick => new Tick(tick.At, tick.Label))]);
        axis.TickLabelStyle.FontSize = 12;
        axis.MajorTickStyle.Length = 4;
        axis.FrameLineStyle.Color = Colour(Ink.Faint);
        axis.MajorTickStyle.Color = Colour(Ink.Faint);
    }

    private static string Number(double value) => Math.Abs(value) switch
    {
        double.NaN => "not a number",
        double.PositiveInfinity => "infinite",
        >= 1e6 or (> 0 and < 1e-3) => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("#,0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };

    // a loss on its way to infinity would squeeze everything else into a line
    private static bool IsDrawn(double value) => Math.Abs(value) < 1e100;

    private static Color Colour(SKColor colour) => new(colour.Red, colour.Green, colour.Blue);
}
