using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/recommending.md, run as it is shown there.</summary>
public sealed class RecommendingDocumentTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Stars()
    {
        var split = ml.Data.TrainTestSplit(ml.Data.LoadFromEnumerable(Views()), testFraction: 0.2, seed: 1);
        var options = new DeepTrainerOptions { Epochs = 2 };
        #region ratings
        var trainer = ml.DeepRecommendation().Trainers.Ratings(new NeuralMatrixFactorization(), userColumns: ["User"], itemColumns: ["Movie"], options, labelColumnName: "Stars");
        using var model = ml.Transforms.Conversion.MapTextToKeys().Append(trainer).Fit(split.TrainSet);
        var metrics = ml.Regression.Evaluate(model.Transform(split.TestSet), labelColumnName: "Stars");
        Console.WriteLine($"wrong by {metrics.RootMeanSquaredError:0.00} stars");
        #endregion
        Assert.InRange(metrics.RootMeanSquaredError, 0.1, 5);
    }

    [Fact]
    public void TheNextItems()
    {
        var rows = Views().ToList();
        var (train, test) = (ml.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 != 0)), ml.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 == 0)));
        var options = new DeepTrainerOptions { Epochs = 2 };
        #region ranking
        var trainer = ml.DeepRecommendation().Trainers.Ranking(new TwoTower(), userColumns: ["User", "Age"], itemColumns: ["Movie", "Genres"], options, negatives: 4);
        using var model = ml.Transforms.Conversion.MapTextToKeys().Append(trainer).Fit(train);
        #endregion
        #region top
        using var top = ml.DeepRecommendation().TopItems(model.LastTransformer, model.Transform(train));
        foreach (var movie in top.For("user 7", count: 5))
            Console.WriteLine($"{movie.Name}: {movie.Score:0.0}");
        #endregion
        Assert.Equal(5, top.For("user 7", count: 5).Count);
        #region judge
        var metrics = top.Evaluate(model.Transform(test), count: 10);
        Console.WriteLine($"HR@10 {metrics.HitRate:0.000}, NDCG@10 {metrics.Ndcg:0.000} over {metrics.Users} users");
        #endregion
        Assert.True(metrics.Users > 20);
    }

    private static IEnumerable<View> Views()
    {
        var random = new Random(1);
        return from user in Enumerable.Range(0, 30) from movie in Enumerable.Range(0, 40) where random.Next(3) == 0
            select new View { User = $"user {user}", Age = user, Movie = $"movie {movie}", Genres = movie % 2 == 0 ? ["comedy"] : ["drama", "old"], Stars = 1 + random.Next(5) };
    }

    private sealed class View
    {
        public string User { get; set; } = "";

        public float Age { get; set; }

        public string Movie { get; set; } = "";

        public string[] Genres { get; set; } = [];

        public float Stars { get; set; }
    }
}
