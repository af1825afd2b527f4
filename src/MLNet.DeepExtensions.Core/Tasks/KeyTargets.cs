using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Labels that are keys: a class each, counted from 0.</summary>
internal static class KeyTargets
{
    /// <summary>Reads the label column of a row as the index of a class; missing where the key is.</summary>
    public static TargetReader Read(DataViewRow row, DataViewSchema.Column label) => new Reader(Getter(row, label));

    /// <summary>Reads a key as a number, whatever type keeps it. Keys start at 1; 0 means missing.</summary>
    public static Func<ulong> Getter(DataViewRow row, DataViewSchema.Column label)
    {
        return label.Type.RawType switch
        {
            var raw when raw == typeof(byte) => Get<byte>(value => value),
            var raw when raw == typeof(ushort) => Get<ushort>(value => value),
            var raw when raw == typeof(uint) => Get<uint>(value => value),
            _ => Get<ulong>(value => value),
        };

        Func<ulong> Get<T>(Func<T, ulong> widen) where T : struct
        {
            var getter = row.GetGetter<T>(label);
            T value = default;
            return () =>
            {
                getter(ref value);
                return widen(value);
            };
        }
    }

    public static ArgumentOutOfRangeException NotAKey(string name, string type) => new("label",
        $"Label column '{name}' must be a key, but is {type}. Add mlContext.Transforms.Conversion.MapValueToKey(\"{name}\") before the trainer.");

    private sealed class Reader(Func<ulong> key) : TargetReader
    {
        private long index;

        public override bool Read()
        {
            index = (long)key() - 1;
            return index >= 0;
        }

        public override void AddTo(RowStore store) => ((RowStore<long>)store).Add(index);
    }
}
