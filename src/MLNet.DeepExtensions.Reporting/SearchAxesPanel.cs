using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Parallel coordinates (Inselberg 1985): an upright axis for each setting and one for the score, and a line through them for each candidate.</summary>
internal sealed class SearchAxesPanel
{
    private const float HeadingHeight = 50, FootHeight = 44, LabelSize = 11, FailedBelow = 26;

    private readonly SearchLines lines;
    private readonly List<string> names;

    public SearchAxesPanel(SearchLines lines)
    {
        this.lines = lines;
        names = [.. lines.Trials.SelectMany(trial => trial.Parameters).Select(parameter => parameter.Name).Distinct()];
    }

    /// <summary>Gets how many axes there are, the score's among them.</summary>
    public int Count => names.Count + 1;

    public void Draw(SKCanvas canvas, SKRect box)
    {
        using var heading = new Lettering(16);
        heading.Draw(canvas, "Settings and score", box.Left, box.Top + heading.Size, SKTextAlign.Left, Ink.Text);
        var spacing = box.Width / Count;
        var area = new SKRect(box.Left + spacing / 2, box.Top + HeadingHeight + 18, box.Right - spacing / 2, box.Bottom - FootHeight);
        float X(int axis) => Count == 1 ? area.MidX : area.Left + axis * area.Width / (Count - 1);
        float Y(double at) => area.Bottom - (float)Math.Clamp(at, 0, 1) * area.Height;

        foreach (var trial in lines.Failed.Concat(lines.Succeeded))
            Line(canvas, trial, X, Y, area);
        using var axis = new InkStroke(Ink.Quiet, 1.2f);
        using var name = new Lettering(13);
        for (var i = 0; i < Count; i++)
        {
            canvas.DrawLine(X(i), area.Top, X(i), area.Bottom, axis.Paint);
            name.Draw(canvas, name.CutEnd(i < names.Count ? names[i] : lines.Objective.Name, spacing - 8), X(i), area.Top - 14, SKTextAlign.Center, Ink.Text);
            Labels(canvas, i, X(i), Y, spacing);
        }
    }

    private void Labels(SKCanvas canvas, int axis, float x, Func<double, float> y, float spacing)
    {
        using var text = new Lettering(LabelSize);
        IReadOnlyList<(double At, string Label)> marks = axis < names.Count
            ? lines.Trials.SelectMany(trial => trial.Parameters).First(parameter => parameter.Name == names[axis]).Marks
            : [(0, Cut(lines.Objective.HigherIsBetter, "≤") + lines.Number(lines.Low)), (1, Cut(!lines.Objective.HigherIsBetter, "≥") + lines.Number(lines.High))];
        // over the lines, so on a white ground
        using var ground = new SKPaint { Color = SKColors.White.WithAlpha(0xD8) };
        foreach (var (at, label) in marks)
        {
            var shown = text.CutMiddle(label, spacing - 16);
            var width = text.Measure(shown);
            canvas.DrawRect(SKRect.Create(x + 5, y(at) - LabelSize / 2 - 2, width + 4, LabelSize + 4), ground);
            text.Draw(canvas, shown, x + 7, y(at) + text.MiddleToBaseline, SKTextAlign.Left, Ink.Quiet);
        }
    }

    // what is so bad that it would squeeze the others stands at the end of the scale
    private string Cut(bool isWorseEnd, string sign) => isWorseEnd && lines.IsCut ? sign + " " : "";

    private void Line(SKCanvas canvas, Trial trial, Func<int, float> x, Func<double, float> y, SKRect area)
    {
        var failed = trial.Error is not null;
        using var stroke = new InkStroke(failed ? Ink.Nothing : lines.ColourOf(trial), !failed && lines.IsBest(trial) ? 2.8f : 1.5f, failed ? [4, 4] : null);
        var points = new List<SKPoint>();
        for (var i = 0; i < names.Count; i++)
            // what a candidate did not draw its line passes by
            if (trial.Parameters.FirstOrDefault(parameter => parameter.Name == names[i]) is { } drawn)
                points.Add(new SKPoint(x(i), y(drawn.Position)));
        points.Add(new SKPoint(x(names.Count), failed ? area.Bottom + FailedBelow : y(lines.At(trial.Score))));
        using var path = new SKPath();
        path.MoveTo(points[0]);
        foreach (var point in points.Skip(1))
            path.LineTo(point);
        canvas.DrawPath(path, stroke.Paint);
        using var fill = new SKPaint { Color = stroke.Paint.Color, IsAntialias = true };
        foreach (var point in points)
            canvas.DrawCircle(point, 2.6f, fill);
    }
}
