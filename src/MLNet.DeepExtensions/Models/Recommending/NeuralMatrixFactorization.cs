using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Neural matrix factorisation (NeuMF; He et al. 2017, "Neural collaborative filtering"): the product of a user's vector and an item's, number by number, beside a perceptron over two vectors of their own;
/// what else is known of the user and the item goes into the perceptron, too. A number for each user and each item is added, which ratings need.
/// </summary>
[ConfigName("neural-matrix-factorization")]
public sealed record NeuralMatrixFactorization : RecommenderConfig
{
    /// <summary>Gets the width of the vectors that are multiplied.</summary>
    /// <value>In [1, 4096]. The default is 16.</value>
    [Range(1, 4096)]
    public int Factors { get; init; } = 16;

    /// <summary>Gets the width of the perceptron's own vectors.</summary>
    /// <value>In [1, 4096]. The default is 32.</value>
    [Range(1, 4096)]
    public int KeyWidth { get; init; } = 32;

    /// <summary>Gets the widths of the perceptron's layers.</summary>
    /// <value>Each between 1 and 65,536, at least one. The default is 64, 32 and 16.</value>
    [Required, MinLength(1), MaxLength(100), Widths(Most = 65_536)]
    public IReadOnlyList<int> HiddenSizes { get; init; } = [64, 32, 16];

    /// <summary>Gets the probability of zeroing an activation of the perceptron while training.</summary>
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
        return new Network(this, users.Keys[0].Categories, items.Keys[0].Categories, new TableColumns(input, nameof(NeuralMatrixFactorization)), outputs, device);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Factors = 8, KeyWidth = 8, HiddenSizes = [16], UserColumns = 2 }, ExampleShape, 3);

    /// <summary>Compares the settings, the hidden sizes one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(NeuralMatrixFactorization? other) => base.Equals(other) && HiddenSizes.SequenceEqual(other!.HiddenSizes) &&
        (Factors, KeyWidth, Dropout, Numbers) == (other.Factors, other.KeyWidth, other.Dropout, other.Numbers);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), HiddenSizes.Count, Factors, KeyWidth, Dropout);

    private sealed class Network : RecommenderNetwork
    {
        private readonly KeyEmbedding users;
        private readonly KeyEmbedding items;
        private readonly KeyEmbedding user_biases;
        private readonly KeyEmbedding item_biases;
        private readonly TableEncoder encoder;
        private readonly Sequential perceptron;
        private readonly Linear head;

        public Network(NeuralMatrixFactorization config, int userCount, int itemCount, TableColumns columns, int outputs, Device? device) : base(nameof(NeuralMatrixFactorization), config.UserColumns)
        {
            users = new KeyEmbedding(userCount, config.Factors, 0.1, device);
            items = new KeyEmbedding(itemCount, config.Factors, 0.1, device);
            user_biases = new KeyEmbedding(userCount, outputs, 0.01, device);
            item_biases = new KeyEmbedding(itemCount, outputs, 0.01, device);
            encoder = new TableEncoder(columns, config.Numbers, null, 1, config.KeyWidth, device);
            var layers = new List<(string, Module<Tensor, Tensor>)>();
            var width = encoder.Width;
            for (var i = 1; i <= config.HiddenSizes.Count; i++)
            {
                layers.Add(($"fc{i}", Linear(width, config.HiddenSizes[i - 1], device: device)));
                layers.Add(($"act{i}", ReLU()));
                layers.Add(($"drop{i}", new SeededDropout(config.Dropout)));
                width = config.HiddenSizes[i - 1];
            }
            perceptron = Sequential(layers);
            head = Linear(config.Factors + width, outputs, device: device);
            RegisterComponents();
        }

        protected override Tensor ScorePairs(ModelInput user, ModelInput item)
        {
            var (u, i) = (user.Columns[0], item.Columns[0]);
            var product = users.call(u).squeeze(1) * items.call(i).squeeze(1);                                  // [N, factors]
            var deep = perceptron.call(encoder.call(new ModelInput([.. user.Columns, .. item.Columns])));       // [N, last hidden]
            return head.call(cat([product, deep], 1)) + user_biases.call(u).squeeze(1) + item_biases.call(i).squeeze(1);
        }

        protected override GraphValue ExportPairs(OnnxGraph graph, GraphInput user, GraphInput item)
        {
            var (u, i) = (user.Columns[0], item.Columns[0]);
            var product = (graph.Call(users, u) * graph.Call(items, i)).Squeeze(1);                             // [N, factors]
            var deep = graph.Call(perceptron, graph.Call(encoder, new GraphInput([.. user.Columns, .. item.Columns])));     // [N, last hidden]
            return graph.Call(head, GraphValue.Cat([product, deep], 1)) + (graph.Call(user_biases, u) + graph.Call(item_biases, i)).Squeeze(1);
        }
    }
}
