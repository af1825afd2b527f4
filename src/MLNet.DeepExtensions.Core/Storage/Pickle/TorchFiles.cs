using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace MLNet.DeepExtensions;

/// <summary>What torch.save writes: a pickle that describes the tensors, and their memory beside it.</summary>
internal abstract class TorchFile : TensorFile
{
    /// <summary>The most bytes of a pickle: ten thousand tensors take about one million.</summary>
    protected const int MaxPickleBytes = 16 << 20;

    private readonly Dictionary<string, PickledTensor> tensors = new(StringComparer.Ordinal);
    private IReadOnlyList<TensorEntry> entries = [];

    public sealed override IReadOnlyList<TensorEntry> Entries => entries;

    public sealed override void Read(TensorEntry entry, Span<byte> target)
    {
        var tensor = tensors[entry.Name];
        var size = tensor.Storage.Type.Size();
        if (tensor.IsDense)
        {
            ReadStorage(tensor.Storage, tensor.Offset * size, target);
            return;
        }
        // a transposed or strided view: its stretch of the storage is read, and then picked from
        var stretch = new byte[checked((int)((tensor.End - tensor.Offset) * size))];
        ReadStorage(tensor.Storage, tensor.Offset * size, stretch);
        var index = new long[tensor.Shape.Length];
        for (var at = 0; at < target.Length; at += size)
        {
            var from = 0L;
            for (var i = 0; i < index.Length; i++)
                from += index[i] * tensor.Strides[i];
            stretch.AsSpan((int)from * size, size).CopyTo(target[at..]);
            for (var i = index.Length - 1; i >= 0 && ++index[i] == tensor.Shape[i]; i--)
                index[i] = 0;
        }
    }

    protected abstract void ReadStorage(PickledStorage storage, long position, Span<byte> target);

    protected void Take(object? root, Func<PickledStorage, long> bytesOf)
    {
        var found = PickledTensors.Find(root);
        foreach (var (entry, tensor) in found)
        {
            var needed = tensor.End * tensor.Storage.Type.Size();
            if (bytesOf(tensor.Storage) is var there && there < needed)
                throw PickleRefusal.Damaged($"the tensor '{FileText.Shorten(entry.Name)}' needs {needed:N0} bytes of a storage that has {there:N0}");
            tensors[entry.Name] = tensor;
        }
        entries = [.. found.Select(pair => pair.Entry)];
    }
}

/// <summary>The form since PyTorch 1.6: a zip archive with data.pkl and one entry for each storage.</summary>
internal sealed class ZippedTorchFile : TorchFile
{
    private readonly ZipArchive archive;
    private readonly string folder;

    public ZippedTorchFile(FileStream stream)
    {
        archive = Archive(stream);
        var description = archive.Entries.Where(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)).ToList() is [var only] ? only
            : throw new InvalidModelFileException("it is a zip archive, but not one that torch.save wrote: it has no data.pkl.");
        if (description.Length > MaxPickleBytes)
            throw PickleRefusal.Damaged($"it has {description.Length:N0} bytes, more than the {MaxPickleBytes:N0} that are read");
        folder = description.FullName[..^"data.pkl".Length];
        if (archive.GetEntry(folder + "byteorder") is { Length: < 16 } order && System.Text.Encoding.ASCII.GetString(Bytes(order)).Trim() == "big")
            throw new InvalidModelFileException("its numbers are big-endian.");
        Take(Unpickler.Read(new PickleInput(Bytes(description))), storage => Find(storage).Length);
    }

    public override void Dispose() => archive.Dispose();

    protected override void ReadStorage(PickledStorage storage, long position, Span<byte> target)
    {
        using var data = CheckedEntry.Open(Find(storage));
        // an entry that is not compressed could be sought, but its stream cannot
        var skipped = new byte[Math.Min(1 << 16, Math.Max(1, position))];
        for (var left = position; left > 0;)
            left -= Fill(data, skipped.AsSpan(0, (int)Math.Min(left, skipped.Length)), storage);
        Fill(data, target, storage);
    }

    private static int Fill(Stream data, Span<byte> target, PickledStorage storage) =>
        data.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length ? target.Length
            : throw PickleRefusal.Damaged($"the storage '{FileText.Shorten(storage.Key)}' is shorter than it says");

    private ZipArchiveEntry Find(PickledStorage storage) => archive.GetEntry($"{folder}data/{storage.Key}") ??
        throw PickleRefusal.Damaged($"the storage '{FileText.Shorten(storage.Key)}' is missing");

    private static ZipArchive Archive(FileStream stream)
    {
        try
        {
            return new ZipArchive(stream, ZipArchiveMode.Read);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidModelFileException($"it begins as a zip archive, but is none: {e.Message}", e);
        }
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = CheckedEntry.Open(entry);
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>The form before PyTorch 1.6: five pickles one behind the other, then the storages.</summary>
internal sealed class LegacyTorchFile : TorchFile
{
    private static readonly BigInteger magic = BigInteger.Parse("119547037146038801333356");

    private readonly FileStream stream;
    private readonly Dictionary<string, (long Position, long Count)> storages = new(StringComparer.Ordinal);

    public LegacyTorchFile(FileStream stream)
    {
        this.stream = stream;
        var start = new byte[Math.Min(stream.Length, MaxPickleBytes)];
        stream.ReadExactly(start);
        var input = new PickleInput(start);
        if (Unpickler.Read(input) is not BigInteger number || number != magic)
            throw new InvalidModelFileException("it is a pickle, but not one that torch.save wrote.");
        if (Unpickler.Read(input) is not 1001L)
            throw new InvalidModelFileException("it has a protocol other than 1001, the only one that torch.save wrote.");
        if (Unpickler.Read(input) is PickledDictionary system && system.Items.Contains(("little_endian", false)))
            throw new InvalidModelFileException("its numbers are big-endian.");
        var root = Unpickler.Read(input);
        var keys = Unpickler.Read(input) as List<object?> ?? throw PickleRefusal.Damaged("the list of storages is missing");
        var sizes = new Dictionary<string, TensorType>(StringComparer.Ordinal);
        foreach (var (_, tensor) in PickledTensors.Find(root))
            sizes[tensor.Storage.Key] = tensor.Storage.Type;
        Locate(keys, sizes, input.Position);
        Take(root, storage => storages.TryGetValue(storage.Key, out var place) ? place.Count * storage.Type.Size() : 0);
    }

    public override void Dispose() => stream.Dispose();

    protected override void ReadStorage(PickledStorage storage, long position, Span<byte> target) => ReadAt(stream, storages[storage.Key].Position + position, target);

    // each storage: its length in elements, then the elements
    private void Locate(List<object?> keys, Dictionary<string, TensorType> types, long position)
    {
        Span<byte> word = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !types.TryGetValue(name, out var type))
                throw PickleRefusal.Damaged("a storage belongs to no tensor");
            ReadAt(stream, position, word);
            var count = BinaryPrimitives.ReadInt64LittleEndian(word);
            position += 8;
            if (count < 0 || count > (stream.Length - position) / type.Size())
                throw PickleRefusal.Damaged($"the storage '{FileText.Shorten(name)}' is said to have {count:N0} elements, more than the file holds");
            storages[name] = (position, count);
            position += count * type.Size();
        }
    }
}
