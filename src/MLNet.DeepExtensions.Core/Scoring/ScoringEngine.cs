using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>Runs a network over a batch of rows. Any number of threads may call <see cref="Score"/> at once.</summary>
internal abstract class ScoringEngine : IDisposable
{
    // more is not worth keeping beside a model
    private const long MostSpareBytes = 16 << 20;

    private InputRows? spare;

    /// <summary>Lends memory for a batch of rows that an earlier reader gave back, so that reading often allocates no megabytes each time; null where there is none.</summary>
    public InputRows? TakeSpareRows() => Interlocked.Exchange(ref spare, null);

    /// <summary>Takes memory back that nobody uses any more.</summary>
    public void GiveBack(InputRows rows)
    {
        if (rows.Bytes <= MostSpareBytes)
            spare = rows;
    }

    /// <summary>Gets the name in the model file by which the engine is found again.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the name of the entry in the model file that holds what the network learnt.</summary>
    public abstract string WeightsName { get; }

    /// <summary>Gets the rows that one forward pass should take at most.</summary>
    public abstract int BatchSize { get; }

    public abstract DeepTask Task { get; }

    /// <summary>Gets the columns that feed the network.</summary>
    public abstract IReadOnlyList<FeatureColumn> Features { get; }

    /// <summary>Scores rows.</summary>
    /// <param name="rows">The features; at least one row.</param>
    /// <param name="scores">Takes each row's numbers, after softmax or sigmoid.</param>
    public abstract void Score(InputRows rows, ScoreRows scores);

    /// <summary>Everything but the weights, as JSON.</summary>
    public abstract byte[] WriteConfig();

    public abstract void WriteWeights(Stream stream);

    public abstract void Dispose();
}

/// <summary>Makes a transformer from what a model file holds; found by the engine's name.</summary>
internal interface IScoringEngineLoader
{
    /// <summary>Gets the name of the entry in the model file that holds what the network learnt.</summary>
    string WeightsName { get; }

    ScoringTransformer Load(IHostEnvironment environment, Stream config, Stream weights);

    ForecastTransformer LoadForecaster(IHostEnvironment environment, Stream config, Stream weights);
}

/// <summary>Which assembly brings which engine. A file names an engine, never an assembly: this table alone decides what is loaded.</summary>
internal static class ScoringEngines
{
    public const string Torch = "torch";
    public const string Onnx = "onnx";

    private static readonly Dictionary<string, (string Assembly, string Loader, string Package)> engines = new(StringComparer.Ordinal)
    {
        [Torch] = ("MLNet.DeepExtensions", "MLNet.DeepExtensions.TorchEngineLoader", "MLNet.DeepExtensions"),
        [Onnx] = ("MLNet.DeepExtensions.Onnx", "MLNet.DeepExtensions.OnnxEngineLoader", "MLNet.DeepExtensions.Onnx"),
    };

    public static IScoringEngineLoader Find(string name)
    {
        if (!engines.TryGetValue(name, out var engine))
            throw new InvalidModelFileException($"The model asks for the scoring engine '{name}'; known are {string.Join(", ", engines.Keys)}. A newer version of MLNet.DeepExtensions may know it.");
        Type? loader;
        try
        {
            loader = System.Reflection.Assembly.Load(engine.Assembly).GetType(engine.Loader);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw new InvalidOperationException($"The model is scored by '{name}', but {engine.Assembly}.dll is not beside the application. Add the package {engine.Package}.", e);
        }
        return (IScoringEngineLoader)Activator.CreateInstance(loader ?? throw new InvalidOperationException(
            $"{engine.Assembly} has no {engine.Loader}: its version does not match MLNet.DeepExtensions.Core. Use the same version of both packages."), nonPublic: true)!;
    }
}
