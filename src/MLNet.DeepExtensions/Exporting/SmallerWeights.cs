using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>Graphs whose weights take fewer bytes.</summary>
internal static class SmallerWeights
{
    /// <summary>What has fewer numbers than this wins nothing.</summary>
    public const int FewestNumbers = 256;

    /// <summary>Rewrites a graph in place.</summary>
    public static ModelProto Apply(ModelProto model, PortableWeights weights)
    {
        switch (weights)
        {
            case PortableWeights.Float32:
                break;
            case PortableWeights.Float16:
                HalfWeights.Apply(model.Graph);
                break;
            case PortableWeights.Int8:
                model.Graph = Int8Weights.Of(model.Graph);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(weights), weights, $"Weights are kept as {string.Join(", ", Enum.GetNames<PortableWeights>())}.");
        }
        return model;
    }
}
