using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads categories by number: a key, a vector of keys, or a vector of whole numbers.</summary>
internal sealed class IdReader : FeatureReader
{
    private readonly FeatureColumn features;
    private readonly DataViewRow input;
    private readonly Action read;
    private readonly uint categories;
    private int[] ids = new int[1];
    private int count = 1;

    public IdReader(FeatureColumn features, DataViewRow input, DataViewSchema.Column column)
    {
        (this.features, this.input) = (features, input);
        categories = (uint)((IdsShape)features.Shape).Categories;
        var raw = (column.Type is VectorDataViewType vector ? vector.ItemType : column.Type).RawType;
        read = features.Dimensions.Count == 0
            ? raw == typeof(byte) ? One<byte>(id => id) : raw == typeof(ushort) ? One<ushort>(id => id) : raw == typeof(uint) ? One<uint>(id => id) : One<ulong>(id => (long)id)
            : raw == typeof(int) ? Many<int>(id => id)
            : raw == typeof(byte) ? Many<byte>(id => id) : raw == typeof(ushort) ? Many<ushort>(id => id) : raw == typeof(uint) ? Many<uint>(id => id) : Many<ulong>(id => (long)id);

        Action One<T>(Func<T, long> widen) where T : struct
        {
            var getter = input.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                ids[0] = Checked(widen(value));
            };
        }

        Action Many<T>(Func<T, long> widen) where T : struct
        {
            var getter = input.GetGetter<VBuffer<T>>(column);
            VBuffer<T> row = default;
            return () =>
            {
                getter(ref row);
                count = row.Length;
                if (ids.Length < count)
                    ids = new int[Math.Max(count, 2 * ids.Length)];
                ids.AsSpan(0, count).Clear();
                foreach (var item in row.Items())
                    ids[item.Key] = Checked(widen(item.Value));
            };
        }
    }

    public override bool IsEmpty => count == 0;

    /// <summary>Gets the row just read.</summary>
    public ReadOnlySpan<int> Ids => ids.AsSpan(0, count);

    /// <exception cref="InvalidOperationException">A number is not below the number of categories.</exception>
    public override bool Read()
    {
        read();
        return count > 0;
    }

    public override void AddTo(RowStore store, bool replaceMissing)
    {
        if (store is RowStore<int> equal)
            equal.Add(ids.AsSpan(0, count));
        else if (count == 0)
            ((RaggedStore<int>)store).Add([0]);
        else
            ((RaggedStore<int>)store).Add(ids.AsSpan(0, count));
    }

    private int Checked(long id) => (ulong)id < categories ? (int)id : throw new InvalidOperationException(
        $"Column '{features.Name}' holds {id} in row {input.Position} (rows count from 0), but its numbers must be at least 0 and below {categories}, as its shape says.");
}
