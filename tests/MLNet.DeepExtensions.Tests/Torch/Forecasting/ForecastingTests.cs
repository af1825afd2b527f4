using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Forecasting;

/// <summary>Forecasts from end to end: train, score, save, load, predict.</summary>
public class ForecastingTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 15, BatchSize = 16, Seed = 3, Optimizer = new Adam { LearningRate = 0.01 } };
    private static readonly ForecastOptions waves = new() { TargetColumns = ["Load", "Heat"], Window = 24, Horizon = 6, TimeColumn = "Time", Season = 12 };

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Waves_AreForecast_BetterThanSayingAgainTheLastSeason()
    {
        var split = ml.Data.TimeSeriesSplit(Load(Waves(400)), 0.6, 0.2, 0.2, lookBack: 24);
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), waves, options).Fit(split.Train, split.Validation);
        var metrics = ml.Forecasting.Evaluate(model.Transform(split.Test));
        Assert.Equal(80 - 6 + 1, metrics.Forecasts);
        Assert.True(metrics.MeanAbsoluteScaledError < 0.8, $"{metrics.MeanAbsoluteScaledError}");
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

        var engine = loaded.CreateForecastEngine<Hour>(ml);
        Assert.Equal((24, 6), (engine.Window, engine.Horizon));
        var forecast = engine.Predict(rows.Take(100));
        Assert.Equal(expected[99], forecast.Values, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(expected[99][6 + 2], forecast[step: 3, target: 1], 1e-5);
    }

    private static float[][] Scores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    private IDataView Load(IEnumerable<Hour> rows) => ml.Data.LoadFromEnumerable(rows);

    private static List<Hour> Waves(int count, string series = "a", double phase = 0) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Hour
        {
            Series = series, Time = new DateTime(2024, 1, 1).AddHours(i),
            Load = (float)(100 + 10 * Math.Sin(2 * Math.PI * i / 12 + phase) + 3 * Math.Sin(i * 12.9898)), Heat = (float)(5 + Math.Cos(2 * Math.PI * i / 12 + phase)),
        }),
    ];

    private sealed class Hour
    {
        public string Series { get; set; } = "";
        public DateTime Time { get; set; }
        public float Load { get; set; }
        public float Heat { get; set; }
    }
}
