using System.Globalization;
using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>The candidates of a search as lines: which is drawn how, and on which scale their scores are.</summary>
internal sealed class SearchLines
{
    public SearchLines(IReadOnlyList<Trial> trials, Trial best, SearchObjective objective)
    {
        (Trials, Best, Objective) = (trials, best, objective);
        // a candidate that was trained several times is shown by its last success
        var last = trials.GroupBy(trial => trial.Number).Select(group => group.LastOrDefault(trial => trial.Error is null) ?? group.Last()).ToList();
        Failed = [.. last.Where(trial => trial.Error is not null)];
        // the best is drawn last, over the others
        Succeeded = [.. last.Where(trial => trial.Error is null).OrderBy(trial => objective.HigherIsBetter ? trial.Score : -trial.Score).OrderBy(trial => trial.Number == best.Number)];
        (Low, High) = Limits([.. trials.Where(trial => trial.Error is null).Select(trial => trial.Score)]);
    }

    public IReadOnlyList<Trial> Trials { get; }

    public Trial Best { get; }

    public SearchObjective Objective { get; }

    public IReadOnlyList<Trial> Failed { get; }

    /// <summary>Gets one trial for each candidate that has a score, the worst first.</summary>
    public IReadOnlyList<Trial> Succeeded { get; }

    /// <summary>Gets the lower end of the scale.</summary>
    public double Low { get; }

    /// <summary>Gets the upper end of the scale.</summary>
    public double High { get; }

    /// <summary>Gets the epoch whose weights the best model has, where scores are those of epochs.</summary>
    public int? RingedEpoch => Objective.IsMetric ? Best.History?.BestEpoch : null;

    /// <summary>Gets whether scores lie beyond the worse end of the scale.</summary>
    public bool IsCut => Succeeded.Any(trial => Objective.HigherIsBetter ? trial.Score < Low : trial.Score > High);

    /// <summary>Where a score lies between the ends; beyond them where it is so bad that it would squeeze the others into a line.</summary>
    public double At(double score) => (score - Low) / (High - Low);

    public bool IsBest(Trial trial) => trial.Number == Best.Number;

    public SKColor ColourOf(Trial trial)
    {
        if (IsBest(trial))
            return Ink.Vermilion;
        var place = Succeeded.Select((other, i) => (other, i)).First(item => item.other == trial).i;
        return Shade(Succeeded.Count < 3 ? 1 : place / (Succeeded.Count - 2f));
    }

    /// <summary>From a pale blue for the worst (0) to the full one (1).</summary>
    public static SKColor Shade(float share)
    {
        byte Mix(byte pale, byte full) => (byte)(pale + (full - pale) * share);
        return new SKColor(Mix(0xC9, Ink.Blue.Red), Mix(0xDD, Ink.Blue.Green), Mix(0xEA, Ink.Blue.Blue));
    }

    public string Number(double score) => score.ToString(Math.Abs(score) >= 1000 ? "#,0" : "0.####", CultureInfo.InvariantCulture);

    // the better three quarters, and as much room again below them
    private (double, double) Limits(List<double> scores)
    {
        scores.Sort();
        if (Objective.HigherIsBetter)
        {
            var (best, quarter) = (scores[^1], scores[scores.Count / 4]);
            return AxisTicks.Room(Math.Max(scores[0], best - 2 * (best - quarter)), best);
        }
        var (lowest, upper) = (scores[0], scores[(scores.Count - 1) * 3 / 4]);
        return AxisTicks.Room(lowest, Math.Min(scores[^1], lowest + 2 * (upper - lowest)));
    }
}
