using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>The columns of a data view that a trainer reads, and what it does with rows that lack something.</summary>
internal sealed class RowSource
{
    private readonly IReadOnlyList<SourceColumn> inputs;
    private readonly DeepTask task;
    private readonly DataViewSchema.Column labelColumn;
    private readonly DataViewSchema.Column? weightColumn;
    private readonly MissingFeatures missing;

    public RowSource(IDataView data, IReadOnlyList<FeatureColumn> features, DeepTask task, string labelColumnName, string? weightColumnName, MissingFeatures missing)
    {
        (Data, this.task, this.missing) = (data, task, missing);
        inputs = [.. features.Select(column => new SourceColumn(column, data))];
        labelColumn = FeatureColumn.Require(data.Schema, labelColumnName, "label");
        weightColumn = weightColumnName is null ? null : FindWeights(data.Schema, weightColumnName);
        Columns = [.. inputs.SelectMany(input => new DataViewSchema.Column?[] { input.Column, input.Path }).Append(labelColumn).Append(weightColumn)
            .OfType<DataViewSchema.Column>().DistinctBy(column => column.Index)];
        Kind = new TrainingRows(InputRows.For(features, null, 0), task.NewTargetStore(0), weightColumn is null ? null : new RowStore<float>(rowLength: 1, 0));
    }

    public IDataView Data { get; }

    public IReadOnlyList<DataViewSchema.Column> Columns { get; }

    /// <summary>Gets whether a row costs more than handing it from thread to thread.</summary>
    public bool IsCostly => inputs.Any(input => input.ComesFromPictures || input.Features.Text is not null);

    /// <summary>Gets the bytes of one row's features where all rows have the same; null where they may be sparse.</summary>
    public long? RowBytes => inputs.All(input => input.Features.Picture) ? inputs.Sum(input => input.Features.Shape.Count) : null;

    /// <summary>Gets an empty set of rows of the kind that is read here.</summary>
    public TrainingRows Kind { get; }

    public RowReader Read(DataViewRow row, SkippedRows skipped) => new(row, skipped,
        [.. inputs.Select(input => new ColumnReader(input, row, skipped, missing))], task.ReadTargets(row, labelColumn), weightColumn is { } column ? row.GetGetter<float>(column) : null)
    {
        WeightName = weightColumn?.Name, Kind = Kind,
    };

    private static DataViewSchema.Column FindWeights(DataViewSchema schema, string name)
    {
        var column = FeatureColumn.Require(schema, name, "exampleWeight");
        return column.Type == NumberDataViewType.Single ? column : throw new ArgumentOutOfRangeException(nameof(schema),
            $"Weight column '{name}' must be Single, but is {column.Type}. Add mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) before the trainer.");
    }
}

/// <summary>A feature column in the data: where its values come from, and the paths of its pictures, where they are to be seen.</summary>
internal sealed class SourceColumn
{
    public SourceColumn(FeatureColumn features, IDataView data)
    {
        Features = features;
        Column = features.Bind(data.Schema);
        (ComesFromPictures, Path) = PictureOrigin.Of(data, Column);
    }

    public FeatureColumn Features { get; }

    public DataViewSchema.Column Column { get; }

    public bool ComesFromPictures { get; }

    public DataViewSchema.Column? Path { get; }
}

/// <summary>Reads one cursor's rows as a trainer needs them: features, target and weight, or nothing where the row is to be left out.</summary>
internal sealed class RowReader(DataViewRow row, SkippedRows skipped, IReadOnlyList<ColumnReader> inputs, TargetReader targets, ValueGetter<float>? weight)
{
    private float weightOfRow = 1;

    public required string? WeightName { get; init; }

    public required TrainingRows Kind { private get; init; }

    public TrainingRows NewRows(long? expectedRows) => Kind.NewLike(null, expectedRows);

    /// <summary>Reads the row that the cursor stands on.</summary>
    /// <returns>Whether it is used.</returns>
    public bool Read()
    {
        if (!targets.Read())
        {
            skipped.Count(SkippedRows.Reason.Label);
            return false;
        }
        weight?.Invoke(ref weightOfRow);
        if (float.IsNaN(weightOfRow))
        {
            skipped.Count(SkippedRows.Reason.Weight);
            return false;
        }
        if (weightOfRow < 0 || float.IsInfinity(weightOfRow))
            throw new InvalidOperationException($"Weight column '{WeightName}' is {weightOfRow} in row {row.Position}; weights are finite and not negative.");
        foreach (var input in inputs)
            if (!input.Read())
                return false;
        return true;
    }

    public void AddTo(TrainingRows rows)
    {
        for (var i = 0; i < inputs.Count; i++)
            inputs[i].AddTo(rows.Inputs.Columns[i]);
        targets.AddTo(rows.Targets);
        rows.Weights?.Add(weightOfRow);
    }
}

/// <summary>Reads one feature column for a trainer, which leaves out or refuses rows that lack it.</summary>
internal sealed class ColumnReader(SourceColumn source, DataViewRow row, SkippedRows skipped, MissingFeatures missing)
{
    private readonly FeatureReader reader = FeatureReader.Create(source.Features, row, source.Column);
    private readonly ValueGetter<ReadOnlyMemory<char>>? path = source.Path is { } column ? row.GetGetter<ReadOnlyMemory<char>>(column) : null;

    private string ColumnName => source.Features.Name;

    /// <summary>Reads the column of the row that the cursor stands on.</summary>
    /// <returns>Whether the row is used.</returns>
    public bool Read()
    {
        try
        {
            if (reader.Read() || missing == MissingFeatures.Zero || missing == MissingFeatures.Keep && !reader.IsEmpty)
                return true;
        }
        catch (Exception e) when (source.ComesFromPictures && PictureFailure.Describes(e))
        {
            var failure = PictureFailure.Of(e, NameOfPicture());
            if (source.Features.BrokenImages == BrokenImages.Throw)
                throw new InvalidImageException(failure.Name, $"{failure.Reason} Repair or remove it, or set BrokenImages = BrokenImages.Skip in the trainer's options to leave such pictures out.", e);
            skipped.CountBroken(failure);
            return false;
        }
        if (missing is MissingFeatures.Error or MissingFeatures.Keep)
            throw new InvalidOperationException(reader.IsEmpty
                ? $"Feature column '{ColumnName}' has no values in row {row.Position} (rows count from 0). Filter such rows, or set MissingFeatures to Zero (one step of zeros) or SkipRow in the trainer's options."
                : $"Feature column '{ColumnName}' holds NaN in row {row.Position} (rows count from 0). " +
                $"Add mlContext.Transforms.ReplaceMissingValues(\"{ColumnName}\") before the trainer, or set MissingFeatures to Zero or SkipRow in its options.");
        skipped.Count(SkippedRows.Reason.Features);
        return false;
    }

    public void AddTo(RowStore store) => reader.AddTo(store, replaceMissing: missing == MissingFeatures.Zero);

    private string NameOfPicture()
    {
        ReadOnlyMemory<char> text = default;
        path?.Invoke(ref text);
        return text.Length > 0 ? $"'{text}'" : $"in row {row.Position}";
    }
}
