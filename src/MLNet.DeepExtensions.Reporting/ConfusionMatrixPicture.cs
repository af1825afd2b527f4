using System.Globalization;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws which class was taken for which.</summary>
public static class ConfusionMatrixPicture
{
    private static readonly double[] scaleTicks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1];

    /// <summary>
    /// Writes a PNG: a row for each actual class, a column for each predicted one, coloured by the share of the row.
    /// Up to 12 classes each cell has its count and share, up to 43 its count; above 101 only every second, fifth, tenth … class is named.
    /// </summary>
    /// <param name="matrix">The matrix, <c>metrics.ConfusionMatrix</c>.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="classNames">
    /// The classes' names in the order of the counts; null takes those that ML.NET knows: the slot names of the score column, else numbers from 0;
    /// for two-class metrics "positive", which comes first, and "negative".
    /// </param>
    /// <param name="title">What stands above the picture; null for nothing.</param>
    /// <exception cref="ArgumentException">There are not as many names as classes, or the path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void SavePicture(this ConfusionMatrix matrix, string path, IReadOnlyList<string>? classNames = null, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (classNames is not null && classNames.Count != matrix.NumberOfClasses)
            throw new ArgumentException($"There are {classNames.Count} names for {matrix.NumberOfClasses} classes. " +
                "Give one for each class, in the order of the counts, or none: then the names that ML.NET knows are taken.", nameof(classNames));
        using var layout = Arrange(matrix, classNames, title);
        PngFile.Save(path, layout.Width, layout.Height, canvas => Draw(canvas, matrix, layout));
    }

    /// <summary>The picture as a PNG file's bytes.</summary>
    internal static byte[] Encode(ConfusionMatrix matrix, IReadOnlyList<string>? classNames, string? title)
    {
        using var layout = Arrange(matrix, classNames, title);
        return PngFile.Encode(layout.Width, layout.Height, canvas => Draw(canvas, matrix, layout));
    }

    internal static ConfusionMatrixLayout Arrange(ConfusionMatrix matrix, IReadOnlyList<string>? classNames, string? title)
    {
        var totals = matrix.Counts.Select(row => row.Sum()).ToList();
        var (all, right) = (totals.Sum(), matrix.Counts.Select((row, i) => row[i]).Sum());
        var summary = all == 0 ? "no rows" : $"{Count(right)} of {Count(all)} right ({Share(right, all)})";
        var widest = Count(matrix.Counts.Max(row => row.Max()));
        return new ConfusionMatrixLayout(classNames ?? MetricDoors.ClassNamesOf(matrix), [.. totals.Select(Count)], widest, title, summary);
    }

    private static void Draw(SKCanvas canvas, ConfusionMatrix matrix, ConfusionMatrixLayout at)
    {
        DrawHeadings(canvas, at);
        DrawCells(canvas, matrix, at);
        if (at.ShowsCounts)
            DrawNumbers(canvas, matrix, at);
        DrawNames(canvas, at);
        DrawScale(canvas, at);
    }

    private static void DrawHeadings(SKCanvas canvas, ConfusionMatrixLayout at)
    {
        if (at.Title is not null)
            at.TitleText.Draw(canvas, at.TitleText.CutEnd(at.Title, at.HeadingWidth), at.HeadingLeft, at.TitleBaseline, SKTextAlign.Left, Ink.Text);
        at.SummaryText.Draw(canvas, at.SummaryText.CutEnd(at.Summary, at.HeadingWidth), at.HeadingLeft, at.SummaryBaseline, SKTextAlign.Left, Ink.Quiet);
        at.AxisText.Draw(canvas, "Predicted class", at.Left + at.Side / 2, at.AxisBaseline, SKTextAlign.Center, Ink.Text);
        canvas.Save();
        canvas.Translate(at.AxisLeft, at.Top + at.Side / 2);
        canvas.RotateDegrees(-90);
        at.AxisText.Draw(canvas, "Actual class", 0, 0, SKTextAlign.Center, Ink.Text);
        canvas.Restore();
    }

    private static void DrawCells(SKCanvas canvas, ConfusionMatrix matrix, ConfusionMatrixLayout at)
    {
        // one pixel for each cell, enlarged: a thousand classes are a million cells
        var pixels = new byte[at.Classes * at.Classes * 4];
        for (int actual = 0, next = 0; actual < at.Classes; actual++)
        {
            var row = matrix.Counts[actual];
            var total = row.Sum();
            for (var predicted = 0; predicted < at.Classes; predicted++, next += 4)
            {
                var colour = CellColour(row[predicted], total);
                (pixels[next], pixels[next + 1], pixels[next + 2], pixels[next + 3]) = (colour.Red, colour.Green, colour.Blue, 255);
            }
        }
        using var cells = SKImage.FromPixelCopy(new SKImageInfo(at.Classes, at.Classes, SKColorType.Rgba8888, SKAlphaType.Opaque), pixels);
        var box = SKRect.Create(at.Left, at.Top, at.Side, at.Side);
        using var sharp = new SKPaint { FilterQuality = SKFilterQuality.None };
        canvas.DrawImage(cells, box, sharp);
        using var line = new SKPaint { Color = SKColors.White, StrokeWidth = at.Cell >= 26 ? 1.5f : 0.5f };
        for (var i = 1; i < at.Classes && at.ShowsLines; i++)
        {
            canvas.DrawLine(at.Left + i * at.Cell, at.Top, at.Left + i * at.Cell, at.Top + at.Side, line);
            canvas.DrawLine(at.Left, at.Top + i * at.Cell, at.Left + at.Side, at.Top + i * at.Cell, line);
        }
        using var frame = new SKPaint { Color = Ink.Faint, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        canvas.DrawRect(box, frame);
    }

    private static void DrawNumbers(SKCanvas canvas, ConfusionMatrix matrix, ConfusionMatrixLayout at)
    {
        for (var actual = 0; actual < at.Classes; actual++)
        {
            var row = matrix.Counts[actual];
            var total = row.Sum();
            for (var predicted = 0; predicted < at.Classes; predicted++)
            {
                var (x, y) = (at.Left + (predicted + 0.5f) * at.Cell, at.Top + (actual + 0.5f) * at.Cell);
                var colour = row[predicted] == 0 ? Ink.Nothing : ShareScale.TextOn(CellColour(row[predicted], total));
                var withShare = at.ShowsShares && row[predicted] > 0;
                var baseline = y + (withShare ? -0.06f * at.CellText.Size : at.CellText.MiddleToBaseline);
                at.CellText.Draw(canvas, Fitting(row[predicted], at), x, baseline, SKTextAlign.Center, colour);
                if (withShare)
                    at.ShareText.Draw(canvas, Share(row[predicted], total), x, baseline + at.ShareText.Size * 1.4f, SKTextAlign.Center, colour);
            }
        }
    }

    private static void DrawNames(SKCanvas canvas, ConfusionMatrixLayout at)
    {
        for (var i = 0; i < at.Classes; i++)
        {
            var (x, y) = (at.Left + (i + 0.5f) * at.Cell, at.Top + (i + 0.5f) * at.Cell + at.NameText.MiddleToBaseline);
            at.NameText.Draw(canvas, at.Names[i], at.Left - 8, y, SKTextAlign.Right, Ink.Text);
            if (at.ShowsCounts)
                at.NameText.Draw(canvas, at.RowTotals[i], at.TotalsRight, y, SKTextAlign.Right, Ink.Quiet);
            canvas.Save();
            canvas.Translate(x, at.Top - 8);
            canvas.RotateDegrees(at.Angle);
            var (baseline, align) = (at.Angle == -90 ? at.NameText.MiddleToBaseline : 0, at.Angle == 0 ? SKTextAlign.Center : SKTextAlign.Left);
            at.NameText.Draw(canvas, at.Names[i], 0, baseline, align, Ink.Text);
            canvas.Restore();
        }
        if (at.ShowsCounts)
            at.NameText.Draw(canvas, ConfusionMatrixLayout.TotalHeading, at.TotalsRight, at.Top - 8, SKTextAlign.Right, Ink.Quiet);
    }

    private static void DrawScale(SKCanvas canvas, ConfusionMatrixLayout at)
    {
        using var fill = new SKPaint();
        for (var i = 0; i < at.ScaleHeight * 2; i++)
        {
            fill.Color = ShareScale.Colour(1 - i / (at.ScaleHeight * 2 - 1));
            canvas.DrawRect(at.ScaleLeft, at.Top + i / 2f, ConfusionMatrixLayout.ScaleWidth, 0.5f, fill);
        }
        using var line = new SKPaint { Color = Ink.Faint, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        canvas.DrawRect(at.ScaleLeft, at.Top, ConfusionMatrixLayout.ScaleWidth, at.ScaleHeight, line);
        var right = at.ScaleLeft + ConfusionMatrixLayout.ScaleWidth;
        foreach (var share in scaleTicks)
        {
            var y = at.Top + at.ScaleHeight * (1 - (float)ShareScale.Position(share));
            canvas.DrawLine(right, y, right + 4, y, line);
            at.ScaleText.Draw(canvas, Invariant($"{share * 100:0}%"), right + 8, y + at.ScaleText.MiddleToBaseline, SKTextAlign.Left, Ink.Quiet);
        }
        at.ScaleText.Draw(canvas, "share of row", at.ScaleLeft, at.Top - 13, SKTextAlign.Left, Ink.Quiet);
    }

    private static SKColor CellColour(double count, double rowTotal) => ShareScale.Colour(rowTotal == 0 ? 0 : ShareScale.Position(count / rowTotal));

    /// <summary>The count, rounded to thousands where all of it has no room, or nothing.</summary>
    private static string Fitting(double count, ConfusionMatrixLayout at) =>
        ((string[])[Count(count), Invariant($"{count / 1e3:0.#}k"), Invariant($"{count / 1e3:0}k"), Invariant($"{count / 1e6:0}M"), ""])
            .First(text => at.CellText.Measure(text) <= at.Cell - 4);

    private static string Count(double count) => Invariant($"{count:#,0.##}");

    // neither all nor nothing may be claimed by rounding
    private static string Share(double part, double all) => (part / all) switch
    {
        1 => "100%",
        > 0.9995 => ">99.9%",
        > 0 and < 0.0005 => "<0.1%",
        var share => Invariant($"{share * 100:0.0}%"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
