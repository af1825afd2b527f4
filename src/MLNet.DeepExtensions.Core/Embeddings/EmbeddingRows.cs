using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads embeddings and their labels off a data view.</summary>
internal static class EmbeddingRows
{
    /// <summary>Gives each row's vector, at length 1, and its label as text; rows without a label, or whose vector holds NaN, are left out. The span is good until the next row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or of another type.</exception>
    public static void Read(IDataView data, string embeddingColumnName, string labelColumnName, Action<string, float[]> take)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(embeddingColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        var (embedding, label) = (Find(data, embeddingColumnName), Find(data, labelColumnName));
        if (embedding.Type is not VectorDataViewType { IsKnownSize: true } vector || vector.ItemType != NumberDataViewType.Single)
            throw new ArgumentOutOfRangeException(nameof(embeddingColumnName), $"Column '{embedding.Name}' must be a vector of Single of one length, as DeepEmbedding gives, but is {embedding.Type}.");
        using var cursor = data.GetRowCursor([embedding, label]);
        var (getVector, getLabel) = (cursor.GetGetter<VBuffer<float>>(embedding), LabelGetter(cursor, label));
        VBuffer<float> value = default;
        var dense = new float[vector.Size];
        while (cursor.MoveNext())
        {
            if (getLabel() is not { } name)
                continue;
            getVector(ref value);
            value.CopyTo(dense);
            if (dense.Any(float.IsNaN))
                continue;
            Dot.Normalize(dense);
            take(name, dense);
        }
    }

    /// <summary>Reads all rows.</summary>
    public static LabelledVectors ReadAll(IDataView data, string embeddingColumnName, string labelColumnName)
    {
        var (vectors, classes, numbers, size) = (new List<float>(), new List<long>(), new Dictionary<string, long>(StringComparer.Ordinal), 0);
        Read(data, embeddingColumnName, labelColumnName, (label, vector) =>
        {
            vectors.AddRange(vector);
            classes.Add(numbers.TryGetValue(label, out var known) ? known : numbers[label] = numbers.Count);
            size = vector.Length;
        });
        return new LabelledVectors([.. vectors], size, [.. classes]);
    }

    // null where it is missing; a key whose values have no names is its number
    private static Func<string?> LabelGetter(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is KeyDataViewType)
        {
            var (key, values) = (KeyTargets.Getter(row, label), LabelValues.Of(label)?.Values);
            return () => key() is var number && number == 0 ? null : values?[(int)number - 1] ?? $"{number}";
        }
        if (label.Type is TextDataViewType)
        {
            var getter = row.GetGetter<ReadOnlyMemory<char>>(label);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                getter(ref text);
                return text.IsEmpty ? null : text.ToString();
            };
        }
        throw new ArgumentOutOfRangeException(nameof(label), $"Label column '{label.Name}' must be a key or text, but is {label.Type}. " +
            $"Add mlContext.Transforms.Conversion.MapValueToKey(\"{label.Name}\"), or ConvertType(\"{label.Name}\", outputKind: DataKind.String).");
    }

    private static DataViewSchema.Column Find(IDataView data, string name) => data.Schema.GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(nameof(name),
        $"There is no column '{name}'; there are: {string.Join(", ", data.Schema.Where(column => !column.IsHidden).Select(column => column.Name))}.");
}
