using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// The periodic embedding (Gorishniy 2022, section 3.3): cosines and sines of 2πcx with learnt frequencies c, then a linear layer of each feature's own and ReLU.
/// It sees fine structure, such as places on a map.
/// </summary>
[ConfigName("periodic")]
public sealed record Periodic : NumericEmbedding
{
    /// <summary>Gets how many frequencies a feature has.</summary>
    /// <value>In [1, 1024]. The default is 48.</value>
    [Range(1, 1024)]
    public int Frequencies { get; init; } = 48;

    /// <summary>Gets the standard deviation of the initial frequencies: the higher, the finer what is seen at first. It is the setting that matters most.</summary>
    /// <value>Above 0. The default is 0.1, of features scaled to standard deviation 1.</value>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Sigma { get; init; } = 0.1;

    internal override Module<Tensor, Tensor> Build(FittedNumbers numbers, int width, Device? device) => Sequential(
        ("waves", new Waves(this, numbers.Mean.Count, device)), ("linear", new EachLinear(numbers.Mean.Count, 2 * Frequencies, width, device)), ("relu", ReLU()));

    private sealed class Waves : Module<Tensor, Tensor>, IOnnxExportable
    {
        private readonly Parameter frequencies;             // [features, frequencies]

        public Waves(Periodic config, int features, Device? device) : base(nameof(Periodic))
        {
            frequencies = Parameter(init.normal_(empty(features, config.Frequencies, device: device), 0, config.Sigma));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var angle = 2 * Math.PI * frequencies * input.unsqueeze(2);                                         // [N, features, frequencies]
            return cat([angle.cos(), angle.sin()], 2).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            var angle = graph.Weight(frequencies, ".2π", static c => 2 * Math.PI * c) * input.Values.Unsqueeze(2);
            return GraphValue.Cat([graph.Node("Cos", [angle]), graph.Node("Sin", [angle])], 2);
        }
    }
}
