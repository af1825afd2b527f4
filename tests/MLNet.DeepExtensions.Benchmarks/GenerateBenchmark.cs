using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Writing 256 tokens with kept keys and values, against reading all tokens again for each. The texts are the same.</summary>
internal static class GenerateBenchmark
{
    private const int NewTokens = 256;

    // large enough that computing, and not calling, is what takes the time; the weights are chance
    private static readonly Gpt network = new() { Layers = 6, Heads = 6, HiddenSize = 384, Context = 512, Dropout = 0 };

    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var letters = string.Concat(Enumerable.Range(0, 2000).Select(i => (char)('!' + i * 7919 % 90)));
        var options = new DeepTrainerOptions { MaxSteps = 1, BatchSize = 1, Seed = 1 };
        using var model = ml.DeepText().Trainers.CausalLanguageModel(network, options: options).Fit(ml.Data.LoadFromEnumerable([new Document { Text = letters }]));
        var generator = model.CreateTextGenerator();
        var prompt = letters[..16];
        var manner = new GenerationOptions { MaxNewTokens = NewTokens, StopAtEndOfText = false, Seed = 1 };
        if (generator.Generate(prompt, manner) != generator.Generate(prompt, manner with { UseCache = false }))
            Console.WriteLine("The texts differ: rounding tipped a die.");
        double with = double.NaN, without = double.NaN;
        Pairs.Run("generate", pairs, () => with = Pairs.Seconds(() => generator.Generate(prompt, manner)), () => without = Pairs.Seconds(() => generator.Generate(prompt, manner with { UseCache = false })),
            () => new JsonObject { ["tokens_per_second"] = Pairs.Round(NewTokens / with), ["tokens_per_second_without_cache"] = Pairs.Round(NewTokens / without) }, asSpeed: true);
    }

    private sealed class Document
    {
        public string Text { get; set; } = "";
    }
}
