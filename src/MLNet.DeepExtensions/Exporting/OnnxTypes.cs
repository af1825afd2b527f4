using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>ML.NET's types as ONNX's: a column is a tensor whose first dimension is the rows.</summary>
internal static class OnnxTypes
{
    public const int Float = 1, UInt8 = 2, Int32 = 6, Int64 = 7, Text = 8, Bool = 9, Double = 11, UInt32 = 12;

    private static readonly Dictionary<DataViewType, (int Number, string Name)> types = new()
    {
        [NumberDataViewType.Single] = (Float, "float32"), [NumberDataViewType.Double] = (Double, "float64"), [TextDataViewType.Instance] = (Text, "text"), [BooleanDataViewType.Instance] = (Bool, "bool"),
        [NumberDataViewType.Byte] = (UInt8, "uint8"), [NumberDataViewType.SByte] = (3, "int8"), [NumberDataViewType.UInt16] = (4, "uint16"), [NumberDataViewType.Int16] = (5, "int16"),
        [NumberDataViewType.Int32] = (Int32, "int32"), [NumberDataViewType.Int64] = (Int64, "int64"), [NumberDataViewType.UInt32] = (UInt32, "uint32"), [NumberDataViewType.UInt64] = (13, "uint64"),
    };

    /// <summary>The type of a value, or of each of a vector's values.</summary>
    public static DataViewType ItemOf(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    /// <summary>ONNX's number of an item's type; null where it has none. A key's is that of the numbers that keep it.</summary>
    public static int? Of(DataViewType item) => item is KeyDataViewType key ? Of(StorageOf(key)) : types.TryGetValue(item, out var type) ? type.Number : null;

    /// <summary>A type's name, as NumPy calls it.</summary>
    public static string NameOf(int number) => types.Values.First(type => type.Number == number).Name;

    public static bool IsReal(DataViewType item) => item == NumberDataViewType.Single || item == NumberDataViewType.Double;

    /// <summary>The sizes behind the rows: [1] for a single value, as ML.NET's own scoring of ONNX graphs has it.</summary>
    public static IReadOnlyList<long> SizesOf(DataViewType type) => type is VectorDataViewType vector ? [.. vector.Dimensions.Select(size => (long)size)] : [1];

    /// <summary>Makes another type of numbers.</summary>
    public static GraphValue Cast(this OnnxGraph graph, GraphValue values, int type) => graph.Node("Cast", [values], ("to", (long)type));

    /// <summary>Makes a constant of Single or Double.</summary>
    public static GraphValue Reals(this OnnxGraph graph, string name, DataViewType item, IReadOnlyList<double> values, params long[] shape) => item == NumberDataViewType.Double
        ? graph.Initializer(graph.NameFor(name), shape, Double, MemoryMarshal.AsBytes(values.ToArray().AsSpan()))
        : graph.Initializer(graph.NameFor(name), shape, Float, MemoryMarshal.AsBytes(values.Select(value => (float)value).ToArray().AsSpan()));

    /// <summary>Makes a constant number of Single or Double.</summary>
    public static GraphValue Real(this OnnxGraph graph, DataViewType item, double value) => item == NumberDataViewType.Double
        ? graph.Initializer(FormattableString.Invariant($"double {value:R}"), [], Double, MemoryMarshal.AsBytes([value])) : graph.Constant((float)value);

    private static NumberDataViewType StorageOf(KeyDataViewType key) =>
        key.RawType == typeof(byte) ? NumberDataViewType.Byte : key.RawType == typeof(ushort) ? NumberDataViewType.UInt16 : key.RawType == typeof(uint) ? NumberDataViewType.UInt32 : NumberDataViewType.UInt64;
}
