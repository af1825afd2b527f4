using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// The values behind a key column, in the order of the keys, as MapValueToKey found them: text, numbers, dates.
/// Kept as text so that config.json can be read by people; <see cref="Kind"/> says what they were.
/// </summary>
internal sealed record LabelValues : IValidatableObject
{
    public required string Kind { get; init; }

    public required IReadOnlyList<string> Values { get; init; }

    /// <summary>The values that a key column's annotation holds, or null where it has none.</summary>
    public static LabelValues? Of(DataViewSchema.Column label)
    {
        if (label.Annotations.Schema.GetColumnOrNull(AnnotationNames.KeyValues)?.Type is not VectorDataViewType vector || Codec.Of(vector.ItemType) is not { } codec)
            return null;
        return new LabelValues { Kind = codec.Kind, Values = codec.Read(label) };
    }

    /// <summary>The type of one value.</summary>
    public PrimitiveDataViewType ItemType => Find().Type;

    /// <summary>Adds the values, in their own type, to the annotations of a column.</summary>
    public void AddTo(DataViewSchema.Annotations.Builder annotations, string kind) => Find().Add(annotations, kind, Values);

    /// <summary>Adds the values as text.</summary>
    public void AddNamesTo(DataViewSchema.Annotations.Builder annotations, string kind) => AddNamesTo(annotations, kind, Values);

    /// <summary>Adds names to the annotations of a column.</summary>
    public static void AddNamesTo(DataViewSchema.Annotations.Builder annotations, string kind, IReadOnlyList<string> names) => Codec.Text.Add(annotations, kind, names);

    /// <summary>The names of a vector column's slots, or null where it has none.</summary>
    public static IReadOnlyList<string>? SlotNamesOf(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
            return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>Checks what a file says: a known kind, and values that are of it.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var codec = Codec.All.FirstOrDefault(candidate => candidate.Kind == Kind);
        if (codec is null)
            yield return new ValidationResult($"labels of kind '{Kind}' are unknown; known kinds are {string.Join(", ", Codec.All.Select(known => known.Kind))}.");
        else if (Values.FirstOrDefault(value => !codec.CanRead(value)) is { } wrong)
            yield return new ValidationResult($"the label '{wrong}' is no {Kind}.");
    }

    private Codec Find() => Codec.All.First(codec => codec.Kind == Kind);

    /// <summary>How one type of value is written and read.</summary>
    private abstract class Codec(string kind, PrimitiveDataViewType type)
    {
        public static readonly Codec Text = new Codec<ReadOnlyMemory<char>>("text", TextDataViewType.Instance, value => value.ToString(), text => text.AsMemory());

        public static readonly IReadOnlyList<Codec> All =
        [
            Text,
            Number("byte", NumberDataViewType.Byte, byte.Parse), Number("sbyte", NumberDataViewType.SByte, sbyte.Parse),
            Number("int16", NumberDataViewType.Int16, short.Parse), Number("uint16", NumberDataViewType.UInt16, ushort.Parse),
            Number("int32", NumberDataViewType.Int32, int.Parse), Number("uint32", NumberDataViewType.UInt32, uint.Parse),
            Number("int64", NumberDataViewType.Int64, long.Parse), Number("uint64", NumberDataViewType.UInt64, ulong.Parse),
            Number("single", NumberDataViewType.Single, float.Parse), Number("double", NumberDataViewType.Double, double.Parse),
            new Codec<bool>("boolean", BooleanDataViewType.Instance, value => value ? "true" : "false", bool.Parse),
            new Codec<DateTime>("datetime", DateTimeDataViewType.Instance, value => value.ToString("O"), text => DateTime.Parse(text, null, DateTimeStyles.RoundtripKind)),
            new Codec<DateTimeOffset>("datetimeoffset", DateTimeOffsetDataViewType.Instance, value => value.ToString("O"), text => DateTimeOffset.Parse(text, null, DateTimeStyles.RoundtripKind)),
            new Codec<TimeSpan>("timespan", TimeSpanDataViewType.Instance, value => value.ToString("c"), text => TimeSpan.ParseExact(text, "c", null)),
        ];

        public string Kind { get; } = kind;

        public PrimitiveDataViewType Type { get; } = type;

        public static Codec? Of(DataViewType type) => All.FirstOrDefault(codec => codec.Type.Equals(type));

        public abstract IReadOnlyList<string> Read(DataViewSchema.Column label);

        public abstract bool CanRead(string value);

        public abstract void Add(DataViewSchema.Annotations.Builder annotations, string kind, IReadOnlyList<string> values);

        private static Codec<T> Number<T>(string kind, PrimitiveDataViewType type, Func<string, IFormatProvider, T> parse) where T : IFormattable =>
            new(kind, type, value => value.ToString(null, CultureInfo.InvariantCulture), text => parse(text, CultureInfo.InvariantCulture));
    }

    private sealed class Codec<T>(string kind, PrimitiveDataViewType type, Func<T, string> write, Func<string, T> parse) : Codec(kind, type)
    {
        public override IReadOnlyList<string> Read(DataViewSchema.Column label)
        {
            VBuffer<T> values = default;
            label.Annotations.GetValue(AnnotationNames.KeyValues, ref values);
            return [.. values.DenseValues().Select(write)];
        }

        public override bool CanRead(string value)
        {
            try
            {
                parse(value);
                return true;
            }
            catch (Exception e) when (e is FormatException or OverflowException or ArgumentNullException)
            {
                return false;
            }
        }

        public override void Add(DataViewSchema.Annotations.Builder annotations, string kind, IReadOnlyList<string> values)
        {
            var parsed = new VBuffer<T>(values.Count, [.. values.Select(parse)]);
            annotations.Add(kind, new VectorDataViewType(Type, values.Count), (ValueGetter<VBuffer<T>>)((ref VBuffer<T> target) => parsed.CopyTo(ref target)));
        }
    }
}
