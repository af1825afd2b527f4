using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>What to do with a training or validation row whose features hold NaN.</summary>
public enum MissingFeatures
{
    /// <summary>Stop with an error that names the row.</summary>
    Error,

    /// <summary>Use 0 in their place.</summary>
    Zero,

    /// <summary>Leave the row out; how many were left out is logged once.</summary>
    SkipRow,
}

/// <summary>The rows of a training or validation set in memory: features, targets and, where asked for, weights.</summary>
internal sealed class TrainingRows
{
    private TrainingRows(RowStore features, RowStore targets, RowStore<float>? weights) => (Features, Targets, Weights) = (features, targets, weights);

    public RowStore Features { get; }

    public RowStore Targets { get; }

    public RowStore<float>? Weights { get; }

    public long Count => Features.Count;

    public long Bytes => Features.Bytes + Targets.Bytes + (Weights?.Bytes ?? 0);

    /// <summary>Gets the rows left out because the label or the weight was missing, and those left out for missing features.</summary>
    public (long Label, long Weight, long Features) Skipped { get; private set; }

    /// <summary>Reads a data view once, in its own order.</summary>
    public static TrainingRows Read(IDataView data, FeatureColumn features, DeepTask task, string labelColumnName, string? weightColumnName,
        MissingFeatures missing, Action everyFewRows)
    {
        var featureColumn = features.Bind(data.Schema);
        var labelColumn = FeatureColumn.Require(data.Schema, labelColumnName, "label");
        var weightColumn = weightColumnName is null ? default(DataViewSchema.Column?) : WeightColumn(data.Schema, weightColumnName);
        DataViewSchema.Column[] needed = weightColumn is { } weightsToo ? [featureColumn, labelColumn, weightsToo] : [featureColumn, labelColumn];
        var expected = data.GetRowCount();

        using var cursor = data.GetRowCursor(needed);
        var reader = FeatureReader.Create(features, cursor, featureColumn);
        var targets = task.ReadTargets(cursor, labelColumn, expected);
        var weight = weightColumn is { } column ? cursor.GetGetter<float>(column) : null;
        var store = reader.NewStore(expected);
        var weights = weight is null ? null : new RowStore<float>(rowLength: 1, expected);
        long noLabel = 0, noWeight = 0, noFeatures = 0;

        while (cursor.MoveNext())
        {
            if (cursor.Position % 256 == 0)
                everyFewRows();
            if (!targets.Read())
            {
                noLabel++;
                continue;
            }
            var weightOfRow = 1f;
            weight?.Invoke(ref weightOfRow);
            if (float.IsNaN(weightOfRow))
            {
                noWeight++;
                continue;
            }
            if (weightOfRow < 0 || float.IsInfinity(weightOfRow))
                throw new InvalidOperationException($"Weight column '{weightColumnName}' is {weightOfRow} in row {cursor.Position}; weights are finite and not negative.");
            if (!reader.Read())
            {
                if (missing == MissingFeatures.Error)
                    throw new InvalidOperationException($"Feature column '{features.Name}' holds NaN in row {cursor.Position} (rows count from 0). " +
                        $"Add mlContext.Transforms.ReplaceMissingValues(\"{features.Name}\") before the trainer, or set MissingFeatures to Zero or SkipRow in its options.");
                if (missing == MissingFeatures.SkipRow)
                {
                    noFeatures++;
                    continue;
                }
            }
            reader.AddTo(store, replaceMissing: missing == MissingFeatures.Zero);
            targets.Keep();
            weights?.Add(weightOfRow);
        }
        return new TrainingRows(store, targets.Store, weights) { Skipped = (noLabel, noWeight, noFeatures) };
    }

    /// <summary>What was left out, in one sentence, or null where nothing was.</summary>
    public string? DescribeSkipped(string setName)
    {
        var (label, weight, features) = Skipped;
        if (label + weight + features == 0)
            return null;
        var parts = new List<string>();
        if (label > 0)
            parts.Add($"{label:N0} without a label");
        if (weight > 0)
            parts.Add($"{weight:N0} without a weight");
        if (features > 0)
            parts.Add($"{features:N0} with missing features");
        return $"Left out of the {setName} rows: {string.Join(", ", parts)}; {Count:N0} remain.";
    }

    private static DataViewSchema.Column WeightColumn(DataViewSchema schema, string name)
    {
        var column = FeatureColumn.Require(schema, name, "exampleWeight");
        return column.Type == NumberDataViewType.Single ? column : throw new ArgumentOutOfRangeException(nameof(schema),
            $"Weight column '{name}' must be Single, but is {column.Type}. Add mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) before the trainer.");
    }
}
