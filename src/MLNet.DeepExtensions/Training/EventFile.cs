using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace MLNet.DeepExtensions;

/// <summary>
/// A file of TensorBoard's events: records of length, checksum, message, checksum (TensorFlow's TFRecord, with masked CRC-32C). The messages are TorchSharp's; its own SummaryWriter
/// is not used, since it writes a wrong time beside each event and opens the file for each of them.
/// </summary>
internal sealed class EventFile
{
    private static int count;

    private readonly string path;
    private readonly TimeProvider clock;
    private readonly MemoryStream waiting = new();

    /// <param name="folder">The run's folder; it is made if it does not exist.</param>
    /// <param name="clock">Gives the time beside each event.</param>
    public EventFile(string folder, TimeProvider clock)
    {
        this.clock = clock;
        Directory.CreateDirectory(folder);
        // TensorBoard reads the files of a folder in the order of their names
        path = Path.Combine(folder, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeSeconds():0000000000}.{Environment.MachineName}.{Environment.ProcessId}.{Interlocked.Increment(ref count):000000}");
        Add(new Event { FileVersion = "brain.Event:2" });
    }

    /// <summary>Puts an event behind the others; it is written by <see cref="Write"/>.</summary>
    public void Add(Event entry)
    {
        entry.WallTime = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        var message = entry.ToByteArray();
        Span<byte> length = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(length, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(length[8..], MaskedCrc(length[..8]));
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedCrc(message));
        waiting.Write(length);
        waiting.Write(message);
        waiting.Write(checksum);
    }

    public void Write()
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        waiting.WriteTo(stream);
        waiting.SetLength(0);
    }

    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        crc = ~crc;
        return unchecked((crc >> 15 | crc << 17) + 0xa282ead8);
    }
}
