namespace MLNet.DeepExtensions;

/// <summary>The few names that a pickle of tensors holds, and what they mean.</summary>
internal static class PickledCalls
{
    private static readonly Dictionary<string, TensorType> storages = new(StringComparer.Ordinal)
    {
        ["BoolStorage"] = TensorType.BOOL, ["ByteStorage"] = TensorType.U8, ["CharStorage"] = TensorType.I8, ["ShortStorage"] = TensorType.I16,
        ["IntStorage"] = TensorType.I32, ["LongStorage"] = TensorType.I64, ["HalfStorage"] = TensorType.F16, ["BFloat16Storage"] = TensorType.BF16,
        ["FloatStorage"] = TensorType.F32, ["DoubleStorage"] = TensorType.F64,
    };

    private static readonly HashSet<string> known = new(StringComparer.Ordinal)
    {
        "collections.OrderedDict", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter", "torch.Size", "torch.device",
        "builtins.set", "__builtin__.set", "builtins.frozenset", "builtins.list", "builtins.tuple", "builtins.dict",
    };

    // torch.float32 and its kin, as configurations hold them
    private static readonly HashSet<string> types = new(StringComparer.Ordinal)
    {
        "float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool",
    };

    /// <exception cref="InvalidModelFileException">The name is none of those that tensors need.</exception>
    public static PickledGlobal Find(string module, string name)
    {
        var global = new PickledGlobal(module, name);
        return known.Contains(global.ToString()) || module == "torch" && (storages.ContainsKey(name) || types.Contains(name)) ? global : throw PickleRefusal.Code(global.ToString());
    }

    public static object? Call(object? function, object?[] arguments) => (function as PickledGlobal)?.ToString() switch
    {
        "collections.OrderedDict" or "builtins.dict" when arguments.Length == 0 => new PickledDictionary(),
        "collections.OrderedDict" when arguments is [List<object?> pairs] => Dictionary(pairs),
        "torch._utils._rebuild_tensor" when arguments is [PickledStorage storage, long offset, object?[] shape, object?[] strides] => Tensor(storage, offset, shape, strides),
        "torch._utils._rebuild_tensor_v2" when arguments is [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..] => Tensor(storage, offset, shape, strides),
        "torch._utils._rebuild_parameter" when arguments is [PickledTensor tensor, ..] => tensor,
        "torch.Size" or "builtins.tuple" or "builtins.list" or "builtins.set" or "__builtin__.set" or "builtins.frozenset" or "torch.device" when arguments.Length <= 1 => arguments.FirstOrDefault(),
        null => throw PickleRefusal.Damaged("something is called that is no function"),
        var name => throw PickleRefusal.Damaged($"{name} is called with arguments that it does not take"),
    };

    /// <summary>The memory that a persistent id names.</summary>
    public static PickledStorage Storage(object? id)
    {
        if (id is not object?[] { Length: >= 5 } parts || parts is not ["storage", PickledGlobal { Module: "torch" } type, string key, string, long count, ..] || !storages.TryGetValue(type.Name, out var element))
            throw PickleRefusal.Damaged("a storage is described in a way that torch.save does not");
        if (parts is [_, _, _, _, _, not null, ..])
            throw PickleRefusal.Damaged("a storage is a view of another one, as PyTorch before 0.4 wrote it");
        return count >= 0 ? new PickledStorage(key, element, count) : throw PickleRefusal.Damaged($"a storage has {count} elements");
    }

    private static PickledTensor Tensor(PickledStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > 64 || offset < 0)
            throw PickleRefusal.Damaged($"a tensor has {shape.Length} sizes, {strides.Length} strides and the offset {offset}");
        var tensor = new PickledTensor(storage, offset, Numbers(shape), Numbers(strides));
        try
        {
            return tensor.End <= storage.Count ? tensor : throw PickleRefusal.Damaged(
                $"a tensor of [{string.Join(", ", tensor.Shape)}] reaches to element {tensor.End:N0} of a storage that has {storage.Count:N0}");
        }
        catch (OverflowException e)
        {
            throw PickleRefusal.Damaged($"a tensor of [{string.Join(", ", tensor.Shape)}] is larger than any memory", e);
        }
    }

    private static long[] Numbers(object?[] values) => [.. values.Select(value => value is long number && number >= 0 ? number : throw PickleRefusal.Damaged("a size or stride is no whole number from 0"))];

    private static PickledDictionary Dictionary(List<object?> pairs)
    {
        var dictionary = new PickledDictionary();
        foreach (var pair in pairs)
            dictionary.Items.Add(pair is object?[] { Length: 2 } both ? (both[0], both[1]) : throw PickleRefusal.Damaged("an item of an OrderedDict is no pair"));
        return dictionary;
    }
}
