using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Numbers the different values of a column in the order in which they come. All missing values (key 0, NaN) are one value.</summary>
internal abstract class ValueNumbers
{
    /// <summary>Gets how many different values came so far.</summary>
    public abstract int Count { get; }

    public static ValueNumbers Create(DataViewRow row, DataViewSchema.Column column) => column.Type is TextDataViewType
        ? new TextNumbers(row.GetGetter<ReadOnlyMemory<char>>(column))
        : (ValueNumbers)Activator.CreateInstance(typeof(Numbers<>).MakeGenericType(column.Type.RawType), row, column)!;

    /// <summary>Gives the number of the current row's value.</summary>
    public abstract int Read();

    private sealed class Numbers<T>(DataViewRow row, DataViewSchema.Column column) : ValueNumbers where T : notnull
    {
        private readonly ValueGetter<T> getter = row.GetGetter<T>(column);
        private readonly Dictionary<T, int> numbers = [];       // equal by value: NaN equals NaN here
        private T value = default!;

        public override int Count => numbers.Count;

        public override int Read()
        {
            getter(ref value);
            if (!numbers.TryGetValue(value, out var number))
                numbers.Add(value, number = numbers.Count);
            return number;
        }
    }

    private sealed class TextNumbers : ValueNumbers
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> getter;
        private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
        private ReadOnlyMemory<char> value;

        public TextNumbers(ValueGetter<ReadOnlyMemory<char>> getter)
        {
            this.getter = getter;
            lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public override int Count => numbers.Count;

        public override int Read()
        {
            getter(ref value);
            if (!lookup.TryGetValue(value.Span, out var number))
                numbers.Add(value.ToString(), number = numbers.Count);
            return number;
        }
    }
}
