using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Brings numbers to mean 0 and standard deviation 1 over the training rows; what is missing becomes 0, the mean: [N, features] → the same.</summary>
internal sealed class NumberScaling : Module<Tensor, Tensor>, IOnnxExportable
{
    private readonly long[] missing;

    public NumberScaling(FittedNumbers numbers, Device? device) : base(nameof(NumberScaling))
    {
        missing = [.. numbers.Missing.Select(feature => (long)feature)];
        register_buffer("mean", tensor(numbers.Mean.ToArray(), device: device), persistent: false);
        register_buffer("std", tensor(numbers.Std.ToArray(), device: device), persistent: false);
        if (missing.Length > 0)
            register_buffer("missing", tensor(missing, device: device), persistent: false);
        RegisterComponents();
    }

    /// <summary>Gets how many features are missing in some training row.</summary>
    public int MissingCount => missing.Length;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var scaled = (input - get_buffer("mean")!) / get_buffer("std")!;
        return scaled.masked_fill(scaled.isnan(), 0).MoveToOuterDisposeScope();
    }

    /// <summary>1 where one of the features that may be missing is, [N, <see cref="MissingCount"/>]; null where none may.</summary>
    public Tensor? Indicators(Tensor input)
    {
        if (missing.Length == 0)
            return null;
        using var scope = NewDisposeScope();
        return input.index_select(1, get_buffer("missing")!).isnan().to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var scaled = (input.Values - graph.Weight(get_buffer("mean")!)) / graph.Weight(get_buffer("std")!);
        return scaled.Where(graph.Node("Not", [graph.Node("IsNaN", [scaled])]), 0);
    }

    /// <inheritdoc cref="Indicators(Tensor)"/>
    public GraphValue? Indicators(OnnxGraph graph, GraphValue input) => missing.Length == 0 ? null
        : graph.Node("IsNaN", [graph.Node("Gather", [input, graph.Weight(get_buffer("missing")!)], ("axis", 1))]).ToFloat();
}
