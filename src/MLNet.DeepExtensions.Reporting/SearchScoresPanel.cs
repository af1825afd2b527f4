using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>The score of each candidate over the epochs, or over the trials where the epochs say nothing.</summary>
internal sealed class SearchScoresPanel(SearchLines lines)
{
    private const float HeadingHeight = 50, TicksHeight = 44, TickLength = 4;

    // an objective that is a function of the pipeline has a score for each trial and none for its epochs
    private readonly bool overEpochs = lines.Objective.IsMetric || lines.Trials.Select(trial => trial.Epochs).Distinct().Count() > 1 && lines.Trials.All(trial => trial.Epochs is not null);

    public void Draw(SKCanvas canvas, SKRect box)
    {
        using var name = new Lettering(16);
        using var note = new Lettering(12);
        name.Draw(canvas, name.CutEnd($"{MetricTitle.Of(lines.Objective.Name)}, {(lines.Objective.HigherIsBetter ? "higher" : "lower")} is better", box.Width),
            box.Left, box.Top + name.Size, SKTextAlign.Left, Ink.Text);
        note.Draw(canvas, note.CutEnd(Note(), box.Width), box.Left, box.Top + name.Size + 8 + note.Size, SKTextAlign.Left, Ink.Quiet);

        IReadOnlyList<(double At, string Label)> ticks = [.. AxisTicks.Values(lines.Low, lines.High)];
        var labels = ticks.Select(tick => note.Measure(tick.Label)).DefaultIfEmpty(0).Max() + TickLength + 4;
        var area = new SKRect(box.Left + labels, box.Top + HeadingHeight + 6, box.Right - 8, box.Bottom - TicksHeight);
        var points = lines.Succeeded.ToDictionary(trial => trial, Points);
        var (first, last) = (points.Values.Min(line => line.Min(point => point.X)), points.Values.Max(line => line.Max(point => point.X)));
        var padding = Math.Max(0.3, 0.02 * (last - first));
        float X(double at) => area.Left + (float)((at - first + padding) / (last - first + 2 * padding)) * area.Width;
        float Y(double score) => area.Bottom - (float)lines.At(score) * area.Height;

        Axes(canvas, area, ticks, (int)first, (int)last, X, Y, note);
        canvas.Save();
        canvas.ClipRect(SKRect.Inflate(area, 6, 6));
        foreach (var trial in lines.Succeeded)
            Line(canvas, trial, [.. points[trial].Select(point => new SKPoint(X(point.X), Y(point.Score)))]);
        if (lines.RingedEpoch is { } epoch)
        {
            using var ring = new InkStroke(Ink.Quiet, 1.8f);
            canvas.DrawCircle(X(epoch), Y(lines.Best.Score), 7, ring.Paint);
        }
        canvas.Restore();
    }

    /// <summary>What one looks for first.</summary>
    internal string Note()
    {
        var epoch = lines.RingedEpoch is { } best ? string.Create(CultureInfo.InvariantCulture, $" in epoch {best}") : "";
        var failed = lines.Trials.Count(trial => trial.Error is not null);
        return $"{lines.Number(lines.Best.Score)}{epoch}; {Several(lines.Trials.Count, "trial")} of {Several(lines.Succeeded.Count + lines.Failed.Count, "candidate")}{(failed == 0 ? "" : $", {failed} failed")}";

        static string Several(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
    }

    private List<(double X, double Score)> Points(Trial trial)
    {
        if (lines.Objective.IsMetric && trial.History is { Epochs.Count: > 0 } history)
            return [.. history.Epochs.Select(epoch => ((double)epoch.Epoch, epoch.ValidationValue(lines.Objective.Name))).Where(point => double.IsFinite(point.Item2))];
        var all = lines.Trials.Where(other => other.Number == trial.Number && other.Error is null);
        return [.. all.Select(other => ((double)(overEpochs ? other.Epochs!.Value : other.Number), other.Score))];
    }

    private void Line(SKCanvas canvas, Trial trial, IReadOnlyList<SKPoint> points)
    {
        using var stroke = new InkStroke(lines.ColourOf(trial), lines.IsBest(trial) ? 2.6f : 1.6f);
        using var path = new SKPath();
        path.MoveTo(points[0]);
        foreach (var point in points.Skip(1))
            path.LineTo(point);
        canvas.DrawPath(path, stroke.Paint);
        using var fill = new SKPaint { Color = lines.ColourOf(trial), IsAntialias = true };
        foreach (var point in points.Count > 40 ? points.TakeLast(1) : points)
            canvas.DrawCircle(point, lines.IsBest(trial) ? 4 : 3, fill);
    }

    private void Axes(SKCanvas canvas, SKRect area, IReadOnlyList<(double At, string Label)> ticks, int first, int last, Func<double, float> x, Func<double, float> y, Lettering text)
    {
        using var grid = new InkStroke(Ink.Grid, 1);
        using var axis = new InkStroke(Ink.Faint, 1);
        foreach (var (at, label) in ticks)
        {
            canvas.DrawLine(area.Left - TickLength, y(at), area.Right, y(at), grid.Paint);
            text.Draw(canvas, label, area.Left - TickLength - 4, y(at) + text.MiddleToBaseline, SKTextAlign.Right, Ink.Quiet);
        }
        foreach (var epoch in AxisTicks.Epochs(first, last))
        {
            canvas.DrawLine(x(epoch), area.Bottom, x(epoch), area.Bottom + TickLength, axis.Paint);
            text.Draw(canvas, epoch.ToString(CultureInfo.InvariantCulture), x(epoch), area.Bottom + TickLength + 3 + text.Size, SKTextAlign.Center, Ink.Quiet);
        }
        canvas.DrawLine(area.Left, area.Top, area.Left, area.Bottom, axis.Paint);
        canvas.DrawLine(area.Left, area.Bottom, area.Right, area.Bottom, axis.Paint);
        using var name = new Lettering(13);
        name.Draw(canvas, overEpochs ? "Epoch" : "Trial", area.MidX, area.Bottom + TicksHeight - 4, SKTextAlign.Center, Ink.Quiet);
    }
}
