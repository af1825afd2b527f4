using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tool.Models;

/// <summary>What a model says of rows, as names and values: each row's own columns, then the answer.</summary>
internal sealed class PredictionRows
{
    private readonly IDataView scored;
    private readonly List<(string Name, DataViewSchema.Column Column, int Slot)> fields = [];

    public PredictionRows(MLContext ml, ModelFile model, IDataView data)
    {
        scored = model.Model.Transform(data);
        if (scored.Schema.GetColumnOrNull("PredictedLabel") is { Type: KeyDataViewType } key && key.Annotations.Schema.GetColumnOrNull("KeyValues") is not null)
            scored = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        foreach (var column in data.Schema.Where(column => !column.IsHidden && column.Name != model.Label))
            fields.Add((column.Name, scored.Schema.First(one => one.Name == column.Name), -1));
        if (scored.Schema.GetColumnOrNull("PredictedLabel") is { } predicted)
            fields.Add((predicted.Name, predicted, -1));
        var score = scored.Schema["Score"];
        if (score.Type is not VectorDataViewType vector)
        {
            fields.Add((score.Name, score, -1));
            return;
        }
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (score.HasSlotNames())
            score.GetSlotNames(ref names);
        var labels = names.DenseValues().Select(name => name.ToString()).ToList();
        for (var slot = 0; slot < vector.Size; slot++)
            fields.Add(($"Score.{(slot < labels.Count ? labels[slot] : slot)}", score, slot));
    }

    public IReadOnlyList<string> Names => [.. fields.Select(one => one.Name)];

    /// <summary>The values of each row: text, float, double, int, bool or DateTime.</summary>
    public IEnumerable<object[]> Read()
    {
        using var cursor = scored.GetRowCursor(fields.Select(field => field.Column).DistinctBy(column => column.Index));
        var readers = fields.Select(field => Reader(cursor, field.Column, field.Slot)).ToList();
        while (cursor.MoveNext())
            yield return [.. readers.Select(read => read())];
    }

    public static string Text(object value) => value is DateTime time ? time.ToString("s", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static Func<object> Reader(DataViewRowCursor cursor, DataViewSchema.Column column, int slot)
    {
        if (slot >= 0)
        {
            var vectors = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> vector = default;
            return () =>
            {
                vectors(ref vector);
                return vector.GetItemOrDefault(slot);
            };
        }
        if (column.Type is TextDataViewType)
        {
            var texts = cursor.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                texts(ref text);
                return text.ToString();
            };
        }
        return column.Type.RawType == typeof(float) ? Scalar<float>(cursor, column) : column.Type.RawType == typeof(double) ? Scalar<double>(cursor, column)
            : column.Type.RawType == typeof(int) ? Scalar<int>(cursor, column) : column.Type.RawType == typeof(bool) ? Scalar<bool>(cursor, column)
            : column.Type.RawType == typeof(uint) ? Scalar<uint>(cursor, column) : Scalar<DateTime>(cursor, column);
    }

    private static Func<object> Scalar<T>(DataViewRowCursor cursor, DataViewSchema.Column column) where T : struct
    {
        var getter = cursor.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return value;
        };
    }
}
