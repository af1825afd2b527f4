using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace MLNet.DeepExtensions.Tests.Torch.Forecasting;

/// <summary>Forecasts from end to end: train, score, save, load, predict.</summary>
[Collection(nameof(Alone))]
public class ForecastingTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 15, BatchSize = 16, Seed = 3, Optimizer = new Adam { LearningRate = 0.01 } };
    private static readonly ForecastOptions waves = new() { TargetColumns = ["Load", "Heat"], Window = 24, Horizon = 6, TimeColumn = "Time", Season = 12 };

    private readonly MLContext ml = new(seed: 1);

    public static TheoryData<ModelConfig> Networks => [new NLinear(), new NLinear { Individual = true, NormalizeInstances = true }, new DLinear { Kernel = 5 },
        new PatchTransformer { PatchLength = 6, Stride = 6, Layers = 1, Dropout = 0 }, new Mlp { HiddenSizes = [32] }];

    [Theory, MemberData(nameof(Networks))]
    public void Waves_AreForecast_BetterThanSayingAgainTheLastSeason(ModelConfig network)
    {
        var split = ml.Data.TimeSeriesSplit(Load(Waves(400)), 0.6, 0.2, 0.2, lookBack: 24);
        using var model = ml.Forecasting.Trainers.Deep(network, waves, options).Fit(split.Train, split.Validation);
        var metrics = ml.Forecasting.Evaluate(model.Transform(split.Test));
        Assert.Equal(80 - 6 + 1, metrics.Forecasts);
        Assert.True(metrics.MeanAbsoluteScaledError < 0.9, $"{metrics.MeanAbsoluteScaledError}");
        Assert.Equal(6, metrics.MeanSquaredErrorOfSteps.Count);
    }

    [Fact]
    public void SavedAndLoaded_ItGivesTheSameForecasts_ToADataViewAndToAnEngine()
    {
        var rows = Waves(200);
        var data = Load(rows);
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), waves, options).Fit(data);
        var expected = Scores(model, data);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(expected, Scores(loaded, data));
        Assert.Equal(waves, ((ForecastTransformer)loaded).Options);

        var engine = loaded.CreateForecastEngine<Hour>(ml);
        Assert.Equal((24, 6), (engine.Window, engine.Horizon));
        var forecast = engine.Predict(rows.Take(100));
        Assert.Equal(expected[99], forecast.Values, (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(expected[99][6 + 2], forecast[step: 3, target: 1], 1e-4);
        Parallel.For(0, 8, i => Assert.Equal(expected[60 + i], engine.Predict(rows.Take(61 + i)).Values, (a, b) => Math.Abs(a - b) < 1e-4));
    }

    [Fact]
    public void TooShortAHistory_IsAnsweredWithNaN_AndByTheEngineWithAnError()
    {
        var rows = Waves(100);
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), waves, options with { Epochs = 1 }).Fit(Load(rows));
        var scores = Scores(model, Load(rows));
        Assert.All(scores.Take(23), score => Assert.All(score, value => Assert.True(float.IsNaN(value))));
        Assert.All(scores.Skip(23), score => Assert.All(score, value => Assert.True(float.IsFinite(value))));
        Assert.Contains("needs 24 rows of history, but there are 5", Assert.Throws<ArgumentException>(() => model.CreateForecastEngine<Hour>(ml).Predict(rows.Take(5))).Message);
        Assert.Contains("CreateForecastEngine", Assert.Throws<InvalidOperationException>(() => ((ITransformer)model).GetRowToRowMapper(Load(rows).Schema)).Message);
    }

    [Fact]
    public void ManySeries_ScoreAsEachWouldAlone_HoweverTheyAreMixed()
    {
        var many = waves with { SeriesColumn = "Series" };
        var (a, b) = (Waves(80, "a"), Waves(80, "b", phase: 2));
        var mixed = a.Zip(b).SelectMany(pair => new[] { pair.First, pair.Second }).ToList();
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), many, options).Fit(Load(mixed));
        var scores = Scores(model, Load(mixed));
        Assert.Equal(Scores(model, Load(a)), scores.Where((_, i) => i % 2 == 0));
        Assert.Equal(Scores(model, Load(b)), scores.Where((_, i) => i % 2 == 1));
    }

    [Fact]
    public void WhatIsKnownAhead_IsUsed_InDataViewsAndByTheEngine()
    {
        var random = new Random(1);
        var rows = Waves(400);
        foreach (var row in rows)
        {
            row.Promotion = random.Next(4) == 0 ? 1 : 0;
            row.Load += 30 * row.Promotion;
        }
        var known = waves with { TargetColumns = ["Load"], KnownColumns = ["Promotion"], StaticColumns = ["Size"], Calendar = CalendarFeatures.HourOfDay };
        var split = ml.Data.TimeSeriesSplit(Load(rows), 0.7, 0.1, 0.2, lookBack: 24);
        using var blind = ml.Forecasting.Trainers.Deep(new NLinear(), waves with { TargetColumns = ["Load"] }, options).Fit(split.Train, split.Validation);
        using var model = ml.Forecasting.Trainers.Deep(new CovariateForecaster(), known, options).Fit(split.Train, split.Validation);
        var (with, without) = (ml.Forecasting.Evaluate(model.Transform(split.Test)), ml.Forecasting.Evaluate(blind.Transform(split.Test)));
        Assert.True(with.MeanSquaredError < 0.4 * without.MeanSquaredError, $"{with.MeanSquaredError} with, {without.MeanSquaredError} without");

        // the last rows have no rows behind them in which anything would be known
        var scores = Scores(model, Load(rows));
        Assert.True(float.IsNaN(scores[^6][0]));
        Assert.True(float.IsFinite(scores[^7][0]));
        var engine = model.CreateForecastEngine<Hour>(ml);
        Assert.Equal(scores[200], engine.Predict(rows.Take(201), rows.Skip(201)).Values, (x, y) => Math.Abs(x - y) < 1e-3);
        Assert.Contains("give the 6 rows that follow as future", Assert.Throws<ArgumentException>(() => engine.Predict(rows.Take(201))).Message);
    }

    [Fact]
    public void Quantiles_Rise_AndCoverWhatTheySay()
    {
        var split = ml.Data.TimeSeriesSplit(Load(Waves(900)), 0.6, 0.2, 0.2, lookBack: 24);
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), waves with { TargetColumns = ["Load"] }, options with { Loss = new Quantile { Quantiles = [0.1, 0.5, 0.9] } }).Fit(split.Train, split.Validation);
        var scored = model.Transform(split.Test);
        Assert.Equal([6, 3], ((VectorDataViewType)scored.Schema["Quantiles"].Type).Dimensions);
        Assert.Equal([6], ((VectorDataViewType)scored.Schema["Score"].Type).Dimensions);
        foreach (var levels in scored.GetColumn<float[]>("Quantiles").Skip(24))
            for (var step = 0; step < 6; step++)
                Assert.True(levels[3 * step] <= levels[3 * step + 1] && levels[3 * step + 1] <= levels[3 * step + 2]);
        var metrics = ml.Forecasting.Evaluate(scored);
        Assert.InRange(metrics.Quantiles[2].Coverage - metrics.Quantiles[0].Coverage, 0.6, 0.95);
        Assert.Equal(metrics.MeanAbsoluteError / 2, metrics.Quantiles[1].PinballLoss, 1e-4);
    }

    [Fact]
    public void Metrics_AreWhatTheirFormulasSay()
    {
        var rows = Waves(60);
        var one = waves with { TargetColumns = ["Load"] };
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), one, options with { Epochs = 2 }).Fit(Load(rows));
        var (scores, loads) = (Scores(model, Load(rows)), rows.Select(row => (double)row.Load).ToArray());
        var errors = (from origin in Enumerable.Range(23, 60 - 23 - 6) from step in Enumerable.Range(0, 6) select (Said: (double)scores[origin][step], Truth: loads[origin + 1 + step])).ToList();
        var metrics = ml.Forecasting.Evaluate(model.Transform(Load(rows)));
        Assert.Equal(31, metrics.Forecasts);
        Assert.Equal(errors.Average(e => Math.Pow(e.Said - e.Truth, 2)), metrics.MeanSquaredError, 1e-4);
        Assert.Equal(errors.Average(e => Math.Abs(e.Said - e.Truth)), metrics.MeanAbsoluteError, 1e-4);
        Assert.Equal(errors.Average(e => 200 * Math.Abs(e.Said - e.Truth) / (Math.Abs(e.Said) + Math.Abs(e.Truth))), metrics.SymmetricMeanAbsolutePercentageError, 1e-4);
        var naive = Enumerable.Range(12, 48).Average(i => Math.Abs(loads[i] - loads[i - 12]));
        Assert.Equal(metrics.MeanAbsoluteError / naive, metrics.MeanAbsoluteScaledError, 1e-4);
        var std = Math.Sqrt(loads.Average(load => Math.Pow(load - loads.Average(), 2)));
        Assert.Equal(metrics.MeanAbsoluteError / std, ml.Forecasting.Evaluate(model.Transform(Load(rows)), scaled: true).MeanAbsoluteError, 1e-4);
    }

    [Fact]
    public void SameSeed_GivesTheSameBits_AndARunThatGoesOnToo()
    {
        var data = Load(Waves(120));
        using var whole = ml.Forecasting.Trainers.Deep(new NLinear(), waves, options with { Epochs = 4 }).Fit(data);
        var folder = Directory.CreateTempSubdirectory("forecast").FullName;
        var saved = options with { Epochs = 4, Checkpoints = new CheckpointPolicy(folder) };
        ml.Forecasting.Trainers.Deep(new NLinear(), waves, saved with { MaxSteps = 10 }).Fit(data).Dispose();
        using var resumed = ml.Forecasting.Trainers.Deep(new NLinear(), waves, saved).Fit(data);
        Directory.Delete(folder, recursive: true);
        Assert.Equal(Scores(whole, data), Scores(resumed, data));
    }

    [Fact]
    public void APipeline_HandsValidationOn_AndIsLoadedWhole()
    {
        var split = ml.Data.TimeSeriesSplit(Load(Waves(200)), 0.6, 0.2, 0.2, lookBack: 24);
        var pipeline = ml.Transforms.Concatenate("Both", "Load", "Heat").Append(ml.Forecasting.Trainers.Deep(new NLinear(), waves with { TargetColumns = ["Both"] }, options with { Epochs = 2 }));
        var model = pipeline.Fit(split.Train, split.Validation);
        Assert.NotNull(model.LastTransformer.History.Epochs[0].Validation);
        Assert.Equal(["Load", "Heat"], model.LastTransformer.Targets);
        Assert.Equal([2, 6], ((VectorDataViewType)model.Transform(split.Test).Schema["Score"].Type).Dimensions);
        using var file = new MemoryStream();
        ml.Model.Save(model, split.Train.Schema, file);
        file.Position = 0;
        Assert.Equal(Scores(model, split.Test), Scores(new MLContext().Model.Load(file, out _), split.Test));
        Assert.Equal(6, model.CreateForecastEngine<Hour>(ml).Horizon);
    }

    [Fact]
    public void NoLiveTensor_IsLeftBehind()
    {
        var data = Load(Waves(80));
        Once();
        // TorchSharp's layers leave wrappers of their parameters to the garbage collector, in a network that was never trained too
        var wrappers = LiveTensors.LeftBy(() => new NLinear().Build(new SequenceShape(2, 24), 12).Dispose());
        Assert.Equal(wrappers, LiveTensors.LeftBy(Once));

        void Once()
        {
            using var model = ml.Forecasting.Trainers.Deep(new NLinear(), waves, options with { Epochs = 1 }).Fit(data);
            Scores(model, data);
        }
    }

    [Theory]
    [InlineData("Series", "The target column 'Series' must be a number")]
    [InlineData("Nothing", "The target column 'Nothing' is not in the data")]
    public void AWrongTarget_IsSaidBeforeTraining(string column, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => ml.Forecasting.Trainers.Deep(new NLinear(), column, 24, 6).Fit(Load(Waves(60)))).Message);

    [Fact]
    public void ASeriesThatIsTooShort_SaysWhatItNeeds() => Assert.Contains("a series needs 30 rows (Window 24 and Horizon 6)",
        Assert.Throws<InvalidOperationException>(() => ml.Forecasting.Trainers.Deep(new NLinear(), "Load", 24, 6).Fit(Load(Waves(20)))).Message);

    [Fact]
    public void AnOptionOutOfRange_IsSaidAtOnce() => Assert.Contains("Calendar = HourOfDay needs a TimeColumn",
        Assert.Throws<ArgumentException>(() => ml.Forecasting.Trainers.Deep(new NLinear(), new ForecastOptions { TargetColumns = ["Load"], Calendar = CalendarFeatures.HourOfDay })).Message);

    [Fact]
    public void ANetworkOfHistories_SaysHowItSeesMore() => Assert.Contains("new CovariateForecaster { History = new NLinear() }",
        Assert.Throws<ArgumentException>(() => ml.Forecasting.Trainers.Deep(new NLinear(), waves with { KnownColumns = ["Promotion"] }, options).Fit(Load(Waves(60)))).Message);

    private static float[][] Scores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    private IDataView Load(IEnumerable<Hour> rows) => ml.Data.LoadFromEnumerable(rows);

    private static List<Hour> Waves(int count, string series = "a", double phase = 0)
    {
        var random = new Random(5);
        float Noise() => (float)(random.NextDouble() - 0.5);
        return [.. Enumerable.Range(0, count).Select(i => new Hour
        {
            Series = series, Time = new DateTime(2024, 1, 1).AddHours(i), Size = 2,
            Load = (float)(100 + 10 * Math.Sin(2 * Math.PI * i / 12 + phase)) + 6 * Noise(), Heat = (float)(5 + Math.Cos(2 * Math.PI * i / 12 + phase)) + Noise(),
        })];
    }

    private sealed class Hour
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float Load { get; set; }
        public float Heat { get; set; }
        public float Promotion { get; set; }
        public float Size { get; set; }
    }
}
