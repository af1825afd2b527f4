using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The piecewise-linear encoding (Gorishniy 2022, section 3.2): a number says for each bin how far it reaches into it, 0 below and 1 above; a linear layer of each feature's own and ReLU follow.
/// Bins hold like shares of the training rows; values outside of them go on in the line of the first and the last.
/// </summary>
[ConfigName("piecewise-linear")]
public sealed record PiecewiseLinear : NumericEmbedding
{
    /// <summary>Gets into how many bins a feature is cut; one with fewer different values has fewer.</summary>
    /// <value>In [1, 1024]. The default is 48.</value>
    [Range(1, 1024)]
    public int Bins { get; init; } = 48;

    internal override Module<Tensor, Tensor> Build(FittedNumbers numbers, int width, Device? device)
    {
        if (numbers.Bins?.FirstOrDefault(ends => ends.Count > Bins + 1) is { } many)
            throw new ArgumentException($"A feature has {many.Count - 1} bins, but PiecewiseLinear has at most {Bins}.", nameof(numbers));
        return Sequential(("bins", new Encoding(this, numbers, device)), ("linear", new EachLinear(numbers.Mean.Count, Bins, width, device)), ("relu", ReLU()));
    }

    private sealed class Encoding : Module<Tensor, Tensor>, IOnnxExportable
    {
        public Encoding(PiecewiseLinear config, FittedNumbers numbers, Device? device) : base(nameof(PiecewiseLinear))
        {
            var (features, bins) = (numbers.Mean.Count, config.Bins);
            float[] Filled(float value) => [.. Enumerable.Repeat(value, features * bins)];
            // a bin that a feature does not have is always 0
            var (starts, sizes, lows, highs) = (Filled(0), Filled(1), Filled(0), Filled(0));
            for (var feature = 0; feature < features; feature++)
            {
                var ends = EndsOf(numbers, feature, bins);
                for (var bin = 0; bin + 1 < ends.Count; bin++)
                {
                    var place = feature * bins + bin;
                    (starts[place], sizes[place]) = ((float)ends[bin], (float)(ends[bin + 1] - ends[bin]));
                    lows[place] = bin == 0 ? float.NegativeInfinity : 0;
                    highs[place] = bin + 2 == ends.Count ? float.PositiveInfinity : 1;
                }
            }
            // they are in the config: in the weights they would only be in the way of another model's
            foreach (var (name, values) in new[] { ("start", starts), ("size", sizes), ("low", lows), ("high", highs) })
                register_buffer(name, tensor(values, [features, bins], device: device), persistent: false);
            RegisterComponents();
        }

        // [N, features] → [N, features, bins]
        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return input.unsqueeze(2).sub(get_buffer("start")!).div(get_buffer("size")!).clamp(get_buffer("low")!, get_buffer("high")!).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            GraphValue Buffer(string name) => graph.Weight(get_buffer(name)!);
            var reach = (input.Values.Unsqueeze(2) - Buffer("start")) / Buffer("size");
            return graph.Node("Min", [graph.Node("Max", [reach, Buffer("low")]), Buffer("high")]);
        }

        // the network's unit; a value that never changes has one bin from it to one standard deviation above
        private static IReadOnlyList<double> EndsOf(FittedNumbers numbers, int feature, int bins)
        {
            if (numbers.Bins is null)
                return [.. Enumerable.Range(0, bins + 1).Select(i => -3 + 6.0 * i / bins)];
            var ends = numbers.Bins[feature].Select(end => ((double)end - numbers.Mean[feature]) / numbers.Std[feature]).ToList();
            return ends.Count >= 2 ? ends : [ends.Count == 0 ? 0 : ends[0], ends.Count == 0 ? 1 : ends[0] + 1];
        }
    }
}
