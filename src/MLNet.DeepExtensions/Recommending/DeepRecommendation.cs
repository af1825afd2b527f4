using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>Recommenders, as <c>mlContext.DeepRecommendation()</c> gives them.</summary>
public sealed class DeepRecommendation
{
    internal DeepRecommendation(IHostEnvironment environment) => Trainers = new RecommendationTrainers(environment);

    /// <summary>Gets the trainers.</summary>
    public RecommendationTrainers Trainers { get; }

    /// <summary>Prepares to ask a recommender for the items that suit a user best.</summary>
    /// <param name="transformer">The trained recommender: of a fitted pipeline, its <c>LastTransformer</c>.</param>
    /// <param name="interactions">Who has seen what, with the columns that the recommender takes, as the steps before it leave them; most often the training rows. All items and all users are those of these rows.</param>
    /// <returns>What can be asked; dispose it before the transformer.</returns>
    /// <exception cref="ArgumentException">The network is no recommender, or the rows do not fit it.</exception>
    public TopItems TopItems(DeepTransformer transformer, IDataView interactions) => new(transformer, interactions);
}

/// <summary>Trainers of recommenders.</summary>
public sealed class RecommendationTrainers
{
    private readonly IHostEnvironment environment;

    internal RecommendationTrainers(IHostEnvironment environment) => this.environment = environment;

    /// <summary>Learns ratings: how well an item suits a user, as a number.</summary>
    /// <param name="model">The recommender: <see cref="NeuralMatrixFactorization"/>, <see cref="TwoTower"/>, <see cref="MatrixFactorization"/>.</param>
    /// <param name="userColumns">What is known of the user: a key, and other columns behind it. Of one user they must be the same in all rows.</param>
    /// <param name="itemColumns">What is known of the item: a key, and other columns behind it. Of one item they must be the same in all rows.</param>
    /// <param name="options">How to train.</param>
    /// <param name="labelColumnName">The rating: a Single.</param>
    /// <param name="exampleWeightColumnName">How much each row counts; null counts all alike.</param>
    /// <returns>The trainer; its transformer adds <c>Score</c>, the rating. <c>mlContext.Regression.Evaluate</c> judges it.</returns>
    public DeepTrainer Ratings(RecommenderConfig model, IReadOnlyList<InputColumn> userColumns, IReadOnlyList<InputColumn> itemColumns,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string? exampleWeightColumnName = null) =>
        new(environment, new RegressionTask(), Of(model, userColumns), options ?? new DeepTrainerOptions(), new TrainingColumns(labelColumnName, Joined(userColumns, itemColumns), exampleWeightColumnName));

    /// <summary>
    /// Learns an order of items from what users chose, bought or saw: each row is one choice, and there is no label. Beside each row, items are drawn anew in each epoch that the user did not choose
    /// (He et al. 2017); the network learns to tell them apart.
    /// </summary>
    /// <param name="model">The recommender: <see cref="NeuralMatrixFactorization"/>, <see cref="TwoTower"/>, <see cref="MatrixFactorization"/>.</param>
    /// <param name="userColumns">What is known of the user: a key, and other columns behind it. Of one user they must be the same in all rows.</param>
    /// <param name="itemColumns">What is known of the item: a key, and other columns behind it. Of one item they must be the same in all rows.</param>
    /// <param name="options">How to train.</param>
    /// <param name="negatives">How many items are drawn for each row, at least 1.</param>
    /// <returns>The trainer; its transformer adds <c>Score</c>. <see cref="DeepRecommendation.TopItems"/> makes lists of it and judges them.</returns>
    public DeepTrainer Ranking(RecommenderConfig model, IReadOnlyList<InputColumn> userColumns, IReadOnlyList<InputColumn> itemColumns, DeepTrainerOptions? options = null, int negatives = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(negatives, 1);
        var features = Joined(userColumns, itemColumns);
        return new(environment, new InteractionTask(), Of(model, userColumns), options ?? new DeepTrainerOptions(), new TrainingColumns(itemColumns[0].Name, features, null))
        {
            Negatives = new NegativeSampling(userColumns.Count, negatives),
        };
    }

    private static RecommenderConfig Of(RecommenderConfig model, IReadOnlyList<InputColumn> userColumns)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model with { UserColumns = userColumns.Count };
    }

    private static InputColumn[] Joined(IReadOnlyList<InputColumn> userColumns, IReadOnlyList<InputColumn> itemColumns)
    {
        ArgumentNullException.ThrowIfNull(userColumns);
        ArgumentNullException.ThrowIfNull(itemColumns);
        if (userColumns.Count == 0 || itemColumns.Count == 0)
            throw new ArgumentException("Name at least the key of the user in userColumns, and that of the item in itemColumns.");
        return [.. userColumns, .. itemColumns];
    }
}
