using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Scores with libtorch.</summary>
internal sealed class TorchEngine(DeepModel model) : ScoringEngine
{
    // the numbers that one forward pass takes in: enough to keep the cores busy, little enough to stay near them
    private const long NumbersInBatch = 1 << 20;

    // rows that differ in length are read this many at a time and scored with their like
    private const int RaggedRows = 512;

    private readonly IReadOnlyList<FeatureColumn> features = [.. model.Saved.Inputs.Select(input => input.Features)];

    public DeepModel Model => model;

    public override string Name => ScoringEngines.Torch;

    public override string WeightsName => Interop.SavedTransformer.TorchWeights;

    public override int BatchSize { get; } = model.Saved.ScoringBatchSize ?? (model.Saved.Inputs.Any(input => input.Shape.IsVariable) ? RaggedRows
        : (int)Math.Clamp(NumbersInBatch / Math.Max(1, model.Saved.Inputs.Sum(input => Math.Max(input.Features.Shape.Count, input.Shape.Count))), 16, 1024));

    public override DeepTask Task => model.Saved.Task;

    public override IReadOnlyList<FeatureColumn> Features => features;

    public override void Score(InputRows rows, ScoreRows scores)
    {
        scores.Begin((int)rows.Count);
        model.Enter();
        try
        {
            foreach (var which in LikeRows.Of(rows, NumbersInBatch))
                Run(rows, which, scores);
        }
        finally
        {
            model.Leave();
        }
    }

    private void Run(InputRows rows, int[] which, ScoreRows scores)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var input = NetworkColumn.Apply(model.Saved.Inputs, InputTensors.Of(rows, which, model.Device));
        var output = model.Module.Call(input);                                                                                  // [N, outputs]
        if (!Task.Takes(output.shape, which.Length))
            throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}] for {which.Length} rows; a module must give {Task.OutputShape}.");
        var activated = Task.Activation switch
        {
            OutputActivation.Softmax => nn.functional.softmax(output, dim: -1, dtype: ScalarType.Float32),
            OutputActivation.Sigmoid => output.to(ScalarType.Float32).sigmoid(),
            OutputActivation.Exponential => output.to(ScalarType.Float32).exp(),
            OutputActivation.UnitLength => nn.functional.normalize(output.to(ScalarType.Float32), dim: 1),
            _ => output.to(ScalarType.Float32),
        };
        var numbers = MemoryMarshal.Cast<byte, float>(activated.cpu().contiguous().bytes);
        var width = numbers.Length / which.Length;
        for (var i = 0; i < which.Length; i++)
            scores.Set(which[i], numbers.Slice(i * width, width));
    }

    public override byte[] WriteConfig() => ConfigJson.Write(model.Saved);

    public override void WriteWeights(Stream stream) => ModuleWeights.Write(model.Module, stream);

    public override void Dispose() => model.Dispose();
}

/// <summary>Opens what <see cref="TorchEngine"/> saved. ML.NET's loader finds it through Core's table of engines.</summary>
internal sealed class TorchEngineLoader : IScoringEngineLoader
{
    public string WeightsName => Interop.SavedTransformer.TorchWeights;

    public ScoringTransformer Load(IHostEnvironment environment, Stream config, Stream weights) =>
        new DeepTransformer(DeepModel.Load(config, weights, weightsLength: null, DeviceChoice.ForScoring(environment)));

    public ForecastTransformer LoadForecaster(IHostEnvironment environment, Stream config, Stream weights) =>
        new DeepForecastTransformer(DeepModel.Load(config, weights, weightsLength: null, DeviceChoice.ForScoring(environment)));
}
