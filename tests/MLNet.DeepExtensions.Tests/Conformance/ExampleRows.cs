using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>Rows of any shape, with chance for values, as a data view.</summary>
internal static class ExampleRows
{
    private const int LongestRow = 5;

    /// <summary>Rows with a text "Label" and the shape's columns; a single one is called Features.</summary>
    public static (IDataView Data, IReadOnlyList<InputColumn> Columns) Of(MLContext ml, InputShape shape, int classes, int count)
    {
        IReadOnlyList<NamedShape> columns = shape is ColumnsShape several ? several.Columns : [new NamedShape("Features", shape)];
        var schema = SchemaDefinition.Create(typeof(Row));
        var slots = new List<(NamedShape Column, int Slot)>();
        foreach (var (column, slot) in columns.Select((column, slot) => (column, slot)))
        {
            var member = schema[(column.Shape is IdsShape ? nameof(Row.Ids0) : nameof(Row.Numbers0))[..^1] + slot];
            PrimitiveDataViewType item = column.Shape is IdsShape ? NumberDataViewType.Int32 : NumberDataViewType.Single;
            member.ColumnType = column.Shape.IsVariable ? new VectorDataViewType(item) : new VectorDataViewType(item, (int)column.Shape.Count);
            member.ColumnName = column.Name;
            slots.Add((column, slot));
        }
        var dice = new Random(1);
        var rows = Enumerable.Range(0, count).Select(i =>
        {
            var row = new Row { Label = $"{i % classes}" };
            foreach (var (column, slot) in slots)
            {
                var values = column.Shape.Dimensions.Aggregate(1L, (product, size) => product * (size < 0 ? 1 + dice.Next(LongestRow) : size));
                if (column.Shape is IdsShape ids)
                    row.SetIds(slot, [.. Enumerable.Range(0, (int)values).Select(_ => dice.Next(ids.Categories))]);
                else
                    row.SetNumbers(slot, [.. Enumerable.Range(0, (int)values).Select(_ => dice.NextSingle())]);
            }
            return row;
        }).ToList();
        return (ml.Data.LoadFromEnumerable(rows, schema), [.. columns.Select(column => new InputColumn(column.Name, column.Shape))]);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public float[] Numbers0 { get; set; } = [];

        public float[] Numbers1 { get; set; } = [];

        public float[] Numbers2 { get; set; } = [];

        public float[] Numbers3 { get; set; } = [];

        public float[] Numbers4 { get; set; } = [];

        public int[] Ids0 { get; set; } = [];

        public int[] Ids1 { get; set; } = [];

        public int[] Ids2 { get; set; } = [];

        public int[] Ids3 { get; set; } = [];

        public int[] Ids4 { get; set; } = [];

        public void SetNumbers(int slot, float[] values) => typeof(Row).GetProperty($"Numbers{slot}")!.SetValue(this, values);

        public void SetIds(int slot, int[] values) => typeof(Row).GetProperty($"Ids{slot}")!.SetValue(this, values);
    }
}
