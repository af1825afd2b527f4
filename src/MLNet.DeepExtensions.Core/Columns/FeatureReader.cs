using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads a feature column of the row that a cursor stands on.</summary>
internal abstract class FeatureReader
{
    public static FeatureReader Create(FeatureColumn features, DataViewRow row, DataViewSchema.Column column) => features.Elements switch
    {
        _ when features.Picture => new ImageReader(features, row, column),
        _ when features.Text is not null => new TextReader(features, row, column),
        ElementKind.UInt8 => new FeatureReader<byte>(features, row.GetGetter<VBuffer<byte>>(column)),
        ElementKind.Int32 => new IdReader(features, row, column),
        _ when features.Dimensions.Count == 0 => new NumberReader(row, column),
        _ when features.Shape.IsVariable => new SequenceReader(features, row, column),
        _ => new FeatureReader<float>(features, row.GetGetter<VBuffer<float>>(column)),
    };

    /// <summary>Reads the current row.</summary>
    /// <returns>Whether there are values, all of them numbers.</returns>
    public abstract bool Read();

    /// <summary>Reads the current row without looking for what is no number: in scoring it goes into the network as it is.</summary>
    public virtual void ReadUnchecked() => Read();

    /// <summary>Gets whether the row just read has no values at all, so that no network can look at it.</summary>
    public virtual bool IsEmpty => false;

    /// <summary>Adds the row just read to a store.</summary>
    /// <param name="store">A store of the column's kind.</param>
    /// <param name="replaceMissing">Whether 0 takes the place of what is no number.</param>
    public abstract void AddTo(RowStore store, bool replaceMissing);
}

/// <summary>Vectors of one length.</summary>
internal sealed class FeatureReader<T>(FeatureColumn features, ValueGetter<VBuffer<T>> getter) : FeatureReader where T : unmanaged
{
    private readonly int length = checked((int)features.Shape.Count);
    private VBuffer<T> row;

    public override void ReadUnchecked()
    {
        getter(ref row);
        if (row.Length != length)
            throw new InvalidOperationException($"Column '{features.Name}' has {row.Length} values in a row, but its type says {length}.");
    }

    public override bool Read()
    {
        ReadUnchecked();
        return row is not VBuffer<float> numbers || !MissingNumbers.Any(numbers.GetValues());
    }

    public override void AddTo(RowStore store, bool replaceMissing)
    {
        if (replaceMissing && row is VBuffer<float> numbers)
        {
            var values = numbers.DenseValues().ToArray();
            MissingNumbers.Replace(values);
            ((RowStore<float>)store).Add(new VBuffer<float>(length, values));
            return;
        }
        ((RowStore<T>)store).Add(row);
    }
}

/// <summary>Single numbers of any type, and yes or no as 1 and 0.</summary>
internal sealed class NumberReader(DataViewRow row, DataViewSchema.Column column) : FeatureReader
{
    private readonly Func<float> read = GetterOf(row, column);
    private float value;

    /// <summary>Gets the number just read.</summary>
    public float Value => value;

    public static bool Reads(DataViewType type) => type is NumberDataViewType or BooleanDataViewType;

    public override bool Read() => !float.IsNaN(value = read());

    public override void AddTo(RowStore store, bool replaceMissing) => ((RowStore<float>)store).Add(replaceMissing && float.IsNaN(value) ? 0 : value);

    private static Func<float> GetterOf(DataViewRow row, DataViewSchema.Column column)
    {
        return column.Type.RawType switch
        {
            var raw when raw == typeof(float) => Get<float>(value => value),
            var raw when raw == typeof(double) => Get<double>(value => (float)value),
            var raw when raw == typeof(bool) => Get<bool>(value => value ? 1 : 0),
            var raw when raw == typeof(sbyte) => Get<sbyte>(value => value),
            var raw when raw == typeof(byte) => Get<byte>(value => value),
            var raw when raw == typeof(short) => Get<short>(value => value),
            var raw when raw == typeof(ushort) => Get<ushort>(value => value),
            var raw when raw == typeof(int) => Get<int>(value => value),
            var raw when raw == typeof(uint) => Get<uint>(value => value),
            var raw when raw == typeof(long) => Get<long>(value => value),
            _ => Get<ulong>(value => value),
        };

        Func<float> Get<T>(Func<T, float> convert) where T : struct
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                return convert(value);
            };
        }
    }
}

/// <summary>Numbers that are none.</summary>
internal static class MissingNumbers
{
    public static void Replace(Span<float> values)
    {
        foreach (ref var value in values)
            if (float.IsNaN(value))
                value = 0;
    }

    public static bool Any(ReadOnlySpan<float> values)
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
