namespace MLNet.DeepExtensions;

/// <summary>Finds the tensors in what a pickle held, and names them by the way to them: <c>state_dict.conv1.weight</c>.</summary>
internal static class PickledTensors
{
    private const int MaxDepth = 32;

    public static IReadOnlyList<(TensorEntry Entry, PickledTensor Tensor)> Find(object? root)
    {
        var found = new Dictionary<string, PickledTensor>(StringComparer.Ordinal);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Visit(root, "", 0);
        if (found.Count == 0)
            throw new InvalidModelFileException("it holds no tensors.");
        return [.. found.Select(pair => (new TensorEntry(pair.Key, pair.Value.Storage.Type, pair.Value.Shape, Bytes(pair.Value)), pair.Value))];

        void Visit(object? value, string path, int depth)
        {
            if (value is PickledTensor tensor)
            {
                found[path.Length == 0 ? "tensor" : path] = tensor;
                return;
            }
            // what contains itself, or is contained often, is looked at once
            if (value is not (PickledDictionary or List<object?> or object?[]) || !seen.Add(value))
                return;
            if (depth == MaxDepth)
                throw PickleRefusal.Damaged($"its containers are nested more than {MaxDepth} deep");
            switch (value)
            {
                case PickledDictionary dictionary:
                    foreach (var (key, item) in dictionary.Items)
                        Visit(item, Join(path, key), depth + 1);
                    break;
                case IEnumerable<object?> items:
                    var i = 0;
                    foreach (var item in items)
                        Visit(item, Join(path, (long)i++), depth + 1);
                    break;
            }
        }
    }

    private static string Join(string path, object? key)
    {
        var name = key as string ?? (key is long number ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : "?");
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    private static long Bytes(PickledTensor tensor)
    {
        // a stride of 0 repeats one element as often as the shape says
        var count = tensor.Shape.Aggregate(1L, (product, size) => checked(product * size));
        return count <= tensor.Storage.Count ? count * tensor.Storage.Type.Size()
            : throw PickleRefusal.Damaged($"a tensor of [{string.Join(", ", tensor.Shape)}] is larger than its storage of {tensor.Storage.Count:N0} elements");
    }
}
