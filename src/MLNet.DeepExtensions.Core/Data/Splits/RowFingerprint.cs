using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>
/// Six bits of what a row holds, by which a later reading knows that the row is still where it was.
/// They come from the columns that the split is made by and from one more that is cheap to read.
/// </summary>
internal sealed class RowFingerprint
{
    public const int Bits = 6;

    private readonly ColumnHash[] hashes;

    public RowFingerprint(DataViewRow row, IReadOnlyList<DataViewSchema.Column> columns) => hashes = [.. columns.Select(column => ColumnHash.Create(row, column))];

    /// <summary>
    /// Adds to the named columns the first one of single values; where there is none at all, the first one of vectors.
    /// First, because steps add theirs behind: it is most likely the source's own, and no step has to run for it.
    /// </summary>
    public static IReadOnlyList<DataViewSchema.Column> Choose(DataViewSchema schema, IEnumerable<DataViewSchema.Column> named)
    {
        List<DataViewSchema.Column> chosen = [.. named.DistinctBy(column => column.Index)];
        var others = schema.Where(column => !column.IsHidden && chosen.All(other => other.Index != column.Index)).ToList();
        chosen.AddRange(others.Where(column => column.Type is PrimitiveDataViewType).Take(1));
        if (chosen.Count == 0)
            chosen.AddRange(others.Where(column => column.Type is VectorDataViewType).Take(1));
        return chosen;
    }

    public byte Read()
    {
        var hash = 0UL;
        foreach (var column in hashes)
            hash = column.Add(hash);
        return (byte)(hash >> (64 - Bits));
    }

    private abstract class ColumnHash
    {
        public static ColumnHash Create(DataViewRow row, DataViewSchema.Column column)
        {
            var item = column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType;
            var kind = (item == typeof(ReadOnlyMemory<char>), column.Type is VectorDataViewType) switch
            {
                (true, true) => typeof(Texts),
                (true, false) => typeof(Text),
                (false, true) => typeof(Vector<>).MakeGenericType(item),
                (false, false) => typeof(Value<>).MakeGenericType(item),
            };
            return (ColumnHash)Activator.CreateInstance(kind, row, column)!;
        }

        public abstract ulong Add(ulong hash);

        protected static ulong Mix(ulong hash, ulong word)
        {
            hash = (hash ^ word) * 0x9E3779B97F4A7C15;
            return hash ^ (hash >> 29);
        }

        protected static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
        {
            hash = Mix(hash, (ulong)bytes.Length);
            for (; bytes.Length >= 8; bytes = bytes[8..])
                hash = Mix(hash, MemoryMarshal.Read<ulong>(bytes));
            var rest = 0UL;
            foreach (var last in bytes)
                rest = rest << 8 | last;
            return Mix(hash, rest);
        }

        // all kinds of values but text are structs of plain bits; DateTimeOffset alone has bytes that nobody sets
        protected static ulong MixValues<T>(ulong hash, ReadOnlySpan<T> values) where T : struct
        {
            if (typeof(T) != typeof(DateTimeOffset))
                return Mix(hash, MemoryMarshal.AsBytes(values));
            foreach (var value in values)
                hash = Mix(hash, (ulong)Unsafe.BitCast<T, DateTimeOffset>(value).UtcTicks);
            return hash;
        }
    }

    private sealed class Value<T>(DataViewRow row, DataViewSchema.Column column) : ColumnHash where T : struct
    {
        private readonly ValueGetter<T> getter = row.GetGetter<T>(column);
        private T value;

        public override ulong Add(ulong hash)
        {
            getter(ref value);
            return MixValues(hash, new ReadOnlySpan<T>(in value));
        }
    }

    private sealed class Vector<T>(DataViewRow row, DataViewSchema.Column column) : ColumnHash where T : struct
    {
        private readonly ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        private VBuffer<T> values;

        public override ulong Add(ulong hash)
        {
            getter(ref values);
            if (!values.IsDense)
                hash = Mix(hash, MemoryMarshal.AsBytes(values.GetIndices()));
            return MixValues(hash, values.GetValues());
        }
    }

    private sealed class Text(DataViewRow row, DataViewSchema.Column column) : ColumnHash
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        private ReadOnlyMemory<char> value;

        public override ulong Add(ulong hash)
        {
            getter(ref value);
            return Mix(hash, MemoryMarshal.AsBytes(value.Span));
        }
    }

    private sealed class Texts(DataViewRow row, DataViewSchema.Column column) : ColumnHash
    {
        private readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        private VBuffer<ReadOnlyMemory<char>> values;

        public override ulong Add(ulong hash)
        {
            getter(ref values);
            foreach (var value in values.GetValues())
                hash = Mix(hash, MemoryMarshal.AsBytes(value.Span));
            return hash;
        }
    }
}
