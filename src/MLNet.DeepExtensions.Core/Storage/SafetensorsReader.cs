using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace MLNet.DeepExtensions;

/// <summary>
/// Reads safetensors (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, then the tensors one behind the other.
/// Nothing is believed: every length is checked against what is there before memory is taken for it, and the data area has neither holes nor overlaps.
/// </summary>
internal sealed class SafetensorsReader
{
    // a hundred thousand tensors with long names; the reference implementation allows 100 MB, which may take gigabytes to parse
    private const int MaxHeaderBytes = 16 << 20;

    private const int MaxDimensions = 32;

    private readonly Stream stream;
    private long left;

    private SafetensorsReader(Stream stream, IReadOnlyList<TensorEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        (this.stream, Entries, Metadata) = (stream, entries, metadata);
        left = entries.Sum(entry => entry.Bytes);
    }

    /// <summary>Gets the tensors in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Gets what the writer noted beside them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The file, from its first byte on; forward only is enough.</param>
    /// <param name="length">The file's length where the stream does not know it, as with a compressed entry.</param>
    /// <exception cref="InvalidModelFileException">It is no safetensors file, or its header contradicts itself or the length.</exception>
    public static SafetensorsReader Open(Stream stream, long? length = null)
    {
        var known = length ?? (stream.CanSeek ? stream.Length - stream.Position : null);
        Span<byte> word = stackalloc byte[8];
        if (!TryFill(stream, word))
            throw Bad("it is shorter than the 8 bytes of its header's length");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(word);
        if (headerLength > MaxHeaderBytes)
            throw Bad($"its header is said to have {headerLength:N0} bytes, more than the {MaxHeaderBytes:N0} that are allowed");
        if (known is { } bytes && (long)headerLength > bytes - 8)
            throw Bad($"its header is said to have {headerLength:N0} bytes, but only {bytes - 8:N0} follow");
        var header = ReadHeader(stream, (int)headerLength);
        try
        {
            var (entries, metadata) = Parse(header);
            var end = 8 + (long)headerLength + entries.Sum(entry => entry.Bytes);
            if (known is { } total && total != end)
                throw Bad($"its tensors end at byte {end:N0}, but it has {total:N0}");
            return new SafetensorsReader(stream, entries, metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Bad("its header is no proper JSON: " + e.Message, e);
        }
    }

    /// <summary>Reads on in the data of the tensors, in the order of <see cref="Entries"/>. The caller brings the memory, and may take a tensor in pieces.</summary>
    /// <exception cref="InvalidModelFileException">The file ends here.</exception>
    public void Read(Span<byte> target)
    {
        if (target.Length > left)
            throw new InvalidOperationException($"{target.Length:N0} bytes were asked for, but the tensors have only {left:N0} more.");
        if (!TryFill(stream, target))
            throw Bad($"it ends {left:N0} bytes or less before its last tensor does");
        left -= target.Length;
    }

    /// <summary>Makes sure that nothing follows the last tensor.</summary>
    /// <exception cref="InvalidModelFileException">Something does.</exception>
    public void End()
    {
        if (left != 0)
            throw new InvalidOperationException($"{left:N0} bytes of the tensors were not read.");
        if (stream.ReadByte() >= 0)
            throw Bad("something follows its last tensor");
    }

    // in pieces: a length that lies costs no more memory than there is file
    private static byte[] ReadHeader(Stream stream, int length)
    {
        var header = new byte[Math.Min(length, 1 << 16)];
        var filled = 0;
        while (true)
        {
            if (!TryFill(stream, header.AsSpan(filled)))
                throw Bad($"it ends within the {length:N0} bytes of its header");
            filled = header.Length;
            if (filled == length)
                return header;
            Array.Resize(ref header, (int)Math.Min(length, 2L * filled));
        }
    }

    private static (List<TensorEntry> Entries, Dictionary<string, string> Metadata) Parse(byte[] header)
    {
        if (header.Length == 0 || header[0] != (byte)'{')
            throw Bad("its header does not start with '{'");
        if (!Utf8.IsValid(header))
            throw Bad("its header is not UTF-8");
        using var document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new List<(long Begin, TensorEntry Entry)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw Bad($"the name '{FileText.Shorten(property.Name)}' occurs twice");
            if (property.Name == "__metadata__")
            {
                foreach (var note in property.Value.EnumerateObject())
                    if (!metadata.TryAdd(note.Name, note.Value.GetString() ?? throw Bad("a note in its metadata is null")))
                        throw Bad($"the note '{FileText.Shorten(note.Name)}' occurs twice");
                continue;
            }
            found.Add(ParseTensor(property.Name, property.Value));
        }
        found.Sort((a, b) => (a.Begin, a.Entry.Bytes).CompareTo((b.Begin, b.Entry.Bytes)));
        var next = 0L;
        foreach (var (begin, entry) in found)
        {
            if (begin != next)
                throw Bad($"the tensor '{FileText.Shorten(entry.Name)}' begins at {begin:N0}, where {next:N0} is due: tensors lie one behind the other, without holes or overlaps");
            next = checked(next + entry.Bytes);
        }
        return ([.. found.Select(pair => pair.Entry)], metadata);
    }

    private static (long Begin, TensorEntry Entry) ParseTensor(string name, JsonElement value)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        foreach (var property in value.EnumerateObject())
        {
            var twice = property.Name switch
            {
                "dtype" => (type, type = property.Value.GetString()).Item1 is not null,
                "shape" => (shape, shape = Numbers(property.Value)).Item1 is not null,
                "data_offsets" => (offsets, offsets = Numbers(property.Value)).Item1 is not null,
                _ => throw Bad($"the tensor '{FileText.Shorten(name)}' has an unknown property '{FileText.Shorten(property.Name)}'"),
            };
            if (twice)
                throw Bad($"the tensor '{FileText.Shorten(name)}' has two of {property.Name}");
        }
        if (type is null || shape is null || offsets is not [var begin, var end])
            throw Bad($"the tensor '{FileText.Shorten(name)}' lacks a dtype, a shape or two data_offsets");
        if (!Enum.TryParse<TensorType>(type, out var known) || known.ToString() != type)
            throw Bad($"the tensor '{FileText.Shorten(name)}' has the dtype '{FileText.Shorten(type)}'; known are {string.Join(", ", Enum.GetNames<TensorType>())}");
        var bytes = checked(shape.Aggregate(1L, (product, size) => checked(product * size)) * known.Size());
        if (begin < 0 || end < begin || end - begin != bytes)
            throw Bad($"the tensor '{FileText.Shorten(name)}' is [{string.Join(", ", shape)}] of {type}, which takes {bytes:N0} bytes, but its data_offsets are {begin} and {end}");
        return (begin, new TensorEntry(name, known, shape, bytes));
    }

    private static long[] Numbers(JsonElement array) => array.GetArrayLength() > MaxDimensions ? throw Bad($"a shape has {array.GetArrayLength():N0} sizes; at most {MaxDimensions} are read") : [.. array.EnumerateArray().Select(number =>
        number.GetInt64() is var value && value >= 0 ? value : throw Bad($"a size or an offset is {value}"))];

    private static bool TryFill(Stream stream, Span<byte> target) => stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;

    private static InvalidModelFileException Bad(string what, Exception? inner = null) => new($"This is no valid safetensors file: {what}.", inner);
}
