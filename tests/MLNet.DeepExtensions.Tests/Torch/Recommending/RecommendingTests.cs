using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Recommending;

/// <summary>Ratings, rankings and lists of the best unseen items, on users of two tastes.</summary>
[Collection(nameof(Alone))]
public class RecommendingTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 30, BatchSize = 32, Seed = 3, Optimizer = new AdamW { LearningRate = 0.01 } };

    private readonly MLContext ml = new(seed: 1);

    public static TheoryData<RecommenderConfig> Networks => [new MatrixFactorization { Factors = 8 }, new NeuralMatrixFactorization { Factors = 8, KeyWidth = 8, HiddenSizes = [16] }, new TwoTower { Factors = 8, KeyWidth = 8, HiddenSizes = [16] }];

    [Theory, MemberData(nameof(Networks))]
    public void Ratings_AreLearnt_AndSaved_GiveTheSameScores(RecommenderConfig network)
    {
        var data = ml.Data.LoadFromEnumerable(Choices().Select(choice => choice with { }));
        using var model = Keys().Append(ml.DeepRecommendation().Trainers.Ratings(network, ["User"], ItemColumns(network), options, labelColumnName: "Stars")).Fit(data);
        Assert.True(ml.Regression.Evaluate(model.Transform(data), labelColumnName: "Stars").RSquared > 0.8);
        using var stream = new MemoryStream();
        ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var expected = model.Transform(data).GetColumn<float>("Score").ToList();
        var loaded = ml.Model.Load(stream, out _);
        Assert.Equal(expected, loaded.Transform(data).GetColumn<float>("Score"));
        using var engine = ml.Model.CreatePredictionEngine<Choice, Estimate>(loaded);
        Assert.Equal(expected[3], engine.Predict(Choices().ElementAt(3)).Score, 1e-4f);
    }

    [Theory, MemberData(nameof(Networks))]
    public void AList_HasTheBestItems_ThatTheUserHasNotSeen(RecommenderConfig network)
    {
        var (seen, later) = Divided();
        using var model = Keys().Append(ml.DeepRecommendation().Trainers.Ranking(network, ["User"], ItemColumns(network), options)).Fit(ml.Data.LoadFromEnumerable(seen));
        var seenRows = model.Transform(ml.Data.LoadFromEnumerable(seen));
        using var top = ml.DeepRecommendation().TopItems(model.LastTransformer, seenRows);
        Assert.Equal((40, 20), (top.Users.Count, top.ItemCount));

        var list = top.For("user 7", 5);
        Assert.Equal(5, list.Count);
        Assert.Empty(list.Select(item => item.Name).Intersect(seen.Where(choice => choice.User == "user 7").Select(choice => choice.Item)));
        Assert.Equal(list.OrderByDescending(item => item.Score), list);
        Assert.True(top.For("user 7", 1000).Count is < 20 and > 5);

        // two of the ten items of its taste are left to each user
        var metrics = top.Evaluate(model.Transform(ml.Data.LoadFromEnumerable(later)), count: 5);
        Assert.Equal(40, metrics.Users);
        Assert.True(metrics.HitRate > 0.9, $"{metrics.HitRate}");
        Assert.True(metrics.Ndcg > 0.8, $"{metrics.Ndcg}");
    }

    [Theory, MemberData(nameof(Networks))]
    public void AList_HasTheScoresOfTransform(RecommenderConfig network)
    {
        var rows = Choices().ToList();
        using var model = Keys().Append(ml.DeepRecommendation().Trainers.Ratings(network, ["User"], ItemColumns(network), options with { Epochs = 2 }, labelColumnName: "Stars")).Fit(ml.Data.LoadFromEnumerable(rows));
        using var top = ml.DeepRecommendation().TopItems(model.LastTransformer, model.Transform(ml.Data.LoadFromEnumerable(rows.Where(choice => choice.User != "user 5" || choice.Item == "item 3"))));
        var list = top.For("user 5", 19);
        var scores = rows.Where(choice => choice.User == "user 5").Zip(model.Transform(ml.Data.LoadFromEnumerable(rows.Where(choice => choice.User == "user 5"))).GetColumn<float>("Score"))
            .ToDictionary(pair => pair.First.Item, pair => pair.Second);
        Assert.All(list, item => Assert.Equal(scores[item.Name], item.Score, 1e-4f));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public void SameSeed_DrawsTheSameItems(long? budget)
    {
        var data = ml.Data.LoadFromEnumerable(Divided().Seen);
        Assert.Equal(Bits(3), Bits(3));
        Assert.NotEqual(Bits(3), Bits(4));

        byte[] Bits(int seed)
        {
            using var model = Keys().Append(ml.DeepRecommendation().Trainers.Ranking(new TwoTower(), ["User"], ["Item", "Words"], options with { Epochs = 2, Seed = seed, CacheBudget = budget })).Fit(data);
            return [.. model.LastTransformer.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
        }
    }

    [Fact]
    public void Validation_IsTheSameInEachEpoch()
    {
        var (seen, later) = Divided();
        var keys = Keys().Fit(ml.Data.LoadFromEnumerable(seen));
        // a network that does not learn has one validation loss
        using var model = ml.DeepRecommendation().Trainers.Ranking(new MatrixFactorization(), ["User"], ["Item"], options with { Epochs = 3, Optimizer = new Sgd { LearningRate = 1e-30 } })
            .Fit(keys.Transform(ml.Data.LoadFromEnumerable(seen)), keys.Transform(ml.Data.LoadFromEnumerable(later)));
        Assert.Single(model.History.Epochs.Select(epoch => epoch.Validation!["loss"]).Distinct());
    }

    [Fact]
    public void NoLiveTensor_IsLeft_ButWhatBuildingANetworkLeaves()
    {
        var data = ml.Data.LoadFromEnumerable(Divided().Seen);
        long building = 0;
        Once(1);
        Once(1);
        Assert.Equal(building, LiveTensors.LeftBy(() => Once(1)));
        Assert.Equal(building, LiveTensors.LeftBy(() => Once(3)));

        void Once(int epochs)
        {
            using var model = Keys().Append(ml.DeepRecommendation().Trainers.Ranking(new TwoTower(), ["User"], ["Item", "Words"], options with { Epochs = epochs })).Fit(data);
            using var top = ml.DeepRecommendation().TopItems(model.LastTransformer, model.Transform(data));
            top.For("user 1");
            if (building == 0)
                building = LiveTensors.LeftBy(() => model.LastTransformer.Model.Config.Build(model.LastTransformer.Model.InputShape, 1).Dispose());
        }
    }

    [Fact]
    public void WhatDoesNotFit_IsNamed()
    {
        var data = ml.Data.LoadFromEnumerable(Choices());
        Says("users' columns, 'Stars', must be a key", () => Keys().Append(ml.DeepRecommendation().Trainers.Ratings(new TwoTower(), ["Stars"], ["Item"], options, "Stars")).Fit(data));
        Says("by their keys alone", () => Keys().Append(ml.DeepRecommendation().Trainers.Ratings(new MatrixFactorization(), ["User"], ["Item", "Words"], options, "Stars")).Fit(data));
        Says("MapValueToKey(\"User\")", () => ml.DeepRecommendation().Trainers.Ranking(new TwoTower(), ["User"], ["Item"]).Fit(data));
        Says("at least the key of the user", () => ml.DeepRecommendation().Trainers.Ratings(new TwoTower(), [], ["Item"]));
        using var table = Keys().Append(ml.Regression.Trainers.Deep(new TabularNet(), ["User"], options with { Epochs = 1 }, "Stars")).Fit(data);
        Says("asks a recommender", () => ml.DeepRecommendation().TopItems(table.LastTransformer, table.Transform(data)));

        static void Says(string expected, Action act) => Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(act).Message);
    }

    private IEstimator<ITransformer> Keys() => ml.Transforms.Conversion.MapTextToKeys();

    private static InputColumn[] ItemColumns(RecommenderConfig network) => network is MatrixFactorization ? ["Item"] : ["Item", "Words"];

    // 40 users and 20 items; odd users like odd items
    private static IEnumerable<Choice> Choices() => from user in Enumerable.Range(0, 40) from item in Enumerable.Range(0, 20)
        select new Choice { User = $"user {user}", Item = $"item {item}", Stars = (user + item) % 2 == 0 ? 4 + user % 3 * 0.1f : 2, Words = item % 3 == 0 ? ["old", "good"] : [item % 2 == 0 ? "even" : "odd"] };

    private static (List<Choice> Seen, List<Choice> Later) Divided()
    {
        var liked = Choices().Where(choice => choice.Stars > 3).GroupBy(choice => choice.User).ToList();
        bool IsLater(int user, int item) => item == user % 10 || item == (user + 5) % 10;
        return ([.. liked.SelectMany((user, number) => user.Where((_, item) => !IsLater(number / 2, item)))], [.. liked.SelectMany((user, number) => user.Where((_, item) => IsLater(number / 2, item)))]);
    }

    private sealed record Choice
    {
        public string User { get; set; } = "";

        public string Item { get; set; } = "";

        public float Stars { get; set; }

        public string[] Words { get; set; } = [];
    }

    private sealed class Estimate
    {
        public float Score { get; set; }
    }
}
