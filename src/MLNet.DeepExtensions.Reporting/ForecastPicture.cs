using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>Draws a forecast.</summary>
public static class ForecastPicture
{
    /// <summary>
    /// Writes a PNG of what was, what is said, and, where it is known, what came: history and truth as one line, the forecast as another, and between the outermost quantiles, where the model
    /// gives any, an area.
    /// </summary>
    /// <param name="forecast">The forecast, as <see cref="ForecastEngine{TRow}.Predict"/> gives it.</param>
    /// <param name="path">The file, ending in .png; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <param name="target">The name of the target to draw; one of <see cref="Forecast.Targets"/>.</param>
    /// <param name="history">What the target was, the newest last; of a long one, twice as many values as the forecast has steps are drawn, and at least 48.</param>
    /// <param name="truth">What came, as far as it is known; null for nothing.</param>
    /// <param name="title">What stands above the picture; null for nothing.</param>
    /// <exception cref="ArgumentException">There is no such target, or no history; or the path is no PNG file's.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void SavePicture(this Forecast forecast, string path, string target, IEnumerable<float> history, IEnumerable<float>? truth = null, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        ArgumentNullException.ThrowIfNull(history);
        var number = forecast.Targets.ToList().IndexOf(target);
        if (number < 0)
            throw new ArgumentException($"The forecast has no target '{target}', but {string.Join(", ", forecast.Targets)}.", nameof(target));
        var lines = new ForecastLines(forecast, number, [.. history], [.. truth ?? []]);
        using var titleText = new Lettering(19);
        using var text = new Lettering(13);
        var titleBaseline = title is null ? ForecastPanel.Margin - 12 : ForecastPanel.Margin + titleText.Size;
        var legendMiddle = titleBaseline + 12 + text.Size;
        var top = legendMiddle + text.Size + 18;
        PngFile.Save(path, ForecastPanel.Width, top + ForecastPanel.Height + ForecastPanel.Margin, canvas =>
        {
            if (title is not null)
                titleText.Draw(canvas, titleText.CutEnd(title, ForecastPanel.Width - 2 * ForecastPanel.Margin), ForecastPanel.Margin, titleBaseline, SKTextAlign.Left, Ink.Text);
            ForecastPanel.DrawLegend(canvas, lines, text, legendMiddle);
            ForecastPanel.Draw(canvas, lines, target, SKRect.Create(ForecastPanel.Margin, top, ForecastPanel.Width - 2 * ForecastPanel.Margin, ForecastPanel.Height));
        });
    }
}

/// <summary>The lines of a picture of a forecast. The newest value of the history is step 0.</summary>
internal sealed class ForecastLines
{
    private const int LeastHistory = 48;

    public ForecastLines(Forecast forecast, int target, IReadOnlyList<float> history, IReadOnlyList<float> truth)
    {
        if (history.Count == 0)
            throw new ArgumentException("There is no history to draw: give what the target was, the newest value last.", nameof(history));
        Horizon = forecast.Values.Count / forecast.Targets.Count;
        First = -Math.Min(history.Count, Math.Max(LeastHistory, 2 * Horizon)) + 1;
        Known = [.. history.Skip(history.Count - 1 + First).Concat(truth.Take(Horizon))];
        Said = [.. Enumerable.Range(1, Horizon).Select(step => forecast[step, target])];
        if (forecast.Quantiles.Count < 2)
            return;
        Limits = (forecast.Quantiles[0], forecast.Quantiles[^1]);
        Low = [.. Enumerable.Range(1, Horizon).Select(step => forecast.Quantile(Limits.Low, step, target))];
        High = [.. Enumerable.Range(1, Horizon).Select(step => forecast.Quantile(Limits.High, step, target))];
    }

    public int Horizon { get; }

    /// <summary>Gets the step of the oldest value that is drawn.</summary>
    public int First { get; }

    /// <summary>Gets history and truth, from <see cref="First"/>.</summary>
    public IReadOnlyList<float> Known { get; }

    /// <summary>Gets the forecast, from step 1.</summary>
    public IReadOnlyList<float> Said { get; }

    /// <summary>Gets the outermost quantiles.</summary>
    public (double Low, double High) Limits { get; }

    /// <summary>Gets the lowest quantile, from step 1; empty where there are none.</summary>
    public IReadOnlyList<float> Low { get; } = [];

    /// <summary>Gets the highest quantile, from step 1.</summary>
    public IReadOnlyList<float> High { get; } = [];
}
