using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/forecasting.md, run as it is shown there.</summary>
public sealed class ForecastingTests
{
    public sealed class Sale
    {
        public string Shop { get; set; } = "";
        public DateTime Day { get; set; }
        public float Sold { get; set; }
        public float Price { get; set; }
        public float Size { get; set; }
    }

    private readonly MLContext ml = new(seed: 1);
    private readonly DeepTrainerOptions options = new() { Epochs = 2, Seed = 1 };

    private static List<Sale> Sales(int days)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, days).SelectMany(day => new[] { "north", "south" }.Select((shop, number) =>
        {
            var price = random.Next(5) == 0 ? 0.8f : 1;
            return new Sale
            {
                Shop = shop, Day = new DateTime(2024, 1, 1).AddDays(day), Price = price, Size = 1 + number,
                Sold = 20 + 30 * (1 - price) + 5 * (float)Math.Sin(2 * Math.PI * day / 7) + random.Next(3),
            };
        }))];
    }

    [Fact]
    public void Short()
    {
        var data = ml.Data.LoadFromEnumerable(Sales(100).Where(sale => sale.Shop == "north"));
        #region short
        using var model = ml.Forecasting.Trainers.Deep(new NLinear(), "Sold", window: 28, horizon: 7).Fit(data);
        var forecasts = model.Transform(data);             // beside each row: Score, the seven values that follow
        #endregion
        Assert.Equal(100, forecasts.GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void Covariates()
    {
        var rows = Sales(120);
        var data = ml.Data.LoadFromEnumerable(rows);
        #region covariates
        var forecast = new ForecastOptions
        {
            TargetColumns = ["Sold"], Window = 28, Horizon = 7, Season = 7,
            SeriesColumn = "Shop", TimeColumn = "Day",
            KnownColumns = ["Price"], Calendar = CalendarFeatures.DayOfWeek | CalendarFeatures.MonthOfYear,
            StaticColumns = ["Size"],
        };
        var split = ml.Data.TimeSeriesSplit(data, 0.7, 0.1, 0.2, lookBack: 28, seriesColumnName: "Shop");
        using var model = ml.Forecasting.Trainers.Deep(new CovariateForecaster { History = new NLinear() }, forecast, options).Fit(split.Train, split.Validation);
        #endregion
        var (history, plan) = (rows.Where(row => row.Shop == "north").Take(100).ToList(), rows.Where(row => row.Shop == "north").Skip(100).ToList());
        #region engine
        var engine = model.CreateForecastEngine<Sale>(ml);
        var next = engine.Predict(history, future: plan);  // the plan's rows say the prices of the days to come
        Console.WriteLine($"tomorrow {next[step: 1]:0}, in a week {next[step: 7]:0}");
        #endregion
        Assert.Equal(7, next.Values.Count);
    }

    [Fact]
    public void Backtests()
    {
        var data = ml.Data.LoadFromEnumerable(Sales(120));
        var forecast = new ForecastOptions { TargetColumns = ["Sold"], Window = 28, Horizon = 7, Season = 7, SeriesColumn = "Shop" };
        #region backtests
        var errors = ml.Data.TimeSeriesBacktests(data, testRows: 14, folds: 3, lookBack: 28, seriesColumnName: "Shop").Select(fold =>
        {
            using var model = ml.Forecasting.Trainers.Deep(new NLinear(), forecast, options).Fit(fold.Train);
            return ml.Forecasting.Evaluate(model.Transform(fold.Test)).MeanAbsoluteScaledError;
        }).ToList();
        Console.WriteLine($"MASE {errors.Average():0.00}, from {errors.Min():0.00} to {errors.Max():0.00}");
        #endregion
        Assert.Equal(3, errors.Count);
    }
}
