using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Steps are read, go through layers, and are made one vector, or not; then dropout and one fully connected layer.</summary>
internal sealed class SequenceNetwork : Module<ModelInput, Tensor>, IOnnxExportable
{
    private readonly StepInput input;
    private readonly StepLayers steps;
    private readonly StepPooling? pooling;
    private readonly SeededDropout drop;
    private readonly Linear fc;

    public SequenceNetwork(StepInput input, StepLayers steps, Pooling pooling, double dropout, int outputs, Device? device) : base(nameof(SequenceNetwork))
    {
        (this.input, this.steps) = (input, steps);
        if (pooling != Pooling.None)
            this.pooling = new StepPooling(pooling, steps.Width, steps.IsBidirectional, device);
        drop = new SeededDropout(dropout);
        fc = Linear(steps.Width, outputs, device: device);
        register_module(steps.Name, steps.Module);
        RegisterComponents();
    }

    /// <returns>[N, outputs], or [N, steps, outputs].</returns>
    public override Tensor forward(ModelInput rows)
    {
        using var scope = NewDisposeScope();
        var read = input.call(rows);                                                // [N, steps, numbers]
        var hidden = steps.Run(read.Values, read.Lengths);                          // [N, steps, width]
        var output = pooling is null ? read.BlankPadding(fc.call(drop.call(hidden))) : fc.call(drop.call(pooling.call(hidden, read)));
        return output.MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput rows)
    {
        var read = rows.Columns[0] with { Values = graph.Call(input, rows) };       // [N, steps, numbers]
        var hidden = read with { Values = steps.Export?.Invoke(graph, read) ?? graph.Call(steps.Module, read) };
        return pooling is null ? hidden.BlankPadding(graph, graph.Call(fc, hidden.Values), fc.out_features) : graph.Call(fc, graph.Call(pooling, hidden));
    }
}
