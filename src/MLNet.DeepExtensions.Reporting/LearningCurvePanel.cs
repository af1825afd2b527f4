using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>One metric over the epochs: its name, its values at the marked epoch, its lines.</summary>
internal sealed class LearningCurvePanel(TrainingHistory history, string metric)
{
    // with more points than this, dashes and marks run into each other: lines become solid, with a mark here and there
    private const int MostMarks = 40, MarksHereAndThere = 12;
    private const float HeadingHeight = 50, TicksHeight = 44, TickLength = 4;

    private readonly IReadOnlyList<Point> training = Values(history, metric, epoch => epoch.Train);
    private readonly IReadOnlyList<Point> validation = Values(history, metric, epoch => epoch.Validation);

    /// <summary>What a metric was in an epoch; NaN where it was not measured.</summary>
    internal readonly record struct Point(int Epoch, double Value)
    {
        // a loss on its way to infinity would squeeze everything else into a line
        public bool IsDrawn => Math.Abs(Value) < 1e100;
    }

    public void Draw(SKCanvas canvas, SKRect box)
    {
        using var name = new Lettering(16);
        using var note = new Lettering(12);
        name.Draw(canvas, name.CutEnd(MetricTitle.Of(metric), box.Width), box.Left, box.Top + name.Size, SKTextAlign.Left, Ink.Text);
        note.Draw(canvas, note.CutEnd(Note(), box.Width), box.Left, box.Top + name.Size + 8 + note.Size, SKTextAlign.Left, Ink.Quiet);

        var values = training.Concat(validation).Where(point => point.IsDrawn).Select(point => point.Value).ToList();
        var (low, high) = values.Count == 0 ? (0, 1) : AxisTicks.Room(values.Min(), values.Max());
        IReadOnlyList<(double At, string Label)> ticks = values.Count == 0 ? [] : [.. AxisTicks.Values(low, high)];
        var labels = ticks.Select(tick => note.Measure(tick.Label)).DefaultIfEmpty(0).Max() + TickLength + 4;
        var area = new SKRect(box.Left + labels, box.Top + HeadingHeight + 6, box.Right - 8, box.Bottom - TicksHeight);
        var scale = new Scale(history, low, high, area);

        DrawAxes(canvas, scale, ticks, note);
        if (LearningCurve.MarkedEpoch(history) is { } marked)
        {
            using var dotted = new InkStroke(Ink.Quiet, 1.5f, [1.5f, 3]);
            canvas.DrawLine(scale.X(marked), area.Top, scale.X(marked), area.Bottom, dotted.Paint);
        }
        Line(canvas, scale, training, Ink.Blue, isValidation: false);
        Line(canvas, scale, validation, Ink.Vermilion, isValidation: true);
        using var ring = new InkStroke(Ink.Quiet, 1.8f);
        foreach (var point in training.Concat(validation).Where(point => point.Epoch == LearningCurve.MarkedEpoch(history) && point.IsDrawn))
            canvas.DrawCircle(scale.At(point), 6, ring.Paint);
    }

    /// <summary>The values at the epoch whose weights the model has: what one looks for first.</summary>
    internal string Note()
    {
        var epoch = LearningCurve.MarkedEpoch(history) ?? history.Epochs[^1].Epoch;
        var parts = new[] { ("training", training), ("validation", validation) }
            .Where(line => line.Item2.Any(point => point.Epoch == epoch))
            .Select(line => $"{line.Item1} {Number(line.Item2.First(point => point.Epoch == epoch).Value)}");
        return $"epoch {epoch}: {string.Join(", ", parts)}";
    }

    /// <summary>Whether so few epochs are drawn that each gets its mark and validation its dashes.</summary>
    internal static bool MarksEach(TrainingHistory history) => history.Epochs.Count <= MostMarks;

    // where an epoch and a value lie on the picture
    private sealed class Scale
    {
        private readonly double first, last, low, high;

        public Scale(TrainingHistory history, double low, double high, SKRect area)
        {
            (First, Last) = (history.Epochs[0].Epoch, history.Epochs[^1].Epoch);
            var padding = Math.Max(0.3, 0.02 * (Last - First));
            (first, last, this.low, this.high, Area) = (First - padding, Last + padding, low, high, area);
        }

        public int First { get; }

        public int Last { get; }

        public SKRect Area { get; }

