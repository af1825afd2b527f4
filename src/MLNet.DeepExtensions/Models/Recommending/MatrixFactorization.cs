using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Plain matrix factorisation with biases (Koren, Bell and Volinsky 2009, "Matrix factorization techniques for recommender systems"): the product of a user's vector and an item's, plus a number for each.
/// It takes two keys. Its strength against learning by heart is the optimizer's weight decay.
/// </summary>
[ConfigName("matrix-factorization")]
public sealed record MatrixFactorization : RecommenderConfig
{
    /// <summary>Gets the width of the vectors.</summary>
    /// <value>In [0, 4096]; 0 leaves the biases alone. The default is 32.</value>
    [Range(0, 4096)]
    public int Factors { get; init; } = 32;

    /// <inheritdoc/>
    public override nn.Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var (users, items) = Sides(input, keysAlone: true);
        return new Network(this, users.Keys[0].Categories, items.Keys[0].Categories, outputs, device);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { Factors = 16 }, new ColumnsShape([new("User", new IdsShape(60, 1)), new("Item", new IdsShape(50, 1))]), 3);

    private sealed class Network : RecommenderNetwork
    {
        private readonly KeyEmbedding? users;
        private readonly KeyEmbedding? items;
        private readonly KeyEmbedding user_biases;
        private readonly KeyEmbedding item_biases;
        private readonly int outputs;

        public Network(MatrixFactorization config, int userCount, int itemCount, int outputs, Device? device) : base(nameof(MatrixFactorization), config.UserColumns)
        {
            this.outputs = outputs;
            if (config.Factors > 0)
            {
                users = new KeyEmbedding(userCount, config.Factors, 0.1, device);
                items = new KeyEmbedding(itemCount, config.Factors * outputs, 0.1, device);
            }
            user_biases = new KeyEmbedding(userCount, outputs, 0.01, device);
            item_biases = new KeyEmbedding(itemCount, outputs, 0.01, device);
            RegisterComponents();
        }

        protected override Tensor ScorePairs(ModelInput user, ModelInput item)
        {
            var (u, i) = (user.Columns[0], item.Columns[0]);
            var score = user_biases.call(u).squeeze(1) + item_biases.call(i).squeeze(1);                       // [N, outputs]
            return users is null ? score : score + (users.call(u) * items!.call(i).view(item.Count, outputs, -1)).sum(2);
        }

        protected override GraphValue ExportPairs(OnnxGraph graph, GraphInput user, GraphInput item)
        {
            var (u, i) = (user.Columns[0], item.Columns[0]);
            var score = (graph.Call(user_biases, u) + graph.Call(item_biases, i)).Squeeze(1);                  // [N, outputs]
            return users is null ? score : score + (graph.Call(users, u) * graph.Call(items!, i).Reshape(0, outputs, -1)).Sum(2);
        }

        public override Tensor ScoreAll(ModelInput user, ModelInput item)
        {
            using var scope = NewDisposeScope();
            var (u, i) = (user.Columns[0], item.Columns[0]);
            var score = user_biases.call(u).squeeze(1).narrow(1, 0, 1) + item_biases.call(i).squeeze(1).narrow(1, 0, 1).t();
            if (users is not null)
                score = score + users.call(u).squeeze(1).matmul(items!.call(i).view(item.Count, outputs, -1).select(1, 0).t());
            return score.MoveToOuterDisposeScope();
        }
    }
}
