using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Two towers (Yi et al. 2019, "Sampling-bias-corrected neural modeling for large corpus item recommendations"): one perceptron makes a vector of all that is known of the user, another one of the item;
/// the score is their product plus a number of each tower. Items' vectors do not depend on the user, so that all of a catalogue are scored by one multiplication of matrices.
/// </summary>
[ConfigName("two-tower")]
public sealed record TwoTower : RecommenderConfig
{
    /// <summary>Gets the width of the vectors that are multiplied.</summary>
    /// <value>In [1, 4096]. The default is 32.</value>
    [Range(1, 4096)]
    public int Factors { get; init; } = 32;

    /// <summary>Gets the width of embedded keys.</summary>
    /// <value>In [1, 4096]. The default is 32.</value>
    [Range(1, 4096)]
    public int KeyWidth { get; init; } = 32;

    /// <summary>Gets the widths of the hidden layers of each tower.</summary>
    /// <value>Each between 1 and 65,536; none makes the towers linear. The default is one of 64.</value>
    [Required, MaxLength(100), Widths(Most = 65_536)]
    public IReadOnlyList<int> HiddenSizes { get; init; } = [64];

    /// <summary>Gets the probability of zeroing a hidden activation while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; }

    /// <inheritdoc cref="TabularNet.Numbers"/>
    public FittedNumbers? Numbers { get; init; }

    /// <inheritdoc/>
    protected internal override bool TakesMissing => true;

    internal override bool LearnsFromRows => Numbers is null;

    internal override ModelConfig Fit(RowStatistics rows) => this with { Numbers = FittedNumbers.Of(rows, null) };

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var (users, items) = Sides(input);
        Numbers?.For(users.Numbers + items.Numbers);
        return new Network(this, new Tower(this, users, Part(0, users.Numbers), 1, outputs, device), new Tower(this, items, Part(users.Numbers, items.Numbers), outputs, outputs, device), outputs);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Factors = 8, KeyWidth = 8, HiddenSizes = [16], UserColumns = 2 }, ExampleShape, 3);

    /// <summary>Compares the settings, the hidden sizes one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(TwoTower? other) => base.Equals(other) && HiddenSizes.SequenceEqual(other!.HiddenSizes) &&
        (Factors, KeyWidth, Dropout, Numbers) == (other.Factors, other.KeyWidth, other.Dropout, other.Numbers);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), HiddenSizes.Count, Factors, KeyWidth, Dropout);

    // one side's features
    private FittedNumbers? Part(int first, int count) => Numbers is null ? null : new FittedNumbers
    {
        Mean = [.. Numbers.Mean.Skip(first).Take(count)],
        Std = [.. Numbers.Std.Skip(first).Take(count)],
        Missing = [.. Numbers.Missing.Where(feature => feature >= first && feature < first + count).Select(feature => feature - first)],
    };

    /// <summary>One side's columns → [N, vectors · factors + outputs]: vectors to be multiplied, and a number for each output.</summary>
    private sealed class Tower : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly TableEncoder encoder;
        private readonly Sequential layers;

        public Tower(TwoTower config, TableColumns columns, FittedNumbers? numbers, int vectors, int outputs, Device? device) : base(nameof(Tower))
        {
            encoder = new TableEncoder(columns, numbers, null, 1, config.KeyWidth, device);
            var parts = new List<(string, Module<Tensor, Tensor>)>();
            var width = encoder.Width;
            for (var i = 1; i <= config.HiddenSizes.Count; i++)
            {
                parts.Add(($"fc{i}", Linear(width, config.HiddenSizes[i - 1], device: device)));
                parts.Add(($"act{i}", ReLU()));
                parts.Add(($"drop{i}", new SeededDropout(config.Dropout)));
                width = config.HiddenSizes[i - 1];
            }
            parts.Add(($"fc{config.HiddenSizes.Count + 1}", Linear(width, vectors * config.Factors + outputs, device: device)));
            layers = Sequential(parts);
            RegisterComponents();
        }

        public override Tensor forward(ModelInput input)
        {
            using var scope = NewDisposeScope();
            return layers.call(encoder.call(input)).MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input) => graph.Call(layers, graph.Call(encoder, input));
    }

    private sealed class Network : RecommenderNetwork
    {
        private readonly Tower users;
        private readonly Tower items;
        private readonly int factors;
        private readonly int outputs;

        public Network(TwoTower config, Tower users, Tower items, int outputs) : base(nameof(TwoTower), config.UserColumns)
        {
            (this.users, this.items, factors, this.outputs) = (users, items, config.Factors, outputs);
            RegisterComponents();
        }

        protected override Tensor ScorePairs(ModelInput user, ModelInput item)
        {
            var (u, i) = (users.call(user), items.call(item));
            var product = (u.narrow(1, 0, factors).unsqueeze(1) * i.narrow(1, 0, outputs * factors).view(-1, outputs, factors)).sum(2);     // [N, outputs]
            return product + u.narrow(1, factors, outputs) + i.narrow(1, outputs * factors, outputs);
        }

        protected override GraphValue ExportPairs(OnnxGraph graph, GraphInput user, GraphInput item)
        {
            var (u, i) = (graph.Call(users, user), graph.Call(items, item));
            var product = (u.Slice(1, 0, factors).Unsqueeze(1) * i.Slice(1, 0, outputs * factors).Reshape(0, outputs, factors)).Sum(2);     // [N, outputs]
            return product + u.Slice(1, factors) + i.Slice(1, outputs * factors);
        }

        public override Tensor ScoreAll(ModelInput user, ModelInput item)
        {
            using var scope = NewDisposeScope();
            var (u, i) = (users.call(user), items.call(item));
            return (u.narrow(1, 0, factors).matmul(i.narrow(1, 0, factors).t()) + u.narrow(1, factors, 1) + i.narrow(1, outputs * factors, 1).t()).MoveToOuterDisposeScope();
        }
    }
}
