using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Pipelines;

/// <summary>What ML.NET's data operations leave is what our trainers see and score: no row more, no row less.</summary>
public sealed class RowSelectionTests
{
    private readonly MLContext ml = new(seed: 1);

    public static TheoryData<string, int> Selections => new()
    {
        { "FilterRowsByColumn", 120 }, { "FilterByCustomPredicate", 150 }, { "FilterRowsByMissingValues", 300 }, { "SkipRows", 250 }, { "TakeRows", 50 }, { "ShuffleRows", 300 }, { "Cache", 300 },
    };

    private IDataView Select(string how, IDataView data) => how switch
    {
        "FilterRowsByColumn" => ml.Data.FilterRowsByColumn(data, "Position", 100, 220),
        "FilterByCustomPredicate" => ml.Data.FilterByCustomPredicate<Readings.Row>(data, row => row.Number % 2 == 0),       // true leaves a row out
        "FilterRowsByMissingValues" => ml.Data.FilterRowsByMissingValues(data, "Amount", "Features"),
        "SkipRows" => ml.Data.SkipRows(data, 50),
        "TakeRows" => ml.Data.TakeRows(data, 50),
        "ShuffleRows" => ml.Data.ShuffleRows(data, seed: 3),
        _ => ml.Data.Cache(data),
    };

    // FilterRowsByColumn takes numbers with a fraction only
    private IDataView Data() => ml.Transforms.Conversion.ConvertType("Position", "Number", DataKind.Single).Fit(Readings.View(ml, 300)).Transform(Readings.View(ml, 300));

    [Theory, MemberData(nameof(Selections))]
    public void TrainingSeesTheSelectedRows(string how, int rows)
    {
        using var model = ml.Regression.Trainers.Deep(Readings.Network, Readings.Options with { Epochs = 1 }, labelColumnName: "Amount").Fit(Select(how, Data()));
        Assert.Equal(rows, model.History.Epochs[0].Rows);
    }

    [Theory, MemberData(nameof(Selections))]
    public void ScoresBelongToTheirRows(string how, int rows)
    {
        using var model = ml.Regression.Trainers.Deep(Readings.Network, Readings.Options with { Epochs = 1 }, labelColumnName: "Amount").Fit(Data());
        var all = Scores(model.Transform(Data()));
        // before scoring and after it
        foreach (var scored in new[] { model.Transform(Select(how, Data())), Select(how, model.Transform(Data())) })
        {
            var some = Scores(scored);
            Assert.Equal(rows, some.Count);
            Assert.All(some, row => Assert.Equal(all[row.Key], row.Value));
        }
    }

    [Fact]
    public void SkippedAndFilteredRows_DoNotTeach()
    {
        // every second row lies: with those filtered out, the trainer learns the truth
        var rows = Readings.Rows(600);
        foreach (var row in rows.Where(row => row.Number % 2 == 1))
            row.Yes = !row.Yes;
        var honest = ml.Data.FilterByCustomPredicate<Readings.Row>(ml.Data.LoadFromEnumerable(rows), row => row.Number % 2 == 1);
        using var model = Readings.YesOrNo(ml).Fit(honest);
        Assert.True(ml.BinaryClassification.Evaluate(model.Transform(Readings.View(ml, 200, seed: 2)), labelColumnName: "Yes").Accuracy > 0.93);
    }

    [Fact]
    public void ScoredRows_CanBeFilteredByWhatTheNetworkSays()
    {
        using var model = Readings.YesOrNo(ml).Fit(Readings.View(ml, 400));
        var sure = ml.Data.FilterRowsByColumn(model.Transform(Readings.View(ml, 200, seed: 2)), "Probability", lowerBound: 0.95);
        var rows = ml.Data.CreateEnumerable<Readings.Row>(sure, false).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row.Yes));
    }

    [Fact]
    public void ACacheCheckpoint_ChangesNoBit()
    {
        var data = Readings.View(ml, 300);
        float[][] Train(bool cached)
        {
            var before = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Transforms.NormalizeMinMax("Features"));
            var pipeline = (cached ? before.AppendCacheCheckpoint(ml) : before).Append(ml.MulticlassClassification.Trainers.Deep(Readings.Network, Readings.Options with { Epochs = 3, Seed = 4 }, labelColumnName: "Kind"));
            using var model = pipeline.Fit(data);
            return [.. model.Transform(data).GetColumn<float[]>("Score")];
        }
        Assert.Equal(Train(cached: false), Train(cached: true));
    }

    private Dictionary<int, float> Scores(IDataView scored) => ml.Data.CreateEnumerable<Scored>(scored, false).ToDictionary(row => row.Number, row => row.Score);

    private sealed class Scored
    {
        public int Number { get; set; }

        public float Score { get; set; }
    }
}
