using Google.Protobuf;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>A network that is saved as an ONNX graph. Until then it scores with libtorch, as before.</summary>
internal sealed class PortableEngine(DeepModel model, PortableWeights weights) : ScoringEngine
{
    private readonly TorchEngine torch = new(model);

    public override string Name => ScoringEngines.Onnx;

    public override string WeightsName => SavedTransformer.OnnxWeights;

    public override int BatchSize => torch.BatchSize;

    public override DeepTask Task => torch.Task;

    public override IReadOnlyList<FeatureColumn> Features => torch.Features;

    public override void Score(InputRows rows, ScoreRows scores) => torch.Score(rows, scores);

    public override byte[] WriteConfig() => ConfigJson.Write(new PortableModel { Features = Features, Task = Task, ScoringBatchSize = BatchSize });

    public override void WriteWeights(Stream stream) => SmallerWeights.Apply(OnnxExport.ForScoring(model), weights).WriteTo(stream);

    // the network belongs to the transformer that it was taken from
    public override void Dispose() { }
}

/// <summary>What stands in the place of a <see cref="DeepTransformer"/> in a chain that is saved portably.</summary>
internal sealed class PortableTransformer(DeepModel model, PortableWeights weights) : ScoringTransformer(new PortableEngine(model, weights));

/// <summary>What stands in the place of a <see cref="DeepForecastTransformer"/>.</summary>
internal sealed class PortableForecaster(DeepModel model, PortableWeights weights) : ForecastTransformer(new PortableEngine(model, weights));
