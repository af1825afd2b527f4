using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws what a search for settings found.</summary>
public static class SearchPicture
{
    private const float Margin = 24, Between = 36, CurvesWidth = 520, AxisSpacing = 120, PanelHeight = 400, LegendSample = 30;

    /// <summary>
    /// Writes a PNG with two panels: how each candidate's score went from epoch to epoch, where the objective is a metric of training (else its scores), and a line for each candidate through the values
    /// that were drawn for it, to its score. The best is vermilion, the others the darker the better; trials that failed are grey and dashed, and end below the scale.
    /// </summary>
    /// <param name="result">What a search gave.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="title">What stands above the picture; null for nothing.</param>
    /// <typeparam name="TCandidate">What the candidates of the search are.</typeparam>
    /// <exception cref="ArgumentException">The path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void SavePicture<TCandidate>(this SearchResult<TCandidate> result, string path, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var lines = new SearchLines(result.Trials, result.Best, result.Objective);
        using var titleText = new Lettering(19);
        using var text = new Lettering(13);
        var titleBaseline = title is null ? Margin - 12 : Margin + titleText.Size;
        var legendMiddle = titleBaseline + 12 + text.Size;
        var top = legendMiddle + text.Size + 18;
        var axes = new SearchAxesPanel(lines);
        var axesWidth = Math.Max(3, axes.Count) * AxisSpacing;
        var width = 2 * Margin + CurvesWidth + Between + axesWidth;
        PngFile.Save(path, width, top + PanelHeight + Margin, canvas =>
        {
            if (title is not null)
                titleText.Draw(canvas, titleText.CutEnd(title, width - 2 * Margin), Margin, titleBaseline, SKTextAlign.Left, Ink.Text);
            DrawLegend(canvas, lines, text, legendMiddle);
            new SearchScoresPanel(lines).Draw(canvas, SKRect.Create(Margin, top, CurvesWidth, PanelHeight));
            axes.Draw(canvas, SKRect.Create(Margin + CurvesWidth + Between, top, axesWidth, PanelHeight));
        });
    }

    private static void DrawLegend(SKCanvas canvas, SearchLines lines, Lettering text, float middle)
    {
        var x = Margin;
        var ring = lines.RingedEpoch is null ? "" : "; a ring where its weights are from";
        Entry(string.Create(CultureInfo.InvariantCulture, $"trial {lines.Best.Number}, the best{ring}"), [Ink.Vermilion]);
        if (lines.Succeeded.Count > 1)
            Entry("others, the darker the better", [SearchLines.Shade(0), SearchLines.Shade(0.5f), SearchLines.Shade(1)]);
        if (lines.Failed.Count > 0)
            Entry("failed", [Ink.Nothing], dashes: [4, 4]);

        void Entry(string name, SKColor[] colours, float[]? dashes = null)
        {
            var piece = LegendSample / colours.Length;
            foreach (var (colour, i) in colours.Select((colour, i) => (colour, i)))
            {
                using var line = new InkStroke(colour, 2.5f, dashes);
                canvas.DrawLine(x + i * piece, middle, x + (i + 1) * piece, middle, line.Paint);
            }
            x += LegendSample + 8;
            text.Draw(canvas, name, x, middle + text.MiddleToBaseline, SKTextAlign.Left, Ink.Text);
            x += text.Measure(name) + 28;
        }
    }
}
