using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>Peak resident set of one training run. Each side runs in a process of its own, with ML.NET and libtorch loaded in both.</summary>
internal static class MemoryBenchmark
{
    public static void Run(string? side)
    {
        if (side is not null)
        {
            Measure(side);
            return;
        }
        var (ours, plain) = (new List<double>(), new List<double>());
        for (var i = 0; i < 3; i++)
        {
            ours.Add(Child("ours"));
            plain.Add(Child("plain"));
        }
        Pairs.Print(new JsonObject
        {
            ["benchmark"] = "memory",
            ["ratio"] = Pairs.Round(Pairs.Quantile(ours, 0.5) / Pairs.Quantile(plain, 0.5)),
            ["ours_megabytes"] = Pairs.Round(Pairs.Quantile(ours, 0.5)),
            ["plain_megabytes"] = Pairs.Round(Pairs.Quantile(plain, 0.5)),
        });
    }

    private static void Measure(string side)
    {
        var ml = new MLContext(seed: 1);
        if (side == "ours")
        {
            var model = Mnist.Pipeline(ml, new DeepTrainerOptions { Epochs = 2, Optimizer = new Sgd { LearningRate = 0.01 } }).Fit(Mnist.View(ml, "train"));
            Console.WriteLine(Mnist.Trained(model).History.Epochs[^1].Train["loss"]);
        }
        else
        {
            // ML.NET's assemblies count on both sides
            ml.Transforms.Conversion.MapValueToKey("Label").Fit(Mnist.View(ml, "t10k"));
            var (pictures, digits) = Mnist.Tensors("train");
            using var network = PlainTraining.Network();
            Console.WriteLine(PlainTraining.Run(network, pictures, digits, epochs: 2).Loss);
        }
        using var me = Process.GetCurrentProcess();
        Console.WriteLine($"PEAK {me.PeakWorkingSet64 / 1e6:0.0}");
    }

    private static double Child(string side)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["memory", "--side", side]) { RedirectStandardOutput = true })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Console.Write($"{side}: {output}");
        return double.Parse(output.Split("PEAK ")[1].Trim());
    }
}
