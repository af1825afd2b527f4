using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Windows of time series as examples: the history and what is known ahead feed the network, the horizon is the target.</summary>
internal sealed record SeriesWindows(ForecastOptions Options) : ExampleSource
{
    public override void Check()
    {
        ArgumentNullException.ThrowIfNull(Options, "forecast");
        ConfigValidation.Check(Options, "forecast");
    }

    public override string? RoleOf(string column, SchemaShape schema) => Options.TargetColumns.Contains(column) ? "target" : Options.KnownColumns.Contains(column) ? "known ahead"
        : Options.StaticColumns.Contains(column) ? "static" : column == Options.SeriesColumn ? "series" : column == Options.TimeColumn ? "time" : null;

    public override SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form, ModelConfig model)
    {
        ForecastColumns.Check(schema, Options);
        var promised = schema.ToDictionary(column => column.Name);
        foreach (var column in ForecastTask.Promise(form))
            promised[column.Name] = column;
        return new SchemaShape(promised.Values);
    }

    public override (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(IDataView data, DeepTask task, OutputForm form, DeepTrainerOptions options, ModelConfig model)
    {
        var columns = ForecastColumns.Find(data.Schema, Options);
        var features = new List<FeatureColumn> { Numbers(ForecastInput.History, new SequenceShape(columns.Targets.Count, columns.Window)) };
        if (columns.Known > 0)
            features.Add(Numbers(ForecastInput.Known, new SequenceShape(columns.Known, columns.Window + columns.Horizon)));
        if (columns.Static > 0)
            features.Add(Numbers(ForecastInput.Static, new VectorShape(columns.Static)));
        return (features, ForecastTask.For(columns, form));
    }

    public override TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, MissingFeatures missing, DeepTrainerOptions options, RowMemory memory, IHost host, IChannel channel)
    {
        var (columns, skipped) = (((ForecastTask)task).Columns, new SkippedRows());
        columns.Check(data.Schema);
        SeriesRows series;
        try
        {
            series = new SeriesReader(data, columns, memory, () => HostDoors.CheckAlive(host)).Read(missing, skipped, keepPlaces: false);
        }
        catch (RowMemorySpentException e)
        {
            throw new InvalidOperationException($"The {name} series take more than the CacheBudget of {memory.Budget:N0} bytes. Set CacheFolder to keep them in a file, or a larger CacheBudget.", e);
        }
        var rows = new WindowRows(series, columns);
        if (skipped.Describe(name, series.Count - skipped.Total) is { } what)
            HostDoors.Warn(channel, what + " No window has any of those left out.");
        return rows.Count switch
        {
            0 => throw new InvalidOperationException($"The {name} set has no window: a series needs {columns.Window + columns.Horizon:N0} rows (Window {columns.Window:N0} and Horizon {columns.Horizon:N0}) " +
                $"without anything missing, but the {series.Starts.Length - 1:N0} series here have {series.Count:N0} rows in all. Take a shorter Window or Horizon" +
                (name == "validation" ? ", or let the part look back into the rows before it: mlContext.Data.TimeSeriesSplit(…, lookBack: window)." : ".")),
            > int.MaxValue => throw new InvalidOperationException($"The {name} set has {rows.Count:N0} windows, more than {int.MaxValue:N0}. Split it, or take fewer rows."),
            _ => TrainingSet.Of(rows, name),
        };
    }

    public override DeepTask Learn(DeepTask task, TrainingSet train, IBatchSource batches, bool scaleTargets)
    {
        var (rows, which) = Windows(train);
        return (ForecastTask)task with { Scale = scaleTargets ? rows.Measure(rows.Series.Targets, which) : null, NaiveErrors = rows.NaiveErrors(which) };
    }

    // the history has the targets' own scale, so that a network may carry values over
    public override InputPlan Plan(DataViewSchema schema, IReadOnlyList<FeatureColumn> features, Normalization? normalization, TrainingSet train, IBatchSource batches, DeepTask task, int seed)
    {
        if (normalization is not null)
            throw new ArgumentException("A forecaster scales what it sees by the training rows: leave Normalization unset, or set ScaleTargets = false and normalise in the pipeline.", "options");
        var (rows, which) = Windows(train);
        var scale = ((ForecastTask)task).Scale;
        return new InputPlan([.. features.Select(column => new NetworkColumn(column, scale is null ? new InputStage() : StageOf(column.Name)))], [.. features.Select(_ => (AugmentationPlan?)null)]);

        InputStage StageOf(string column)
        {
            var measured = column switch
            {
                ForecastInput.History => scale,
                ForecastInput.Known => rows.Measure(rows.Series.Known!, which),
                _ => TargetScale.Measure(Rows(rows.Series.Statics!), rows.Series.Statics!.RowLength),
            };
            return new InputStage { Mean = measured.Mean, Std = measured.Std };
        }
    }

    private static (WindowRows Rows, int[] Which) Windows(TrainingSet train)
    {
        var which = new int[train.Held!.Count];
        train.Held.CopyIndices(which);
        return ((WindowRows)train.Held.Rows, which);
    }

    private static IEnumerable<float[]> Rows(RowStore<float> store)
    {
        var row = new float[store.RowLength];
        for (var i = 0L; i < store.Count; i++)
        {
            store.CopyTo(i, row);
            yield return row;
        }
    }

    private static FeatureColumn Numbers(string name, InputShape shape) => new() { Name = name, Elements = ElementKind.Float32, Shape = shape, Dimensions = [.. shape.Dimensions.Select(size => (int)size)] };
}
