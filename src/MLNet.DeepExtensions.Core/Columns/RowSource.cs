using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>The columns of a data view that a trainer reads, and what it does with rows that lack something.</summary>
internal sealed class RowSource
{
    private readonly FeatureColumn features;
    private readonly DeepTask task;
    private readonly DataViewSchema.Column featureColumn;
    private readonly DataViewSchema.Column labelColumn;
    private readonly DataViewSchema.Column? weightColumn;
    private readonly DataViewSchema.Column? pathColumn;
    private readonly bool comesFromPictures;
    private readonly MissingFeatures missing;

    public RowSource(IDataView data, FeatureColumn features, DeepTask task, string labelColumnName, string? weightColumnName, MissingFeatures missing)
    {
        (Data, this.features, this.task, this.missing) = (data, features, task, missing);
        featureColumn = features.Bind(data.Schema);
        labelColumn = FeatureColumn.Require(data.Schema, labelColumnName, "label");
        weightColumn = weightColumnName is null ? null : FindWeights(data.Schema, weightColumnName);
        (comesFromPictures, pathColumn) = PictureOrigin.Of(data, featureColumn);
        Columns = [.. new[] { featureColumn, labelColumn, weightColumn, pathColumn }.OfType<DataViewSchema.Column>().DistinctBy(column => column.Index)];
        Kind = new TrainingRows(features.NewStore(null, 0), task.NewTargetStore(0), weightColumn is null ? null : new RowStore<float>(rowLength: 1, 0));
    }

    public IDataView Data { get; }

    public IReadOnlyList<DataViewSchema.Column> Columns { get; }

    /// <summary>Gets whether a row costs more than handing it from thread to thread.</summary>
    public bool IsCostly => comesFromPictures;

    /// <summary>Gets the bytes of one row's features where all rows have the same; null where they may be sparse.</summary>
    public long? RowBytes => features.Picture ? features.Shape.Count : null;

    /// <summary>Gets an empty set of rows of the kind that is read here.</summary>
    public TrainingRows Kind { get; }

    public RowReader Read(DataViewRow row, SkippedRows skipped) => new(row, skipped,
        FeatureReader.Create(features, row, featureColumn), task.ReadTargets(row, labelColumn),
        weightColumn is { } column ? row.GetGetter<float>(column) : null, pathColumn is { } path ? row.GetGetter<ReadOnlyMemory<char>>(path) : null)
    {
        FeatureName = features.Name, WeightName = weightColumn?.Name, Missing = missing, BrokenImages = features.BrokenImages, ComesFromPictures = comesFromPictures, Kind = Kind,
    };

    private static DataViewSchema.Column FindWeights(DataViewSchema schema, string name)
    {
        var column = FeatureColumn.Require(schema, name, "exampleWeight");
        return column.Type == NumberDataViewType.Single ? column : throw new ArgumentOutOfRangeException(nameof(schema),
            $"Weight column '{name}' must be Single, but is {column.Type}. Add mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) before the trainer.");
    }
}

/// <summary>Reads one cursor's rows as a trainer needs them: features, target and weight, or nothing where the row is to be left out.</summary>
internal sealed class RowReader(DataViewRow row, SkippedRows skipped, FeatureReader features, TargetReader targets, ValueGetter<float>? weight, ValueGetter<ReadOnlyMemory<char>>? path)
{
    private float weightOfRow = 1;

    public required string FeatureName { get; init; }

    public required string? WeightName { get; init; }

    public required MissingFeatures Missing { get; init; }

    public required BrokenImages BrokenImages { get; init; }

    public required bool ComesFromPictures { get; init; }

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
        return ReadFeatures();
    }

    public void AddTo(TrainingRows rows)
    {
        features.AddTo(rows.Features, replaceMissing: Missing == MissingFeatures.Zero);
        targets.AddTo(rows.Targets);
        rows.Weights?.Add(weightOfRow);
    }

    private bool ReadFeatures()
    {
        try
        {
            if (features.Read() || Missing == MissingFeatures.Zero)
                return true;
        }
        catch (Exception e) when (ComesFromPictures && PictureFailure.Describes(e))
        {
            var failure = PictureFailure.Of(e, Name());
            if (BrokenImages == BrokenImages.Throw)
                throw new InvalidImageException(failure.Name, $"{failure.Reason} Repair or remove it, or set BrokenImages = BrokenImages.Skip in the trainer's options to leave such pictures out.", e);
            skipped.CountBroken(failure);
            return false;
        }
        if (Missing == MissingFeatures.Error)
            throw new InvalidOperationException($"Feature column '{FeatureName}' holds NaN in row {row.Position} (rows count from 0). " +
                $"Add mlContext.Transforms.ReplaceMissingValues(\"{FeatureName}\") before the trainer, or set MissingFeatures to Zero or SkipRow in its options.");
        skipped.Count(SkippedRows.Reason.Features);
        return false;
    }

    private string Name()
    {
        ReadOnlyMemory<char> text = default;
        path?.Invoke(ref text);
        return text.Length > 0 ? $"'{text}'" : $"in row {row.Position}";
    }
}
