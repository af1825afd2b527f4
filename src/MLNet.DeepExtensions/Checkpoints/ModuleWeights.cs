using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A network's state_dict as safetensors, and back.</summary>
internal static class ModuleWeights
{
    // a span's length is an int; a tensor's need not be
    private const long PieceBytes = 1 << 28;

    public static void Write(Module module, Stream stream) => SafetensorsWriter.Write(stream,
        module.state_dict().Select(entry => (Describe(entry.Key, entry.Value), (Action<Stream>)(target =>
        {
            using var scope = NewDisposeScope();
            foreach (var piece in Pieces(entry.Value.detach().cpu().contiguous()))
                target.Write(piece.bytes);
        }))));

    /// <summary>
    /// Builds a network and gives it saved weights. It is first built on the meta device, which takes no memory, and compared with the file's names, types and shapes:
    /// a config that asks for more than the file has gets nothing.
    /// </summary>
    /// <param name="stream">The safetensors file; forward only is enough.</param>
    /// <param name="length">Its length where the stream does not know it.</param>
    /// <param name="build">Builds the untrained network on a device.</param>
    /// <param name="device">Where the network is wanted.</param>
    /// <exception cref="InvalidModelFileException">The file is damaged, or does not fit the network.</exception>
    public static Module Read(Stream stream, long? length, Func<Device, Module> build, Device device)
    {
        var reader = SafetensorsReader.Open(stream, length);
        using (var meta = build(META))
            Compare(meta, reader.Entries);

        // initial weights are drawn and then replaced: the host's generator must not notice
        var module = TorchGenerator.Untouched(() => build(CPU));
        try
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var tensors = module.state_dict();
            foreach (var entry in reader.Entries)
                foreach (var piece in Pieces(tensors[entry.Name]))
                    reader.Read(piece.bytes);
            reader.End();
            module.eval();
            return module.to(device);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private static void Compare(Module module, IReadOnlyList<TensorEntry> entries)
    {
        var wanted = module.state_dict().ToDictionary(entry => entry.Key, entry => Describe(entry.Key, entry.Value).ToString());
        var found = entries.ToDictionary(entry => entry.Name, entry => entry.ToString());
        var complaints = new List<string>();
        complaints.AddRange(wanted.Keys.Except(found.Keys).Select(name => $"missing {wanted[name]}"));
        complaints.AddRange(found.Keys.Except(wanted.Keys).Select(name => $"unexpected {found[name]}"));
        complaints.AddRange(wanted.Keys.Intersect(found.Keys).Where(name => wanted[name] != found[name]).Select(name => $"{found[name]} where the network has {wanted[name]}"));
        if (complaints.Count > 0)
            throw new InvalidModelFileException($"The weights do not fit the network: {string.Join("; ", complaints.Take(10))}{(complaints.Count > 10 ? $"; and {complaints.Count - 10} more" : "")}.");
    }

    internal static TensorEntry Describe(string name, Tensor tensor) => new(name, TypeOf(tensor.dtype), tensor.shape, tensor.numel() * tensor.element_size());

    internal static IEnumerable<Tensor> Pieces(Tensor tensor)
    {
        var flat = tensor.dim() == 0 ? tensor.reshape(1) : tensor.view(-1);
        var most = PieceBytes / tensor.element_size();
        for (var first = 0L; first < flat.numel(); first += most)
            yield return flat.narrow(0, first, Math.Min(most, flat.numel() - first));
    }

    /// <exception cref="InvalidModelFileException">torch has no such type.</exception>
    internal static ScalarType TypeOf(TensorEntry entry) => entry.Type switch
    {
        TensorType.BOOL => ScalarType.Bool, TensorType.U8 => ScalarType.Byte, TensorType.I8 => ScalarType.Int8, TensorType.I16 => ScalarType.Int16,
        TensorType.I32 => ScalarType.Int32, TensorType.I64 => ScalarType.Int64, TensorType.F16 => ScalarType.Float16, TensorType.BF16 => ScalarType.BFloat16,
        TensorType.F32 => ScalarType.Float32, TensorType.F64 => ScalarType.Float64,
        _ => throw new InvalidModelFileException($"The tensor '{FileText.Shorten(entry.Name)}' has the type {entry.Type}, which torch does not read."),
    };

    private static TensorType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Bool => TensorType.BOOL,
        ScalarType.Byte => TensorType.U8,
        ScalarType.Int8 => TensorType.I8,
        ScalarType.Int16 => TensorType.I16,
        ScalarType.Int32 => TensorType.I32,
        ScalarType.Int64 => TensorType.I64,
        ScalarType.Float16 => TensorType.F16,
        ScalarType.BFloat16 => TensorType.BF16,
        ScalarType.Float32 => TensorType.F32,
        ScalarType.Float64 => TensorType.F64,
        _ => throw new NotSupportedException($"Weights of type {type} cannot be saved as safetensors. Convert them first: module.to(ScalarType.Float32)."),
    };
}
