using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads the feature column of the row that a cursor stands on.</summary>
internal abstract class FeatureReader
{
    public static FeatureReader Create(FeatureColumn features, DataViewRow row, DataViewSchema.Column column) => features.Elements switch
    {
        _ when features.Picture => new ImageReader(features, row, column),
        ElementKind.UInt8 => new FeatureReader<byte>(features, row.GetGetter<VBuffer<byte>>(column)),
        _ => new FeatureReader<float>(features, row.GetGetter<VBuffer<float>>(column)),
    };

    /// <summary>An array for that many rows, of the column's element type.</summary>
    public abstract Array NewBuffer(int rows);

    /// <summary>Reads the current row.</summary>
    /// <returns>Whether all its values are numbers.</returns>
    public abstract bool Read();

    /// <summary>Writes the row just read, dense, as a buffer's row.</summary>
    public abstract void CopyTo(Array buffer, int row);

    /// <summary>Adds the row just read to a store.</summary>
    public abstract void AddTo(RowStore store, bool replaceMissing);
}

internal sealed class FeatureReader<T>(FeatureColumn features, ValueGetter<VBuffer<T>> getter) : FeatureReader where T : unmanaged
{
    private readonly int length = checked((int)features.Shape.Count);
    private VBuffer<T> row;

    public override Array NewBuffer(int rows) => new T[checked(rows * length)];

    public override bool Read()
    {
        getter(ref row);
        if (row.Length != length)
            throw new InvalidOperationException($"Column '{features.Name}' has {row.Length} values in a row, but its type says {length}.");
        return row is not VBuffer<float> numbers || !HasNaN(numbers.GetValues());
    }

    public override void CopyTo(Array buffer, int index) => RowStore<T>.Expand(row, ((T[])buffer).AsSpan(index * length, length));

    public override void AddTo(RowStore store, bool replaceMissing)
    {
        if (replaceMissing && row is VBuffer<float> numbers)
        {
            var values = numbers.DenseValues().ToArray();
            foreach (ref var value in values.AsSpan())
                if (float.IsNaN(value))
                    value = 0;
            ((RowStore<float>)store).Add(new VBuffer<float>(length, values));
            return;
        }
        ((RowStore<T>)store).Add(row);
    }

    private static bool HasNaN(ReadOnlySpan<float> values)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var lane = new Vector<float>(values[i..]);
            if (!Vector.EqualsAll(lane, lane))      // NaN is the one number that differs from itself
                return true;
        }
        for (; i < values.Length; i++)
            if (float.IsNaN(values[i]))
                return true;
        return false;
    }
}
