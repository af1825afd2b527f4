using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// How a network for tables sees a number: as a vector of its own instead of one value, which lets it learn jumps and bends (Gorishniy, Rubachev and Babenko 2022,
/// "On embeddings for numerical features in tabular deep learning").
/// </summary>
[ConfigFamily]
public abstract record NumericEmbedding
{
    private protected NumericEmbedding() { }

    /// <summary>Builds the embedding.</summary>
    /// <param name="numbers">What was learnt of the features.</param>
    /// <param name="width">The width of a feature's vector.</param>
    /// <param name="device">Where to create the weights.</param>
    /// <returns>A module from [N, features], scaled to mean 0 and standard deviation 1, to [N, features, width].</returns>
    internal abstract Module<Tensor, Tensor> Build(FittedNumbers numbers, int width, Device? device);
}

/// <summary>A linear layer of its own for each feature: [N, features, from] → [N, features, to].</summary>
internal sealed class EachLinear : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public EachLinear(int features, int from, int to, Device? device) : base(nameof(EachLinear))
    {
        // as torch's own linear layer
        var bound = 1 / Math.Sqrt(from);
        weight = Parameter(init.uniform_(empty(features, from, to, device: device), -bound, bound));
        bias = Parameter(init.uniform_(empty(features * to, device: device), -bound, bound));      // one dimension: it is not decayed
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (input.transpose(0, 1).matmul(weight) + bias.view(weight.shape[0], 1, -1)).transpose(0, 1).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input) =>
        (input.Values.Permute(1, 0, 2).Matmul(graph.Weight(weight)) + graph.Weight(bias).Reshape(weight.shape[0], 1, weight.shape[2])).Permute(1, 0, 2);
}

/// <summary>A value times a vector plus a vector, as the FT-Transformer has it (Gorishniy et al. 2021, equation 1): [N, features] → [N, features, width].</summary>
internal sealed class ScaledVectors : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public ScaledVectors(int features, int width, Device? device) : base(nameof(ScaledVectors))
    {
        var bound = 1 / Math.Sqrt(width);
        weight = Parameter(init.uniform_(empty(features, width, device: device), -bound, bound));
        bias = Parameter(init.uniform_(empty(features * width, device: device), -bound, bound));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return addcmul(bias.view_as(weight), input.unsqueeze(2), weight, 1).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input) => input.Values.Unsqueeze(2) * graph.Weight(weight) + graph.Weight(bias).Reshape(weight.shape);
}
