using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>samples/EdgeConsole --once: from the start of the process to its first answer, with a portable network and with a model of ML.NET's own steps that answers likewise.</summary>
internal static partial class ColdStartBenchmark
{
    /// <param name="pairs">How many starts of each kind.</param>
    /// <param name="application">The folder of the program; null for the build of samples/EdgeConsole.</param>
    public static void Run(int pairs, string? application)
    {
        application = Path.Combine(application ?? Path.Combine(Root(), "samples", "EdgeConsole", "bin", "Release", "net10.0"), "EdgeConsole.dll");
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var ml = new MLContext(seed: 1);
            var train = Mnist.View(ml, "train");
            var (network, none) = (Path.Combine(folder.FullName, "network.zip"), Path.Combine(folder.FullName, "none.zip"));
            var deep = Mnist.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }).Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel")).Fit(train);
            ml.Model.SavePortable(deep, train.Schema, network);
            ml.Model.Save(ml.Transforms.Conversion.ConvertType("Score", "Features", Microsoft.ML.Data.DataKind.Single).Append(ml.Transforms.CopyColumns("Digit", "Label")).Fit(train), train.Schema, none);

            foreach (var isCold in (bool[])[false, true])
                Print(isCold, [.. Enumerable.Range(0, pairs + 1).Select(_ => (Start(application, network, isCold, folder.FullName), Start(application, none, isCold, folder.FullName))).Skip(1)]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(bool isCold, List<(double Network, double None)> starts) => Pairs.Print(new JsonObject
    {
        ["benchmark"] = isCold ? "cold-start, files not in memory" : "cold-start",
        ["seconds_more"] = Pairs.Round(Pairs.Quantile(starts.Select(start => start.Network - start.None), 0.5)),
        ["quartiles"] = new JsonArray(Pairs.Round(Pairs.Quantile(starts.Select(start => start.Network - start.None), 0.25)), Pairs.Round(Pairs.Quantile(starts.Select(start => start.Network - start.None), 0.75))),
        ["network_seconds"] = Pairs.Round(Pairs.Quantile(starts.Select(start => start.Network), 0.5)),
        ["none_seconds"] = Pairs.Round(Pairs.Quantile(starts.Select(start => start.None), 0.5)),
        ["pairs"] = starts.Count,
    });

    private static double Start(string application, string model, bool isCold, string models)
    {
        if (isCold)
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(application)!, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(models)))
                Forget(file);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [application, "--once", "--model", model]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var result = output.Split('\n').LastOrDefault(line => line.StartsWith("RESULT ", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"EdgeConsole gave no result: {output}");
        return (double)JsonNode.Parse(result["RESULT ".Length..])!["start_seconds"]!;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MLNet.DeepExtensions.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("This benchmark runs from a folder within the repository.");
        return folder.FullName;
    }

    // the runtime's own files stay: this process uses them
    private static void Forget(string path)
    {
        const int DontNeed = 4;
        using var file = File.OpenHandle(path);
        _ = Advise((int)file.DangerousGetHandle(), 0, 0, DontNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);
}
