namespace MLNet.DeepExtensions;

/// <summary>A file of named tensors, whatever its format: safetensors, or what torch.save wrote. Nothing in it is run, and no length in it is believed.</summary>
internal abstract class TensorFile : IDisposable
{
    /// <summary>Gets the tensors.</summary>
    public abstract IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Opens a file by what it holds, not by its name; or, by the name <c>….index.json</c>, several that an index names.</summary>
    /// <exception cref="InvalidModelFileException">It is of no known format, damaged, or holds something else than tensors.</exception>
    public static TensorFile Open(string path) => path.EndsWith(ShardedTensorFile.Extension, StringComparison.Ordinal) ? OpenShards(path) : OpenOne(path);

    private static ShardedTensorFile OpenShards(string path)
    {
        try
        {
            return new ShardedTensorFile(path);
        }
        catch (Exception e) when (e is InvalidModelFileException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelFileException($"The weights '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static TensorFile OpenOne(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelFileException($"The weights '{path}' cannot be opened: {e.Message}", e);
        }
        try
        {
            Span<byte> start = stackalloc byte[9];
            var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            stream.Position = 0;
            return start[..read] switch
            {
                [] => throw new InvalidModelFileException("The file is empty."),
                [(byte)'P', (byte)'K', ..] => new ZippedTorchFile(stream),
                [0x80, >= 2 and <= 5, ..] => new LegacyTorchFile(stream),
                [_, _, _, _, _, _, _, _, (byte)'{', ..] => new SafetensorsFile(stream),
                _ => throw new InvalidModelFileException("It is neither a safetensors file nor one that torch.save wrote."),
            };
        }
        catch (Exception e) when (e is InvalidModelFileException or IOException or InvalidDataException)
        {
            stream.Dispose();
            throw new InvalidModelFileException($"The weights '{path}' cannot be read: {e.Message}", e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor's values, row after row.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="target">Takes the tensor's bytes.</param>
    public abstract void Read(TensorEntry entry, Span<byte> target);

    public abstract void Dispose();

    protected static void ReadAt(Stream stream, long position, Span<byte> target)
    {
        stream.Position = position;
        if (stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
            throw new InvalidModelFileException("The file ends within a tensor.");
    }
}

/// <summary>A safetensors file with access to each tensor by itself.</summary>
internal sealed class SafetensorsFile : TensorFile
{
    private readonly FileStream stream;
    private readonly Dictionary<string, long> positions = new(StringComparer.Ordinal);

    public SafetensorsFile(FileStream stream)
    {
        this.stream = stream;
        var reader = SafetensorsReader.Open(stream);
        Entries = reader.Entries;
        var position = stream.Position;
        foreach (var entry in Entries)
        {
            positions[entry.Name] = position;
            position += entry.Bytes;
        }
    }

    public override IReadOnlyList<TensorEntry> Entries { get; }

    public override void Read(TensorEntry entry, Span<byte> target) => ReadAt(stream, positions[entry.Name], target);

    public override void Dispose() => stream.Dispose();
}
