using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Scores with libtorch.</summary>
internal sealed class TorchEngine(DeepModel model) : ScoringEngine
{
    // the numbers that a head gives at a time
    private const long NumbersInAnswer = 1 << 25;

    // rows that differ in length are read this many at a time and scored with their like
    private const int RaggedRows = 512;

    private readonly IReadOnlyList<FeatureColumn> features = [.. model.Saved.Inputs.Select(input => input.Features)];

    public DeepModel Model => model;

    public override string Name => ScoringEngines.Torch;

    public override string WeightsName => Interop.SavedTransformer.TorchWeights;

    public override int BatchSize { get; } = model.Saved.ScoringBatchSize ?? (model.Saved.Inputs.Any(input => input.Shape.IsVariable) ? RaggedRows
        : (int)Math.Clamp(LikeRows.NumbersInBatch / Math.Max(1, model.Saved.Inputs.Sum(input => Math.Max(input.Features.Shape.Count, input.Shape.Count))), 16, 1024));

    public override DeepTask Task => model.Saved.Task;

    public override IReadOnlyList<FeatureColumn> Features => features;

    public override void Score(InputRows rows, ScoreRows scores)
    {
        scores.Begin((int)rows.Count);
        model.Enter();
        try
        {
            foreach (var which in LikeRows.Of(rows, Task))
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
        if (Task.AskedToken is { } token)
        {
            RunAsked(input, token, rows, which, scores);
            return;
        }
        var numbers = MemoryMarshal.Cast<byte, float>((Task is LanguageModelTask language ? TextLikelihood.Of(model.Module, input.Columns[0], language, LikeRows.NumbersInBatch / LikeRows.NumbersOf(rows.Columns[0], Task)) : Scores(input, which.Length)).cpu().contiguous().bytes);
        var width = numbers.Length / which.Length;
        for (var i = 0; i < which.Length; i++)
            scores.Set(which[i], numbers.Slice(i * width, width));
    }

    private Tensor Scores(ModelInput input, int rows)
    {
        var output = model.Module.Call(input);                                                                                  // [N, outputs]
        if (!Task.Takes(output.shape, rows))
            throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}] for {rows} rows; a module must give {Task.OutputShape}.");
        return Task.Activation switch
        {
            OutputActivation.Softmax => nn.functional.softmax(output, dim: -1, dtype: ScalarType.Float32),
            OutputActivation.Sigmoid => output.to(ScalarType.Float32).sigmoid(),
            OutputActivation.Exponential => output.to(ScalarType.Float32).exp(),
            OutputActivation.UnitLength => nn.functional.normalize(output.to(ScalarType.Float32), dim: 1),
            _ => output.to(ScalarType.Float32),
        };
    }

    // a head of thousands of tokens costs more than all layers: only the steps that are asked about go through it, and only the likeliest token is kept
    private void RunAsked(ModelInput input, int token, InputRows rows, int[] which, ScoreRows scores)
    {
        var (asked, counts) = AskedSteps.Find(input.Columns[0], token);
        if (counts.Sum() * Task.OutputWidth > NumbersInAnswer && which.Length > 1)
        {
            Run(rows, which[..(which.Length / 2)], scores);
            Run(rows, which[(which.Length / 2)..], scores);
            return;
        }
        var pairs = counts.Sum() == 0 ? [] : AskedSteps.Likeliest(AskedSteps.Answer(model.Module, input, asked, Task.OutputWidth), 1);
        var first = 0;
        for (var i = 0; i < which.Length; i++)
        {
            scores.Set(which[i], pairs.AsSpan(2 * first, 2 * (int)counts[i]));
            first += (int)counts[i];
        }
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
