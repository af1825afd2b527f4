using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Tables;

namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>The next rows of a time series, or of several.</summary>
internal sealed record Forecasting : Scenario
{
    public const string TaskName = "forecasting";

    public required DelimitedFile File { get; init; }

    public required ForecastOptions Forecast { get; init; }

    public required IReadOnlyList<ColumnProfile> Columns { get; init; }

    public required int SeriesCount { get; init; }

    public override string ModelBuilderName => "Forecasting";

    public override Answer Answer => new ForecastAnswer(Members.FirstOrDefault(member => member.Column == Forecast.SeriesColumn)?.Property);

    public override string? WatchedMetric => null;

    public override IReadOnlyList<InputMember> Members => [.. Columns.Zip(Identifiers.ForMembers(Columns.Select(column => column.Name))).Select(pair => new InputMember(pair.First.Name, pair.Second,
        pair.First.Name == Forecast.TimeColumn ? "DateTime" : pair.First.Name == Forecast.SeriesColumn ? "string" : "float", pair.First.Index,
        pair.First.Name == Forecast.TimeColumn ? ColumnPurpose.Time : pair.First.Name == Forecast.SeriesColumn ? ColumnPurpose.Feature : ColumnPurpose.Label))];

    public override IEnumerable<string> Summary =>
    [
        $"{Columns[0].Rows:N0} rows{(SeriesCount > 1 ? $" of {SeriesCount:N0} series" : "")}; forecasts {string.Join(", ", Forecast.TargetColumns)}, {Forecast.Horizon} rows ahead, from the last {Forecast.Window}",
    ];

    public override object DataSource => TableTask.DataSourceOf(File, Members);

    public static Forecasting Create(TrainSettings settings, string name)
    {
        var ml = new MLContext();
        var file = DelimitedFile.Open(ml, settings.Data, settings.Delimiter, settings.HasHeader);
        if (settings.Targets.Count == 0)
            throw new RefusedException($"Say which columns to forecast: --target NAME. '{file.Path}' has: {string.Join(", ", file.Names)}.");
        var horizon = settings.Horizon ?? throw new RefusedException("Say how many rows ahead to forecast: --horizon NUMBER.");
        var time = settings.Time is { } named ? file.Find(named, "--time") : (int?)null;
        var series = settings.Series is { } column ? file.Find(column, "--series") : (int?)null;
        var targets = settings.Targets.Select(target => file.Find(target, "--target")).Distinct().ToList();
        if (time is { } moment && targets.Contains(moment) || series is { } one && (targets.Contains(one) || one == time))
            throw new RefusedException("--time, --series and --target name the same column twice, but each column is one of them only.");
        var profiles = ColumnProfile.Of(file.Rows(ml), file.Names);
        foreach (var target in targets.Select(index => profiles[index]).Where(target => !target.IsNumeric))
            throw new RefusedException($"--target names column '{target.Name}', which does not hold numbers, but values such as '{target.Values.FirstOrDefault(value => !ColumnProfile.IsNumber(value))}'.");
        if (time is { } times && !profiles[times].IsTime)
            throw new RefusedException($"--time names column '{profiles[times].Name}', which does not hold times, but values such as '{profiles[times].Example}'. A time is written 2026-01-31 or 2026-01-31 13:00:00; without one leave --time out.");
        var counts = series is { } kind ? file.Rows(ml).GroupBy(row => row[kind]).Select(group => group.LongCount()).ToList() : [profiles[0].Rows];
        var rows = counts.Min();
        var window = settings.Window ?? (int)Math.Clamp(Math.Max(2L * horizon, 48), 1, Math.Max(1, (long)(0.7 * rows) / 3));
        if (rows * 0.7 < window + horizon || rows * 0.1 < horizon)
            throw new RefusedException($"{(counts.Count > 1 ? "The shortest series" : $"'{file.Path}'")} has {rows:N0} rows, of which seven tenths are learnt from and one tenth is forecast to test: too few for --horizon {horizon} with a window of {window}. " +
                $"Both fit into {Math.Max(10L * horizon, (long)Math.Ceiling((window + horizon) / 0.7)):N0} rows; write a smaller --horizon{(settings.Window is null ? "" : " or --window")}.");
        return new Forecasting
        {
            Name = name, DataPath = settings.Data, Seed = settings.Seed, Network = Networks.Find(Networks.OfSeries, settings.Model, TaskName), File = file, SeriesCount = counts.Count,
            Columns = [.. profiles.Where(profile => profile.Index == time || profile.Index == series || targets.Contains(profile.Index))],
            Forecast = new ForecastOptions
            {
                TargetColumns = [.. targets.Select(index => file.Names[index])], TimeColumn = time is { } at ? file.Names[at] : null, SeriesColumn = series is { } of ? file.Names[of] : null,
                Window = window, Horizon = horizon, Season = settings.Season ?? 1,
            },
            Options = Training.Of(settings, new DeepTrainerOptions
            {
                // those of Zeng et al. 2023 for such linear networks
                Epochs = 10, BatchSize = 32, Optimizer = new Adam { LearningRate = settings.Model == "patch" ? 1e-3 : 0.005 }, Schedule = new ExponentialDecay { Gamma = 0.5 }, Metrics = [],
            }),
        };
    }

    public override IDataView Load(MLContext ml) => File.Load(ml, Members.Select(member => (member.Column, member.Index!.Value, member.Type switch { "DateTime" => DataKind.DateTime, "string" => DataKind.String, _ => DataKind.Single })));

    public override TrainValidationTestData Split(MLContext ml, IDataView data) => ml.Data.TimeSeriesSplit(data, 0.7, 0.2, 0.1, Forecast.Window, Forecast.SeriesColumn);

    public override IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options) => ml.Forecasting.Trainers.Deep(Network, Forecast, options);

    public override string LoadCode => TableTask.LoadCodeOf(File);

    public override string SplitCode => $"mlContext.Data.TimeSeriesSplit(data, 0.7, 0.2, 0.1, lookBack: {Forecast.Window}, seriesColumnName: {CSharp.Value(Forecast.SeriesColumn)})";

    // ForecastOptions has a required member, so that it is written out
    public override string PipelineCode => $$"""
        mlContext.Forecasting.Trainers.Deep(network, new ForecastOptions
            {
                TargetColumns = {{CSharp.Value(Forecast.TargetColumns)}}, TimeColumn = {{CSharp.Value(Forecast.TimeColumn)}}, SeriesColumn = {{CSharp.Value(Forecast.SeriesColumn)}},
                Window = {{Forecast.Window}}, Horizon = {{Forecast.Horizon}}, Season = {{Forecast.Season}},
            }, options)
        """;
}
