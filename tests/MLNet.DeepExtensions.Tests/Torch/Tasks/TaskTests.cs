using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Tasks;

/// <summary>Each task from rows through training, ML.NET's own evaluation, saving and one prediction at a time.</summary>
public sealed class TaskTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public bool Yes { get; set; }

        public float Number { get; set; }

        [VectorType(2)]
        public float[] Numbers { get; set; } = [];

        [VectorType(3)]
        public bool[] Labels { get; set; } = [];
    }

    private sealed class BinaryAnswer
    {
        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }

    private sealed class NumberAnswer
    {
        public float Score { get; set; }

        public float[] Quantiles { get; set; } = [];

        public float Variance { get; set; }
    }

    private static readonly DeepTrainerOptions options = new() { Epochs = 30, BatchSize = 32, Optimizer = new AdamW { LearningRate = 0.01 } };

    // Number = 1000 + 50 a - 20 b + noise of 10 · c
    private static List<Row> Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [Normal(random), Normal(random), (float)random.NextDouble()];
            var number = 1000 + 50 * x[0] - 20 * x[1] + 10 * x[2] * Normal(random);
            return new Row { Features = x, Yes = x[0] + x[1] > 0, Number = number, Numbers = [number, x[1] * 1e-3f], Labels = [x[0] > 0, x[1] > 0, x[2] > 0.5f] };
        })];
    }

    private static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    [Fact]
    public void Binary_IsEvaluatedByMLNet_AndSavedAndPredicted()
    {
        var (train, test) = (ml.Data.LoadFromEnumerable(Rows(600)), ml.Data.LoadFromEnumerable(Rows(200, seed: 2)));
        using var model = ml.BinaryClassification.Trainers.Deep(new Mlp { HiddenSizes = [16] }, options, labelColumnName: "Yes").Fit(train);
        var metrics = ml.BinaryClassification.Evaluate(model.Transform(test), labelColumnName: "Yes");
        Assert.True(metrics.Accuracy > 0.93 && metrics.AreaUnderRocCurve > 0.98, $"accuracy {metrics.Accuracy}, AUC {metrics.AreaUnderRocCurve}");
        Assert.True(metrics.LogLoss < 0.3, $"log-loss {metrics.LogLoss}");
        var loaded = SaveAndLoad(model, train);
        using var engine = ml.Model.CreatePredictionEngine<Row, BinaryAnswer>(loaded);
        foreach (var (row, score) in Rows(200, seed: 2).Zip(model.Transform(test).GetColumn<float>("Score")))
        {
            var answer = engine.Predict(row);
            Assert.Equal(score, answer.Score, 1e-5f);
            Assert.Equal(1 / (1 + Math.Exp(-answer.Score)), answer.Probability, 1e-6);
            Assert.Equal(answer.Score > 0, answer.PredictedLabel);
        }
    }

    [Fact]
    public void Regression_LearnsNumbersFarFromZero_AndGivesThemInTheirOwnUnit()
    {
        var (train, test) = (ml.Data.LoadFromEnumerable(Rows(800)), ml.Data.LoadFromEnumerable(Rows(300, seed: 2)));
        using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [16] }, options with { ValidationFraction = 0.2 }, labelColumnName: "Number").Fit(train);
        var metrics = ml.Regression.Evaluate(model.Transform(test), labelColumnName: "Number");
        Assert.True(metrics.RSquared > 0.95, $"R² {metrics.RSquared}");
        // what is measured while training is in the targets' unit, too
        Assert.InRange(model.History.Epochs[^1].Validation!["rmse"], 0.5 * metrics.RootMeanSquaredError, 2 * metrics.RootMeanSquaredError);
        var loaded = SaveAndLoad(model, train);
        Assert.Equal(model.Transform(test).GetColumn<float>("Score"), loaded.Transform(test).GetColumn<float>("Score"));
        using var engine = ml.Model.CreatePredictionEngine<Row, NumberAnswer>(loaded);
        Assert.InRange(engine.Predict(new Row { Features = [1, 0, 0] }).Score, 1030, 1070);
    }

    [Fact]
    public void Regression_WithoutScaling_LearnsNothingOfSuchNumbers_AndWithItDoes()
    {
        var data = ml.Data.LoadFromEnumerable(Rows(200));
        var few = options with { Epochs = 2 };
        double Error(bool scale)
        {
            using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [16] }, few with { ScaleTargets = scale }, labelColumnName: "Number").Fit(data);
            return ml.Regression.Evaluate(model.Transform(data), labelColumnName: "Number").MeanAbsoluteError;
        }
        Assert.True(Error(false) > 500);
        Assert.True(Error(true) < 60);
    }

    [Fact]
    public void Regression_OfSeveralTargets_ScalesEachByItself()
    {
        var data = ml.Data.LoadFromEnumerable(Rows(600));
        using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options with { Epochs = 40 }, labelColumnName: "Numbers").Fit(data);
        var (scores, rows) = (model.Transform(data).GetColumn<float[]>("Score").ToList(), Rows(600));
        double Unexplained(int target) => scores.Zip(rows).Average(pair => Math.Pow(pair.First[target] - pair.Second.Numbers[target], 2))
            / rows.Average(row => Math.Pow(row.Numbers[target] - rows.Average(other => other.Numbers[target]), 2));
        Assert.True(Unexplained(0) < 0.1, $"{Unexplained(0)}");
        Assert.True(Unexplained(1) < 0.1, $"{Unexplained(1)}");
        Assert.Equal(2, ((VectorDataViewType)SaveAndLoad(model, data).GetOutputSchema(data.Schema)["Score"].Type).Size);
    }

    [Fact]
    public void Quantiles_RiseAndCoverTheirShare()
    {
        var (train, test) = (ml.Data.LoadFromEnumerable(Rows(1500)), ml.Data.LoadFromEnumerable(Rows(500, seed: 2)));
        using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options with { Loss = new Quantile() }, labelColumnName: "Number").Fit(train);
        var scored = SaveAndLoad(model, train).Transform(test);
        var quantiles = scored.GetColumn<float[]>("Quantiles").ToList();
        Assert.All(quantiles, row => Assert.True(row[0] <= row[1] && row[1] <= row[2]));
        var covered = quantiles.Zip(scored.GetColumn<float>("Number")).Average(pair => pair.Second >= pair.First[0] && pair.Second <= pair.First[2] ? 1.0 : 0);
        Assert.InRange(covered, 0.65, 0.92);
        Assert.Equal(quantiles.Select(row => row[1]), scored.GetColumn<float>("Score"));
    }

    [Fact]
    public void Variance_IsLargeWhereTheNoiseIs()
    {
        var (train, test) = (ml.Data.LoadFromEnumerable(Rows(2000)), ml.Data.LoadFromEnumerable(Rows(500, seed: 2)));
        using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options with { Loss = new GaussianNll(), Epochs = 40 }, labelColumnName: "Number").Fit(train);
        var answers = ml.Data.CreateEnumerable<NumberAnswer>(model.Transform(test), false, ignoreMissingColumns: true).Zip(Rows(500, seed: 2)).ToList();
        // the noise's variance is (10 c)²: a quarter of the way and three quarters
        Assert.True(answers.Where(pair => pair.Second.Features[2] > 0.7).Average(pair => pair.First.Variance) > 2 * answers.Where(pair => pair.Second.Features[2] < 0.3).Average(pair => pair.First.Variance));
    }

    [Fact]
    public void Counts_AreScoredAsRates()
    {
        var random = new Random(3);
        var rows = Rows(800);
        foreach (var row in rows)
        {
            var (rate, count, product) = (Math.Exp(-Math.Exp(1 + 0.5 * row.Features[0])), -1, 1.0);
            while (product > rate)
            {
                count++;
                product *= random.NextDouble();
            }
            row.Number = Math.Max(count, 0);
        }
        var data = ml.Data.LoadFromEnumerable(rows);
        using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [16] }, options with { Loss = new PoissonNll() }, labelColumnName: "Number").Fit(data);
        var scores = model.Transform(data).GetColumn<float>("Score").ToList();
        Assert.All(scores, score => Assert.True(score > 0));
        Assert.InRange(scores.Average(), 0.8 * rows.Average(row => row.Number), 1.2 * rows.Average(row => row.Number));
    }

    [Fact]
    public void MultiLabel_SaysOfEachWhetherItApplies()
    {
        var data = ml.Data.LoadFromEnumerable(Rows(600));
        using var model = ml.MulticlassClassification.Trainers.DeepMultiLabel(new Mlp { HiddenSizes = [32] }, options, labelColumnName: "Labels").Fit(data);
        var scored = SaveAndLoad(model, data).Transform(data);
        var right = scored.GetColumn<bool[]>("PredictedLabel").Zip(Rows(600)).Average(pair => pair.First.Zip(pair.Second.Labels).Average(two => two.First == two.Second ? 1.0 : 0));
        Assert.True(right > 0.93, $"{right}");
        Assert.All(scored.GetColumn<float[]>("Score"), row => Assert.All(row, value => Assert.InRange(value, 0, 1)));
        Assert.Equal(right, model.History.Epochs[^1].Train["accuracy"], 0.05);
    }

    [Fact]
    public void LabelsOfTheWrongType_SayWhatToWrite()
    {
        var data = ml.Data.LoadFromEnumerable(Rows(8));
        Assert.Contains("ConvertType(\"Number\"", Assert.Throws<ArgumentOutOfRangeException>(() => ml.BinaryClassification.Trainers.Deep(new Mlp(), labelColumnName: "Number").Fit(data)).Message);
        Assert.Contains("ConvertType(\"Yes\"", Assert.Throws<ArgumentOutOfRangeException>(() => ml.Regression.Trainers.Deep(new Mlp(), labelColumnName: "Yes").Fit(data)).Message);
        Assert.Contains("must be a vector of Boolean", Assert.Throws<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.DeepMultiLabel(new Mlp(), labelColumnName: "Yes").Fit(data)).Message);
        var wrongLoss = options with { Loss = new CrossEntropy() };
        Assert.Contains("CrossEntropy takes targets of kind ClassIndex", Assert.Throws<ArgumentException>(() => ml.Regression.Trainers.Deep(new Mlp(), wrongLoss, labelColumnName: "Number").Fit(data)).Message);
    }

    [Fact]
    public void RowsWithoutALabel_AreLeftOut()
    {
        var rows = Rows(40);
        rows[3].Number = rows[17].Number = float.NaN;
        using var model = ml.Regression.Trainers.Deep(new Mlp(), options with { Epochs = 1 }, labelColumnName: "Number").Fit(ml.Data.LoadFromEnumerable(rows));
        Assert.Equal(38, model.History.Epochs[0].Rows);
    }

    private ITransformer SaveAndLoad(ITransformer model, IDataView data)
    {
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        return ml.Model.Load(file, out _);
    }
}
