using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>
/// Runs two legs in turn, in the order A B B A A B B A …, so that a machine that slows down or speeds up does so for both.
/// A leg is repeated until it has run for a second; what counts is the seconds of one repetition, divided by the units of work in it.
/// </summary>
internal static class Pairs
{
    public const double ShortestLeg = 1.0;

    public static void Run(string benchmark, int pairs, Func<double> ours, Func<double> plain, Func<JsonObject>? extra = null, int units = 1, bool asSpeed = false)
    {
        ours();
        plain();                                            // warm: code is compiled, memory is mapped
        var (repeatOurs, repeatPlain) = (Repetitions(ours), Repetitions(plain));
        var times = new List<(double Ours, double Plain)>();
        for (var pair = 0; pair < pairs; pair++)
        {
            double a, b;
            if (pair % 2 == 0)
                (a, b) = (Leg(ours, repeatOurs), Leg(plain, repeatPlain));
            else
                (b, a) = (Leg(plain, repeatPlain), Leg(ours, repeatOurs));
            times.Add((a / units, b / units));
            Console.WriteLine($"pair {pair + 1,2}/{pairs}: ours {a / units:0.000000} s, plain {b / units:0.000000} s, ratio {a / b:0.000}");
        }
        // seconds, ours over theirs; or speed, ours over theirs
        double Ratio((double Ours, double Plain) time) => asSpeed ? time.Plain / time.Ours : time.Ours / time.Plain;
        var result = new JsonObject
        {
            ["benchmark"] = benchmark,
            ["ratio"] = Round(Quantile(times.Select(Ratio), 0.5)),
            ["ratio_quartiles"] = new JsonArray(Round(Quantile(times.Select(Ratio), 0.25)), Round(Quantile(times.Select(Ratio), 0.75))),
            ["ours_seconds"] = Round(Quantile(times.Select(time => time.Ours), 0.5)),
            ["plain_seconds"] = Round(Quantile(times.Select(time => time.Plain), 0.5)),
            ["pairs"] = pairs,
        };
        foreach (var (name, value) in extra?.Invoke() ?? [])
            result[name] = value?.DeepClone();
        Print(result);
    }

    public static void Print(JsonObject result) => Console.WriteLine("BENCH " + result.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));

    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }

    public static double Round(double value) => double.Parse(value.ToString("G4"));

    // a leg says itself how long one repetition took, so that what it must prepare does not count
    private static int Repetitions(Func<double> leg) => Math.Max(1, (int)Math.Ceiling(ShortestLeg / Math.Max(1e-6, leg())));

    private static double Leg(Func<double> leg, int repetitions)
    {
        var seconds = 0.0;
        for (var i = 0; i < repetitions; i++)
            seconds += leg();
        return seconds / repetitions;
    }

    public static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
