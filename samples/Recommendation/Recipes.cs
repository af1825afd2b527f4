using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;

namespace Recommendation;

/// <summary>The networks and how they are trained.</summary>
internal sealed record Recipes(MLContext Ml, int Seed)
{
    public IEnumerable<(string Name, string Field, RecommenderConfig Model, double Decay)> OfRatings =>
    [
        ("matrix factorisation", "mf", new MatrixFactorization { Factors = 16 }, 2),
        ("NeuMF", "neumf", new NeuralMatrixFactorization { Factors = 16, KeyWidth = 16, HiddenSizes = [64, 32], Dropout = 0.3 }, 1),
        ("two towers, with genres", "two_tower", new TwoTower { Factors = 16, KeyWidth = 16, HiddenSizes = [32], Dropout = 0.3 }, 0.5),
    ];

    public IEnumerable<(string Name, string Field, RecommenderConfig Model)> OfRankings =>
    [
        ("matrix factorisation", "mf", new MatrixFactorization { Factors = 32 }),
        ("NeuMF", "neumf", new NeuralMatrixFactorization { Factors = 32, KeyWidth = 32, Dropout = 0.4 }),
        ("two towers, with genres", "two_tower", new TwoTower { Factors = 32, KeyWidth = 32, HiddenSizes = [64], Dropout = 0.4 }),
    ];

    public double Rmse(RecommenderConfig model, double decay, List<Rating> train, List<Rating> validation, List<Rating> test)
    {
        #region ratings
        var options = new DeepTrainerOptions
        {
            Epochs = 20, BatchSize = 256, Seed = Seed, Callbacks = [new EarlyStopping { Patience = 3 }],
            // what is known of a user is little: vectors are held back, the two numbers of user and item less
            Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = decay, Groups = model is TwoTower ? [] : [new ParameterGroup("*_biases") { WeightDecay = 0.2 }] },
        };
        var pipeline = Keys().Append(Ml.DeepRecommendation().Trainers.Ratings(model, userColumns: ["User"], ItemColumns(model), options, labelColumnName: "Stars"));
        using var fitted = (TransformerChain<DeepTransformer>)pipeline.Fit(View(train), View(validation));
        var metrics = Ml.Regression.Evaluate(fitted.Transform(View(test)), labelColumnName: "Stars");
        #endregion
        return metrics.RootMeanSquaredError;
    }

    #region ranking
    public Ranker Rank(RecommenderConfig model, List<Rating> train, List<Rating> validation)
    {
        var options = new DeepTrainerOptions
        {
            Epochs = 15, BatchSize = 512, Seed = Seed, Optimizer = new AdamW { LearningRate = 3e-3, WeightDecay = 0.5 }, Callbacks = [new EarlyStopping { Patience = 3 }],
        };
        var pipeline = Keys().Append(Ml.DeepRecommendation().Trainers.Ranking(model, userColumns: ["User"], ItemColumns(model), options));
        var fitted = (TransformerChain<DeepTransformer>)pipeline.Fit(View(train), View(validation));
        // what was seen, validation included, is not recommended again
        return new Ranker(Ml, fitted, Ml.DeepRecommendation().TopItems(fitted.LastTransformer, fitted.Transform(View([.. train, .. validation]))), View(train).Schema);
    }
    #endregion

    private static InputColumn[] ItemColumns(RecommenderConfig model) => model is TwoTower ? ["Movie", "Genres"] : ["Movie"];

    private IEstimator<ITransformer> Keys() => Ml.Transforms.Conversion.MapTextToKeys();

    private IDataView View(List<Rating> rows) => Ml.Data.LoadFromEnumerable(rows);
}

/// <summary>A trained recommender that can be asked.</summary>
internal sealed record Ranker(MLContext Ml, TransformerChain<DeepTransformer> Fitted, TopItems Top, DataViewSchema Schema) : IDisposable
{
    public RecommendationMetrics Judge(List<Rating> test) => Top.Evaluate(Fitted.Transform(Ml.Data.LoadFromEnumerable(test)), count: 10);

    public IReadOnlyList<RecommendedItem> For(string user) => Top.For(user, count: 5);

    public void Save(string path) => Ml.Model.Save(Fitted, Schema, path);

    public void Dispose()
    {
        Top.Dispose();
        Fitted.Dispose();
    }
}

/// <summary>The same list for everybody: what most users saw, without what this one has seen.</summary>
internal static class Popularity
{
    public static RecommendationMetrics Judge(List<Rating> seen, List<Rating> test)
    {
        var ordered = seen.GroupBy(row => row.Movie).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key).ToList();
        var known = seen.ToLookup(row => row.User, row => row.Movie);
        return RecommendationMetrics.Of(test.GroupBy(row => row.User).Where(user => known.Contains(user.Key)).Select(user =>
        {
            var own = known[user.Key].ToHashSet();
            return ((IReadOnlyList<string>)[.. ordered.Where(movie => !own.Contains(movie)).Take(10)], (IReadOnlyCollection<string>)[.. user.Select(row => row.Movie)]);
        }), 10);
    }
}