        public float X(double epoch) => Area.Left + (float)((epoch - first) / (last - first)) * Area.Width;

        public float Y(double value) => Area.Bottom - (float)((value - low) / (high - low)) * Area.Height;

        public SKPoint At(Point point) => new(X(point.Epoch), Y(point.Value));
    }

    private static void DrawAxes(SKCanvas canvas, Scale scale, IEnumerable<(double At, string Label)> ticks, Lettering text)
    {
        var area = scale.Area;
        using var grid = new InkStroke(Ink.Grid, 1);
        using var axis = new InkStroke(Ink.Faint, 1);
        foreach (var (at, label) in ticks)
        {
            var y = scale.Y(at);
            canvas.DrawLine(area.Left, y, area.Right, y, grid.Paint);
            canvas.DrawLine(area.Left - TickLength, y, area.Left, y, axis.Paint);
            text.Draw(canvas, label, area.Left - TickLength - 4, y + text.MiddleToBaseline, SKTextAlign.Right, Ink.Quiet);
        }
        foreach (var epoch in AxisTicks.Epochs(scale.First, scale.Last))
        {
            var x = scale.X(epoch);
            canvas.DrawLine(x, area.Bottom, x, area.Bottom + TickLength, axis.Paint);
            text.Draw(canvas, epoch.ToString(CultureInfo.InvariantCulture), x, area.Bottom + TickLength + 3 + text.Size, SKTextAlign.Center, Ink.Quiet);
        }
        canvas.DrawLine(area.Left, area.Top, area.Left, area.Bottom, axis.Paint);
        canvas.DrawLine(area.Left, area.Bottom, area.Right, area.Bottom, axis.Paint);
        using var name = new Lettering(13);
        name.Draw(canvas, "Epoch", area.MidX, area.Bottom + TicksHeight - 4, SKTextAlign.Center, Ink.Quiet);
    }

    private void Line(SKCanvas canvas, Scale scale, IReadOnlyList<Point> points, SKColor colour, bool isValidation)
    {
        var each = MarksEach(history);
        using var stroke = new InkStroke(colour, each ? 2 : 1.6f, isValidation && each ? [6, 4] : null);
        using var fill = new SKPaint { Color = colour, IsAntialias = true };
        foreach (var piece in Pieces(points))
        {
            using var path = new SKPath();
            path.MoveTo(scale.At(piece[0]));
            foreach (var point in piece.Skip(1))
                path.LineTo(scale.At(point));
            canvas.DrawPath(path, stroke.Paint);
            // a piece of one point would be invisible without
            if (each || piece.Length == 1)
                foreach (var point in piece)
                    Mark(point);
        }
        // the two lines' marks take turns, so that they do not cover each other
        var stride = Math.Max(1, points.Count / MarksHereAndThere);
        for (var i = isValidation ? stride / 2 : 0; !each && i < points.Count; i += stride)
            if (points[i].IsDrawn)
                Mark(points[i]);

        void Mark(Point point)
        {
            var at = scale.At(point);
            if (isValidation)
                canvas.DrawRect(at.X - 3.2f, at.Y - 3.2f, 6.4f, 6.4f, fill);
            else
                canvas.DrawCircle(at, 3.5f, fill);
        }
    }

    /// <summary>The stretches of finite values that follow each other.</summary>
    internal static IEnumerable<Point[]> Pieces(IReadOnlyList<Point> points)
    {
        var piece = new List<Point>();
        foreach (var point in points.Append(new Point(0, double.NaN)))
            if (point.IsDrawn)
                piece.Add(point);
            else if (piece.Count > 0)
            {
                yield return [.. piece];
                piece.Clear();
            }
    }

    private static IReadOnlyList<Point> Values(TrainingHistory history, string metric, Func<EpochReport, IReadOnlyDictionary<string, double>?> part) =>
        history.Epochs.Any(epoch => part(epoch)?.ContainsKey(metric) == true)
            ? [.. history.Epochs.Select(epoch => new Point(epoch.Epoch, part(epoch)?.TryGetValue(metric, out var value) == true ? value : double.NaN))]
            : [];

    private static string Number(double value) => Math.Abs(value) switch
    {
        double.NaN => "not a number",
        double.PositiveInfinity => "infinite",
        >= 1e6 or (> 0 and < 1e-3) => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("#,0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };
}
