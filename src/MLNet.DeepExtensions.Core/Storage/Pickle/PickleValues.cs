namespace MLNet.DeepExtensions;

/// <summary>A class or function that a pickle names; a name only, nothing is looked up.</summary>
internal sealed record PickledGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>Memory that tensors share: its key in the file, its element type and how many elements it is said to have.</summary>
internal sealed record PickledStorage(string Key, TensorType Type, long Count);

/// <summary>A view of a storage.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>The index in the storage just behind the last element that the view reaches.</summary>
    public long End => Shape.Contains(0) ? Offset : checked(Offset + Shape.Zip(Strides).Sum(pair => checked((pair.First - 1) * pair.Second)) + 1);

    public bool IsDense
    {
        get
        {
            var expected = 1L;
            for (var i = Shape.Length - 1; i >= 0; expected *= Shape[i--])
                if (Shape[i] != 1 && Strides[i] != expected)
                    return false;
            return true;
        }
    }
}

/// <summary>A dictionary, in its order; OrderedDict is one.</summary>
internal sealed class PickledDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>What a pickle holds that is no plain data, or how it is damaged.</summary>
internal static class PickleRefusal
{
    public static InvalidModelFileException Damaged(string how, Exception? inner = null) => new($"its pickle is damaged: {how}.", inner);

    public static InvalidModelFileException Code(string name) => new(
        $"it asks to run or build '{FileText.Shorten(name)}', and only tensors and plain containers of them are read here. Save the weights alone, in Python: " +
        "torch.save(model.state_dict(), path), or better as safetensors: safetensors.torch.save_file(model.state_dict(), path).");
}
