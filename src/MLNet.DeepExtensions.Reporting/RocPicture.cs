using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws how many genuine pairs verification accepts for how many impostors.</summary>
public static class RocPicture
{
    private const float Margin = 24, PlotWidth = 560, PlotHeight = 420, LabelsWidth = 64, TicksHeight = 52, TickLength = 4;

    /// <summary>
    /// Writes a PNG with the ROC curve: the share of genuine pairs that are accepted over that of impostors, whose axis is logarithmic, since it is the small rates that matter.
    /// A dotted line is where both errors are equal; a ring marks the equal error rate on it, and a square another threshold if one is given.
    /// </summary>
    /// <param name="curve">The curve.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="threshold">A threshold to mark, such as one that was chosen on validation; null for none.</param>
    /// <param name="title">What stands above the picture; null for nothing.</param>
    /// <exception cref="ArgumentException">The path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void SaveRocPicture(this VerificationCurve curve, string path, float? threshold = null, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(curve);
        using var titleText = new Lettering(19);
        using var text = new Lettering(13);
        var titleBaseline = title is null ? Margin - 12 : Margin + titleText.Size;
        var notes = Notes(curve, threshold);
        var top = titleBaseline + 18 + notes.Count * (text.Size + 8) + 8;
        var area = SKRect.Create(Margin + LabelsWidth, top, PlotWidth, PlotHeight);
        var width = area.Right + Margin + 8;
        PngFile.Save(path, width, area.Bottom + TicksHeight + Margin, canvas =>
        {
            if (title is not null)
                titleText.Draw(canvas, titleText.CutEnd(title, width - 2 * Margin), Margin, titleBaseline, SKTextAlign.Left, Ink.Text);
            var scale = new Scale(area, Decades(curve));
            DrawAxes(canvas, scale);
            DrawCurves(canvas, scale, curve);
            var y = titleBaseline + 12 + text.Size;
            foreach (var (note, point, isRing) in notes)
            {
                DrawMark(canvas, new SKPoint(Margin + 8, y - text.MiddleToBaseline), isRing);
                text.Draw(canvas, text.CutEnd(note, width - 2 * Margin - 24), Margin + 24, y, SKTextAlign.Left, Ink.Text);
                DrawMark(canvas, scale.At(point.FalseAcceptRate, 1 - point.FalseRejectRate), isRing);
                y += text.Size + 8;
            }
        });
    }

    /// <summary>What is marked, and what it says.</summary>
    internal static IReadOnlyList<(string Note, VerificationPoint Point, bool IsRing)> Notes(VerificationCurve curve, float? threshold)
    {
        var equal = new VerificationPoint(curve.EqualErrorThreshold, curve.EqualErrorRate, curve.EqualErrorRate);
        List<(string, VerificationPoint, bool)> notes =
        [
            (Text($"equal error rate {equal.FalseAcceptRate:0.0%} at threshold {equal.Threshold:0.00}; {curve.GenuinePairs:#,0} genuine pairs, {curve.ImpostorPairs:#,0} impostors"), equal, true),
        ];
        if (threshold is { } chosen && curve.At(chosen) is var point)
            notes.Add((Text($"threshold {chosen:0.00}: {point.FalseAcceptRate:0.0%} of the impostors accepted, {point.FalseRejectRate:0.0%} of the genuine refused"), point, false));
        return notes;
    }

    /// <summary>How many powers of ten the axis of false accepts has: down to one impostor.</summary>
    internal static int Decades(VerificationCurve curve) => Math.Clamp((int)Math.Ceiling(Math.Log10(curve.ImpostorPairs) - 1e-9), 1, 6);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // where two rates lie on the picture; a rate of 0 lies at the left edge
    private sealed record Scale(SKRect Area, int Decades)
    {
        public float X(double falseAccepts) => Area.Left + (float)(1 + Math.Max(-Decades, Math.Log10(Math.Max(falseAccepts, 1e-12))) / Decades) * Area.Width;

        public float Y(double accepted) => Area.Bottom - (float)accepted * Area.Height;

        public SKPoint At(double falseAccepts, double accepted) => new(X(falseAccepts), Y(accepted));
    }

    private static void DrawAxes(SKCanvas canvas, Scale scale)
    {
        var area = scale.Area;
        using var text = new Lettering(12);
        using var name = new Lettering(13);
        using var grid = new InkStroke(Ink.Grid, 1);
        using var axis = new InkStroke(Ink.Faint, 1);
        for (var tenth = 0; tenth <= 10; tenth += 2)
        {
            var y = scale.Y(tenth / 10.0);
            canvas.DrawLine(area.Left, y, area.Right, y, grid.Paint);
            text.Draw(canvas, Text($"{tenth / 10.0:0%}"), area.Left - TickLength - 4, y + text.MiddleToBaseline, SKTextAlign.Right, Ink.Quiet);
        }
        for (var power = -scale.Decades; power <= 0; power++)
        {
            var x = scale.X(Math.Pow(10, power));
            canvas.DrawLine(x, area.Top, x, area.Bottom + TickLength, grid.Paint);
            text.Draw(canvas, Text($"{Math.Pow(10, power):0.####%}"), x, area.Bottom + TickLength + 3 + text.Size, SKTextAlign.Center, Ink.Quiet);
        }
        canvas.DrawLine(area.Left, area.Top, area.Left, area.Bottom, axis.Paint);
        canvas.DrawLine(area.Left, area.Bottom, area.Right, area.Bottom, axis.Paint);
        name.Draw(canvas, "Impostors accepted", area.MidX, area.Bottom + TicksHeight - 8, SKTextAlign.Center, Ink.Quiet);
        canvas.Save();
        canvas.RotateDegrees(-90, Margin + 4, area.MidY);
        name.Draw(canvas, "Genuine accepted", Margin + 4, area.MidY + name.MiddleToBaseline, SKTextAlign.Center, Ink.Quiet);
        canvas.Restore();
    }

    private static void DrawCurves(SKCanvas canvas, Scale scale, VerificationCurve curve)
    {
        using var dotted = new InkStroke(Ink.Quiet, 1.5f, [1.5f, 3]);
        using var equal = new SKPath();
        const int Steps = 200;
        for (var i = 0; i <= Steps; i++)
        {
            var rate = Math.Pow(10, -scale.Decades * (1 - (double)i / Steps));
            if (i == 0)
                equal.MoveTo(scale.At(rate, 1 - rate));
            else
                equal.LineTo(scale.At(rate, 1 - rate));
        }
        canvas.DrawPath(equal, dotted.Paint);

        using var stroke = new InkStroke(Ink.Blue, 2);
        using var path = new SKPath();
        path.MoveTo(scale.At(1, 1));
        var last = scale.At(1, 1);
        foreach (var point in curve.Points)
        {
            var at = scale.At(point.FalseAcceptRate, 1 - point.FalseRejectRate);
            // thousands of points lie on one pixel
            if (Math.Abs(at.X - last.X) + Math.Abs(at.Y - last.Y) < 0.25f)
                continue;
            path.LineTo(at);
            last = at;
        }
        path.LineTo(scale.At(0, 0));
        canvas.DrawPath(path, stroke.Paint);
    }

    private static void DrawMark(SKCanvas canvas, SKPoint at, bool isRing)
    {
        using var halo = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawCircle(at, 7, halo);
        using var ring = new InkStroke(Ink.Vermilion, 2);
        using var fill = new SKPaint { Color = Ink.Vermilion, IsAntialias = true };
        if (isRing)
            canvas.DrawCircle(at, 5.5f, ring.Paint);
        else
            canvas.DrawRect(at.X - 4, at.Y - 4, 8, 8, fill);
    }
}
