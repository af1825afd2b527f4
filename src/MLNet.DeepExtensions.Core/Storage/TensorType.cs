namespace MLNet.DeepExtensions;

/// <summary>The element types of safetensors, under the names that the format gives them.</summary>
internal enum TensorType
{
    BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, U16, F16, BF16, I32, U32, F32, I64, U64, F64,
}

internal static class TensorTypes
{
    public static int Size(this TensorType type) => type switch
    {
        TensorType.BOOL or TensorType.U8 or TensorType.I8 or TensorType.F8_E5M2 or TensorType.F8_E4M3 => 1,
        TensorType.I16 or TensorType.U16 or TensorType.F16 or TensorType.BF16 => 2,
        TensorType.I32 or TensorType.U32 or TensorType.F32 => 4,
        _ => 8,
    };
}

/// <summary>A tensor in a safetensors file.</summary>
/// <param name="Name">The name, as in a state_dict.</param>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The dimensions; none for a scalar.</param>
/// <param name="Bytes">The length of the data, which is the product of the shape times the element's size.</param>
internal sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Bytes)
{
    public override string ToString() => $"{Name}: {Type} [{string.Join(", ", Shape)}]";
}
