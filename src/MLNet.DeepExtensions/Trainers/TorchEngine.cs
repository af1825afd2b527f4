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

    public DeepModel Model => model;

    public override string Name => ScoringEngines.Torch;

    public override int BatchSize { get; } = model.Saved.ScoringBatchSize ?? (int)Math.Clamp(NumbersInBatch / Math.Max(model.InputShape.Count, model.Input.OutputShape(model.InputShape).Count), 16, 1024);

    public override DeepTask Task => model.Saved.Task;

    public override FeatureColumn Features => model.Saved.Features;

    public override void Score(Array rows, int count, Span<float> scores)
    {
        model.Enter();
        try
        {
            Run(rows, count, scores);
        }
        finally
        {
            model.Leave();
        }
    }

    private void Run(Array rows, int count, Span<float> scores)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var x = rows is byte[] bytes ? Copy(bytes, count, ScalarType.Byte) : Copy((float[])rows, count, ScalarType.Float32);    // [N, values]
        if (model.Device.type != DeviceType.CPU)
            x = x.to(model.Device);
        var output = model.Module.call(model.Saved.Input.Apply(x, model.InputShape));                                           // [N, outputs]
        if (output.dim() != 2 || output.shape[0] != count || output.shape[1] != Task.OutputWidth)
            throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}] for {count} rows; a module must give [rows, {Task.OutputWidth}].");
        var activated = Task.Activation switch
        {
            OutputActivation.Softmax => nn.functional.softmax(output, dim: 1, dtype: ScalarType.Float32),
            OutputActivation.Sigmoid => output.to(ScalarType.Float32).sigmoid(),
            OutputActivation.Exponential => output.to(ScalarType.Float32).exp(),
            OutputActivation.UnitLength => nn.functional.normalize(output.to(ScalarType.Float32), dim: 1),
            _ => output.to(ScalarType.Float32),
        };
        MemoryMarshal.Cast<byte, float>(activated.cpu().contiguous().bytes).CopyTo(scores);
    }

    public override byte[] WriteConfig() => ConfigJson.Write(model.Saved);

    public override void WriteWeights(Stream stream) => ModuleWeights.Write(model.Module, stream);

    public override void Dispose() => model.Dispose();

    private Tensor Copy<T>(T[] rows, int count, ScalarType type) where T : unmanaged
    {
        var width = (int)model.InputShape.Count;
        var x = empty(count, width, dtype: type);
        MemoryMarshal.AsBytes(rows.AsSpan(0, count * width)).CopyTo(x.bytes);
        return x;
    }
}

/// <summary>Opens what <see cref="TorchEngine"/> saved. ML.NET's loader finds it through Core's table of engines.</summary>
internal sealed class TorchEngineLoader : IScoringEngineLoader
{
    public ScoringTransformer Load(IHostEnvironment environment, Stream config, Stream weights) =>
        new DeepTransformer(DeepModel.Load(config, weights, weightsLength: null, DeviceChoice.ForScoring(environment)));
}
