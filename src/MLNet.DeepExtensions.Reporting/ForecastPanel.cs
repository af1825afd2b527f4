using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>The axes and lines of a picture of a forecast.</summary>
internal static class ForecastPanel
{
    public const float Margin = 24, Width = 960, Height = 420;

    private const float LegendSample = 30, HeadingHeight = 26, TicksHeight = 44, TickLength = 4;

    public static void DrawLegend(SKCanvas canvas, ForecastLines lines, Lettering text, float middle)
    {
        var x = Margin;
        Entry(lines.Known.Count > 1 - lines.First ? "what was, and what came" : "what was", Ink.Quiet, null);
        Entry("forecast", Ink.Vermilion, null);
        if (lines.Low.Count > 0)
            Entry(string.Create(CultureInfo.InvariantCulture, $"from the {100 * lines.Limits.Low:0.#} % to the {100 * lines.Limits.High:0.#} % quantile"), null, Shade);

        void Entry(string name, SKColor? line, SKColor? area)
        {
            if (area is { } fill)
            {
                using var paint = new SKPaint { Color = fill };
                canvas.DrawRect(SKRect.Create(x, middle - 6, LegendSample, 12), paint);
            }
            if (line is { } colour)
            {
                using var stroke = new InkStroke(colour, 2);
                canvas.DrawLine(x, middle, x + LegendSample, middle, stroke.Paint);
            }
            x += LegendSample + 8;
            text.Draw(canvas, name, x, middle + text.MiddleToBaseline, SKTextAlign.Left, Ink.Text);
            x += text.Measure(name) + 24;
        }
    }

    public static void Draw(SKCanvas canvas, ForecastLines lines, string target, SKRect box)
    {
        using var heading = new Lettering(16);
        using var note = new Lettering(12);
        using var name = new Lettering(13);
        heading.Draw(canvas, heading.CutEnd(target, box.Width), box.Left, box.Top + heading.Size, SKTextAlign.Left, Ink.Text);

        var values = lines.Known.Concat(lines.Said).Concat(lines.Low).Concat(lines.High).Where(float.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = AxisTicks.Room(values.Min(), values.Max());
        IReadOnlyList<(double At, string Label)> ticks = [.. AxisTicks.Values(low, high)];
        var labels = ticks.Select(tick => note.Measure(tick.Label)).Max() + TickLength + 4;
        var area = new SKRect(box.Left + labels, box.Top + HeadingHeight + 6, box.Right - 8, box.Bottom - TicksHeight);
        float X(int step) => area.Left + (step - lines.First) / (float)(lines.Horizon - lines.First) * area.Width;
        float Y(double value) => area.Bottom - (float)((value - low) / (high - low)) * area.Height;

        using var grid = new InkStroke(Ink.Grid, 1);
        using var axis = new InkStroke(Ink.Faint, 1);
        foreach (var (at, label) in ticks)
        {
            canvas.DrawLine(area.Left, Y(at), area.Right, Y(at), grid.Paint);
            canvas.DrawLine(area.Left - TickLength, Y(at), area.Left, Y(at), axis.Paint);
            note.Draw(canvas, label, area.Left - TickLength - 4, Y(at) + note.MiddleToBaseline, SKTextAlign.Right, Ink.Quiet);
        }
        foreach (var (at, label) in AxisTicks.Values(lines.First, lines.Horizon).Where(tick => tick.At == Math.Round(tick.At)))
        {
            canvas.DrawLine(X((int)at), area.Bottom, X((int)at), area.Bottom + TickLength, axis.Paint);
            note.Draw(canvas, label, X((int)at), area.Bottom + TickLength + 3 + note.Size, SKTextAlign.Center, Ink.Quiet);
        }
        canvas.DrawLine(area.Left, area.Top, area.Left, area.Bottom, axis.Paint);
        canvas.DrawLine(area.Left, area.Bottom, area.Right, area.Bottom, axis.Paint);
        name.Draw(canvas, "Steps ahead", area.MidX, area.Bottom + TicksHeight - 4, SKTextAlign.Center, Ink.Quiet);

        if (lines.Low.Count > 0)
        {
            using var band = new SKPath();
            band.MoveTo(X(1), Y(lines.Low[0]));
            for (var step = 2; step <= lines.Horizon; step++)
                band.LineTo(X(step), Y(lines.Low[step - 1]));
            for (var step = lines.Horizon; step >= 1; step--)
                band.LineTo(X(step), Y(lines.High[step - 1]));
            band.Close();
            using var fill = new SKPaint { Color = Shade, IsAntialias = true };
            canvas.DrawPath(band, fill);
        }
        using var dotted = new InkStroke(Ink.Quiet, 1.5f, [1.5f, 3]);
        canvas.DrawLine(X(0), area.Top, X(0), area.Bottom, dotted.Paint);
        Line(lines.Known, lines.First, Ink.Quiet, 1.5f);
        // from the newest value, or a forecast of one step would be no line
        Line([lines.Known[-lines.First], .. lines.Said], 0, Ink.Vermilion, 2);

        // what is missing is a gap
        void Line(IReadOnlyList<float> points, int first, SKColor colour, float width)
        {
            using var stroke = new InkStroke(colour, width);
            using var path = new SKPath();
            var isOpen = false;
            for (var i = 0; i < points.Count; i++)
            {
                if (!float.IsFinite(points[i]))
                    isOpen = false;
                else if (isOpen)
                    path.LineTo(X(first + i), Y(points[i]));
                else
                {
                    path.MoveTo(X(first + i), Y(points[i]));
                    isOpen = true;
                }
            }
            canvas.DrawPath(path, stroke.Paint);
        }
    }

    // the forecast's colour, a quarter as strong
    private static SKColor Shade => Ink.Vermilion.WithAlpha(0x40);
}
