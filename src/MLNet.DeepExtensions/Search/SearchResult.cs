using System.Globalization;
using System.Text;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>What a search found. It owns the best fitted pipeline; dispose it.</summary>
/// <typeparam name="TCandidate">What the candidates of the search are.</typeparam>
public sealed class SearchResult<TCandidate> : IDisposable
{
    internal SearchResult(SearchObjective objective, IReadOnlyList<Trial<TCandidate>> trials, Trial<TCandidate> best, ITransformer model, bool isCancelled, TimeSpan duration) =>
        (Objective, Trials, Best, Model, IsCancelled, Duration) = (objective, trials, best, model, isCancelled, duration);

    /// <summary>Gets what was looked for.</summary>
    public SearchObjective Objective { get; }

    /// <summary>Gets all trials in the order in which they ran, those that failed among them.</summary>
    public IReadOnlyList<Trial<TCandidate>> Trials { get; }

    /// <summary>Gets the trial with the best score; of equals the first.</summary>
    public Trial<TCandidate> Best { get; }

    /// <summary>Gets the pipeline that the best trial fitted. Its score on the rows it was chosen by is a little too good: judge it on rows that no trial saw.</summary>
    public ITransformer Model { get; }

    /// <summary>Gets whether the search was cancelled: the trials are those that ran before.</summary>
    public bool IsCancelled { get; }

    /// <summary>Gets how long the search took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Writes the trials as a table for people, the best first.</summary>
    /// <returns>A line for each trial.</returns>
    public override string ToString()
    {
        var sorted = Trials.Order(Comparer<Trial<TCandidate>>.Create((a, b) => Objective.IsBetter(a.Score, b.Score) ? -1 : Objective.IsBetter(b.Score, a.Score) ? 1 : 0));
        IReadOnlyList<string>[] lines = [Heading(), .. sorted.Select(trial => Cells(trial, exact: false))];
        var widths = Enumerable.Range(0, lines[0].Count).Select(column => lines.Max(line => line[column].Length)).ToList();
        return string.Join('\n', lines.Select(line => string.Join("  ", line.Select((cell, column) => column < 4 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd()));
    }

    /// <summary>Writes the trials as comma-separated values (RFC 4180) in the order in which they ran, numbers in full and with a point.</summary>
    /// <returns>A line with the names, and one for each trial.</returns>
    public string ToCsv()
    {
        var text = new StringBuilder();
        foreach (var line in Trials.Select(trial => Cells(trial, exact: true)).Prepend(Heading()))
            text.Append(string.Join(',', line.Select(Quote))).Append('\n');
        return text.ToString();
    }

    /// <summary>Frees the best pipeline.</summary>
    public void Dispose() => (Model as IDisposable)?.Dispose();

    // a candidate may have drawn what others did not
    private List<string> Names => [.. Trials.SelectMany(trial => trial.Parameters).Select(parameter => parameter.Name).Distinct()];

    private List<string> Heading() => ["trial", "epochs", Objective.Name, "seconds", .. Names, "error"];

    private List<string> Cells(Trial trial, bool exact) =>
    [
        trial.Number.ToString(CultureInfo.InvariantCulture),
        trial.Epochs?.ToString(CultureInfo.InvariantCulture) ?? "",
        double.IsNaN(trial.Score) ? "" : trial.Score.ToString(exact ? "R" : "0.####", CultureInfo.InvariantCulture),
        trial.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
        .. Names.Select(name => trial.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } found ? ""
            : exact && found.Value is double number ? number.ToString("R", CultureInfo.InvariantCulture) : found.Text),
        trial.Error is { } error ? exact ? error.Message : error.GetType().Name : "",
    ];

    private static string Quote(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
