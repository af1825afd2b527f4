using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Every step looks at every step; the names are those of PyTorch's MultiheadAttention.</summary>
internal sealed class SelfAttention : Module<Tensor, Tensor?, RotaryPositions?, Tensor>
{
    private readonly Parameter in_proj_weight;
    private readonly Parameter in_proj_bias;
    private readonly Linear out_proj;
    private readonly int heads;
    private readonly double dropout;

    /// <param name="width">The numbers of a step.</param>
    /// <param name="heads">How many heads share the width.</param>
    /// <param name="dropout">The probability of zeroing what a step sees of another while training.</param>
    /// <param name="device">Where the weights are wanted.</param>
    public SelfAttention(int width, int heads, double dropout, Device? device) : base(nameof(SelfAttention))
    {
        (this.heads, this.dropout) = (heads, dropout);
        in_proj_weight = Parameter(init.xavier_uniform_(empty(3 * width, width, device: device)));
        in_proj_bias = Parameter(zeros(3 * width, device: device));
        out_proj = Linear(width, width, device: device);
        init.zeros_(out_proj.bias!);
        RegisterComponents();
    }

    /// <param name="input">[N, steps, width].</param>
    /// <param name="mask">[N, steps], true where there is a step; null where all are.</param>
    /// <param name="rotary">Turns queries and keys; null where places are known from the input.</param>
    /// <returns>[N, steps, width].</returns>
    public override Tensor forward(Tensor input, Tensor? mask, RotaryPositions? rotary)
    {
        using var scope = NewDisposeScope();
        var projected = functional.linear(input, in_proj_weight, in_proj_bias).chunk(3, 2);             // [N, steps, width] each
        var (query, key, value) = (Attention.Split(projected[0], heads), Attention.Split(projected[1], heads), Attention.Split(projected[2], heads));
        if (rotary is not null)
            (query, key) = (rotary.Turn(query), rotary.Turn(key));
        var seen = Attention.Attend(query, key, value, mask, dropout: training ? dropout : 0);
        return out_proj.call(Attention.Merge(seen)).MoveToOuterDisposeScope();
    }

    /// <summary>The same in a graph, under the layer's name.</summary>
    public GraphValue Export(OnnxGraph graph, GraphValue input, GraphSight sight) => graph.Within(this, () =>
    {
        var projected = graph.Linear(input, in_proj_weight, in_proj_bias).Chunk(3, 2);
        return graph.Call(out_proj, sight.Attend(projected[0], projected[1], projected[2], heads, out_proj.out_features));
    });
}
