// A transformer's loads and oil temperature, hours or weeks ahead (ETTh1), with the split and the numbers that papers report: load, split by time, train, evaluate, save, load again, predict, draw.
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using ForecastingSample;
using Microsoft.ML;
using MLNet.DeepExtensions;
using Spectre.Console;

var horizonOption = new Option<int>("--horizon") { Description = "How many hours ahead: 96, 192, 336 or 720 in papers; any number works.", DefaultValueFactory = _ => 96 };
var modelOption = new Option<string>("--model") { Description = "nlinear and dlinear as published; best, the settings that the validation part chose; patch, a Transformer.", DefaultValueFactory = _ => "nlinear" };
var windowOption = new Option<int?>("--window") { Description = "How many hours it looks back. [default: the recipe's, 336 or 512]" };
var dataOption = new Option<FileInfo?>("--data") { Description = "Another ETTh file (ETTh2.csv), with the same columns. [default: ETTh1]" };
var epochsOption = new Option<int?>("--epochs") { Description = "How often to go through the training windows. [default: the recipe's]" };
var seedOption = new Option<int>("--seed") { Description = "The same seed gives the same network on the same machine.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model and the picture.", DefaultValueFactory = _ => new DirectoryInfo("out/forecasting") };
modelOption.AcceptOnlyFromAmong([.. Recipe.Names]);
horizonOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 2000)
        result.AddError("--horizon must be from 1 to 2000.");
});

var command = new RootCommand("Forecasts the loads and the oil temperature of an electricity transformer.") { horizonOption, modelOption, windowOption, dataOption, epochsOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() => Run(
    arguments.GetValue(horizonOption), arguments.GetValue(modelOption)!, arguments.GetValue(windowOption), arguments.GetValue(dataOption), arguments.GetValue(epochsOption),
    arguments.GetValue(seedOption), arguments.GetValue(outOption)!)));
return command.Parse(args).Invoke();

static int Run(int horizon, string modelName, int? windowLength, FileInfo? file, int? epochs, int seed, DirectoryInfo output)
{
    output.Create();
    string File(string name) => Path.Combine(output.FullName, name);
    var path = file?.FullName ?? Path.Combine(AppContext.BaseDirectory, "data", "etth1", "ETTh1.csv");
    if (!System.IO.File.Exists(path))
        throw new FileNotFoundException($"There is no {path}. Name a file of the ETT set with --data.");
    var (network, options, usualWindow) = Recipe.For(modelName);
    var window = windowLength ?? usualWindow;
    options = options with { Epochs = epochs ?? options.Epochs, Seed = seed };

    #region split    // shown in docs/forecasting.md
    var ml = new MLContext(seed);
    var data = ml.Data.LoadFromTextFile<Reading>(path, separatorChar: ',', hasHeader: true);
    // twelve, four and four months of thirty days; validation and test look back at the window before them
    var split = ml.Data.TimeSeriesSplit(data, trainRows: 8640, validationRows: 2880, testRows: 2880, lookBack: window);
    #endregion

    #region train    // shown in docs/forecasting.md
    var forecast = new ForecastOptions
    {
        TargetColumns = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"], TimeColumn = "Date",
        Window = window, Horizon = horizon, Season = 24,
    };
    var clock = Stopwatch.StartNew();
    using var model = ml.Forecasting.Trainers.Deep(network, forecast, options).Fit(split.Train, split.Validation);
    #endregion
    var seconds = clock.Elapsed.TotalSeconds;

    #region evaluate    // shown in docs/forecasting.md
    // papers report errors of the scaled series
    var metrics = ml.Forecasting.Evaluate(model.Transform(split.Test), scaled: true);
    #endregion
    var validation = ml.Forecasting.Evaluate(model.Transform(split.Validation), scaled: true);

    #region quantiles    // shown in docs/forecasting.md
    // the same network with a loss that asks for quantiles says how sure it is
    using var range = ml.Forecasting.Trainers.Deep(network, forecast, options with { Loss = new Quantile { Quantiles = [0.1, 0.5, 0.9] } }).Fit(split.Train, split.Validation);
    var spread = ml.Forecasting.Evaluate(range.Transform(split.Test), scaled: true);
    #endregion
    ml.Model.Save(range, data.Schema, File("forecaster.zip"));

    #region predict    // shown in docs/forecasting.md
    var engine = new MLContext().Model.Load(File("forecaster.zip"), out _).CreateForecastEngine<Reading>(ml);
    var rows = ml.Data.CreateEnumerable<Reading>(split.Test, reuseRowObject: false).ToList();
    var now = window + 24 * 30;
    var next = engine.Predict(rows.Take(now));
    next.SavePicture(File("forecast.png"), "OT", rows.Take(now).Select(row => row.OT), rows.Skip(now).Take(horizon).Select(row => row.OT),
        $"Oil temperature of the transformer, {horizon} hours from {rows[now - 1].Date:yyyy-MM-dd HH:mm}");
    #endregion

    var table = new Table().AddColumn("").AddColumn("MSE").AddColumn("MAE").AddColumn("MASE");
    void Row(string name, ForecastMetrics of) => table.AddRow(name, $"{of.MeanSquaredError:0.000}", $"{of.MeanAbsoluteError:0.000}", $"{of.MeanAbsoluteScaledError:0.000}");
    Row("validation", validation);
    Row("test", metrics);
    AnsiConsole.Write(table);
    AnsiConsole.WriteLine($"{metrics.Forecasts:N0} forecasts of {horizon} hours; of the hours of the test {(spread.Quantiles[2].Coverage - spread.Quantiles[0].Coverage):P0} lie between the 10 % and the 90 % quantile.");
    AnsiConsole.WriteLine($"Written to {output.FullName}: forecaster.zip and forecast.png.");
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
    {
        sample = "forecasting",
        model = modelName,
        window,
        horizon,
        epochs = model.History.Epochs.Count,
        test_mse = metrics.MeanSquaredError,
        test_mae = metrics.MeanAbsoluteError,
        test_mase = metrics.MeanAbsoluteScaledError,
        test_smape = metrics.SymmetricMeanAbsolutePercentageError,
        validation_mse = validation.MeanSquaredError,
        test_pinball_loss = spread.Quantiles.Average(quantile => quantile.PinballLoss),
        forecasts = metrics.Forecasts,
        train_seconds = Math.Round(seconds, 1),
        pictures = new[] { "forecast.png" },
    }));
    return 0;
}
