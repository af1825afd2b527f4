using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Rows in managed memory as one batch of tensors.</summary>
internal static class InputTensors
{
    /// <summary>Takes some rows, in the given order.</summary>
    /// <returns>The columns' own values; they live in the caller's dispose scope.</returns>
    public static ModelInput Of(InputRows rows, ReadOnlySpan<int> which, Device device)
    {
        var tensors = new InputTensor[rows.Columns.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            using var column = SlabColumn.For(rows.Columns[i], which.Length);
            for (var place = 0; place < which.Length; place++)
                column.Put(place, rows.Columns[i], which[place]);
            column.Seal(which.Length, which.Length);
            var (values, lengths) = column.View(0, which.Length);       // views keep the column's memory alive
            tensors[i] = new InputTensor($"{i}", device.type == DeviceType.CPU ? values : values.to(device), device.type == DeviceType.CPU ? lengths : lengths?.to(device));
        }
        return new ModelInput(tensors);
    }

    /// <summary>Rows of zeros, to see what a network makes of them; those that differ in length have one step, two, and so on.</summary>
    public static ModelInput Zeros(IEnumerable<FeatureColumn> columns, int count, Device device)
    {
        var rows = InputRows.For(columns, null, count);
        for (var row = 1; row <= count; row++)
            foreach (var column in rows.Columns)
                switch (column)
                {
                    case RaggedStore<float> steps: steps.Add(new float[row * steps.RowLength]); break;
                    case RaggedStore<int> ids: ids.Add(new int[row]); break;
                    case RowStore<byte> bytes: bytes.Add(new byte[bytes.RowLength]); break;
                    case RowStore<int> ids: ids.Add(new int[ids.RowLength]); break;
                    case RowStore<float> numbers: numbers.Add(new float[numbers.RowLength]); break;
                }
        return Of(rows, [.. Enumerable.Range(0, count)], device);
    }
}
