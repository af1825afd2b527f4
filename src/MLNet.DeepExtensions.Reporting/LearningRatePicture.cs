using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws a search for the learning rate.</summary>
public static class LearningRatePicture
{
    private const float Margin = 24, Width = 768, PlotHeight = 360, LegendSample = 30, HeadingHeight = 26, TicksHeight = 44, TickLength = 4;

    /// <summary>
    /// Writes a PNG of the loss over the learning rate, which is drawn logarithmically: the smoothed loss as a line, those of the steps as points, what the curve suggests as dotted lines.
    /// Where the loss goes beyond the picture's top, it diverges.
    /// </summary>
    /// <param name="curve">What FindLearningRate gave, at least two steps long.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="title">What stands above the picture; null for nothing.</param>
    /// <exception cref="ArgumentException">There are not two steps to draw; or the path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void SaveLearningRateCurve(this LearningRateCurve curve, string path, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(curve);
        if (curve.Points.Count < 2)
            throw new ArgumentException($"The curve has {curve.Points.Count} steps, but a line needs two: the search was cancelled, or the loss diverged in the second step.", nameof(curve));
        using var titleText = new Lettering(19);
        using var text = new Lettering(13);
        var titleBaseline = title is null ? Margin - 12 : Margin + titleText.Size;
        var legendMiddle = titleBaseline + 12 + text.Size;
        var top = legendMiddle + text.Size + 18;
        PngFile.Save(path, Width, top + HeadingHeight + PlotHeight + TicksHeight + Margin, canvas =>
        {
            if (title is not null)
                titleText.Draw(canvas, titleText.CutEnd(title, Width - 2 * Margin), Margin, titleBaseline, SKTextAlign.Left, Ink.Text);
            DrawLegend(canvas, curve, text, legendMiddle);
            DrawPlot(canvas, curve, SKRect.Create(Margin, top, Width - 2 * Margin, HeadingHeight + PlotHeight + TicksHeight));
        });
    }

    /// <summary>The limits of the loss axis: from the lowest loss to half as much above the first ones as they lie above it, so that divergence does not squeeze the valley flat.</summary>
    internal static (double Low, double High) LossLimits(LearningRateCurve curve)
    {
        var smoothed = curve.Points.Select(point => point.SmoothedLoss).ToList();
        var (lowest, begin) = (Math.Min(smoothed.Min(), curve.Points.Min(point => point.Loss)), smoothed.Take(Math.Max(2, smoothed.Count / 10)).Max());
        return AxisTicks.Room(lowest, Math.Max(begin, Math.Min(smoothed.Max(), begin + 0.5 * (begin - lowest))));
    }

    /// <summary>A learning rate with two digits.</summary>
    internal static string Rate(double rate) => rate is >= 1e-3 and < 1e4
        ? double.Parse(rate.ToString("g2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString("0.#####", CultureInfo.InvariantCulture)
        : rate.ToString("0.#e0", CultureInfo.InvariantCulture);

    private static void DrawLegend(SKCanvas canvas, LearningRateCurve curve, Lettering text, float middle)
    {
        var x = Margin;
        Entry("loss, smoothed", Ink.Blue, dashes: null, isLine: true);
        Entry("loss of a step", Ink.Nothing, dashes: null, isLine: false);
        if (curve.Steepest is { } steepest)
            Entry($"steepest: {Rate(steepest)}", Ink.Quiet, [1.5f, 3], isLine: true);
        if (curve.TenthOfMinimum is { } tenth)
            Entry($"minimum / 10: {Rate(tenth)}", Ink.Vermilion, [6, 4], isLine: true);

        void Entry(string name, SKColor colour, float[]? dashes, bool isLine)
        {
            if (isLine)
            {
                using var line = new InkStroke(colour, 2, dashes);
                canvas.DrawLine(x, middle, x + LegendSample, middle, line.Paint);
            }
            else
            {
                using var mark = new SKPaint { Color = colour, IsAntialias = true };
                for (var at = 5f; at < LegendSample; at += 10)
                    canvas.DrawCircle(x + at, middle, 1.8f, mark);
            }
            x += LegendSample + 8;
            text.Draw(canvas, name, x, middle + text.MiddleToBaseline, SKTextAlign.Left, Ink.Text);
            x += text.Measure(name) + 24;
        }
    }

    private static void DrawPlot(SKCanvas canvas, LearningRateCurve curve, SKRect box)
    {
        using var heading = new Lettering(16);
        using var note = new Lettering(12);
        using var name = new Lettering(13);
        heading.Draw(canvas, "Loss", box.Left, box.Top + heading.Size, SKTextAlign.Left, Ink.Text);

        var (low, high) = LossLimits(curve);
        IReadOnlyList<(double At, string Label)> ticks = [.. AxisTicks.Values(low, high)];
        var labels = ticks.Select(tick => note.Measure(tick.Label)).Max() + TickLength + 4;
        var area = new SKRect(box.Left + labels, box.Top + HeadingHeight + 6, box.Right - 8, box.Bottom - TicksHeight);
        var (first, last) = (Math.Log(curve.Points[0].LearningRate), Math.Log(curve.Points[^1].LearningRate));
        float X(double rate) => area.Left + (float)((Math.Log(rate) - first) / (last - first)) * area.Width;
        // far above the picture is far enough: Skia does not draw lines to infinity
        float Y(double loss) => area.Bottom - (float)Math.Min((loss - low) / (high - low), 100) * area.Height;

        using var grid = new InkStroke(Ink.Grid, 1);
        using var axis = new InkStroke(Ink.Faint, 1);
        foreach (var (at, label) in ticks)
        {
            canvas.DrawLine(area.Left, Y(at), area.Right, Y(at), grid.Paint);
            canvas.DrawLine(area.Left - TickLength, Y(at), area.Left, Y(at), axis.Paint);
            note.Draw(canvas, label, area.Left - TickLength - 4, Y(at) + note.MiddleToBaseline, SKTextAlign.Right, Ink.Quiet);
        }
        foreach (var (at, label) in AxisTicks.Powers(curve.Points[0].LearningRate, curve.Points[^1].LearningRate))
        {
            canvas.DrawLine(X(at), area.Bottom, X(at), area.Bottom + TickLength, axis.Paint);
            note.Draw(canvas, label, X(at), area.Bottom + TickLength + 3 + note.Size, SKTextAlign.Center, Ink.Quiet);
        }
        canvas.DrawLine(area.Left, area.Top, area.Left, area.Bottom, axis.Paint);
        canvas.DrawLine(area.Left, area.Bottom, area.Right, area.Bottom, axis.Paint);
        name.Draw(canvas, "Learning rate", area.MidX, area.Bottom + TicksHeight - 4, SKTextAlign.Center, Ink.Quiet);

        canvas.Save();
        canvas.ClipRect(SKRect.Create(area.Left - 4, area.Top - 4, area.Width + 8, area.Height + 8));
        using var dot = new SKPaint { Color = Ink.Nothing, IsAntialias = true };
        foreach (var point in curve.Points)
            canvas.DrawCircle(X(point.LearningRate), Y(point.Loss), 1.8f, dot);
        using var dotted = new InkStroke(Ink.Quiet, 1.5f, [1.5f, 3]);
        using var dashed = new InkStroke(Ink.Vermilion, 1.5f, [6, 4]);
        if (curve.Steepest is { } steepest)
            canvas.DrawLine(X(steepest), area.Top, X(steepest), area.Bottom, dotted.Paint);
        if (curve.TenthOfMinimum is { } tenth)
            canvas.DrawLine(X(tenth), area.Top, X(tenth), area.Bottom, dashed.Paint);
        using var line = new InkStroke(Ink.Blue, 2);
        using var path = new SKPath();
        path.MoveTo(X(curve.Points[0].LearningRate), Y(curve.Points[0].SmoothedLoss));
        foreach (var point in curve.Points.Skip(1))
            path.LineTo(X(point.LearningRate), Y(point.SmoothedLoss));
        canvas.DrawPath(path, line.Paint);
        canvas.Restore();
    }
}
