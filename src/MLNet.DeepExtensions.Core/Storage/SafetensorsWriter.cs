using System.Buffers.Binary;
using System.Text.Json;

namespace MLNet.DeepExtensions;

/// <summary>Writes safetensors: the same tensors give the same bytes, and any length is written without holding it in memory.</summary>
internal static class SafetensorsWriter
{
    /// <param name="stream">Where to write; forward only is enough.</param>
    /// <param name="tensors">The tensors, in any order; each writes exactly its <see cref="TensorEntry.Bytes"/>.</param>
    public static void Write(Stream stream, IEnumerable<(TensorEntry Entry, Action<Stream> WriteData)> tensors)
    {
        // wide elements first, so that each tensor lies aligned, as the reference implementation has it
        var ordered = tensors.OrderByDescending(tensor => tensor.Entry.Type.Size()).ThenBy(tensor => tensor.Entry.Name, StringComparer.Ordinal).ToList();
        var header = Header(ordered.Select(tensor => tensor.Entry));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, writeData) in ordered)
            writeData(stream);
    }

    private static byte[] Header(IEnumerable<TensorEntry> entries)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");                // transformers refuses a file that does not say whose layout it is
            json.WriteEndObject();
            var begin = 0L;
            foreach (var entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type.ToString());
                json.WriteStartArray("shape");
                foreach (var size in entry.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begin);
                json.WriteNumberValue(begin += entry.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (memory.Length % 8 != 0)
            memory.WriteByte((byte)' ');
        return memory.ToArray();
    }
}
