using System.Buffers.Binary;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>How the sound in a WAV file is written: the file's <c>fmt</c> chunk, and where its sound lies.</summary>
/// <param name="Channels">Samples side by side, at least 1.</param>
/// <param name="SampleRate">Samples of a channel in a second.</param>
/// <param name="BytesPerSample">1, 2, 3 or 4 for whole numbers, 4 or 8 for others.</param>
/// <param name="IsFloat">Whether samples are floating-point numbers.</param>
internal sealed record WaveFormat(int Channels, int SampleRate, int BytesPerSample, bool IsFloat)
{
    private const int Pcm = 1, Float = 3, Extensible = 0xFFFE;

    private const int MaxSampleRate = 768_000;

    // no file that is read is as long; recorders that write to a pipe state such a length since they cannot know it
    private const uint UnknownLength = 1 << 30;

    // the end of the identifier of each kind of sound that a number names: 0000-0010-8000-00AA00389B71
    private static ReadOnlySpan<byte> SubFormatTail => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <summary>Gets the bytes of one sample of all channels.</summary>
    public int BytesPerFrame => Channels * BytesPerSample;

    /// <summary>Goes through a file's chunks, of which only two matter.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Its name for messages.</param>
    /// <param name="sound">The bytes of its sound; those of a last frame that is not whole are left out.</param>
    /// <exception cref="InvalidAudioException">The file is no WAV file, is cut off, or its sound is written in a way that is not read here.</exception>
    public static WaveFormat Read(ReadOnlySpan<byte> file, string name, out ReadOnlySpan<byte> sound)
    {
        if (file.IsEmpty)
            throw new InvalidAudioException(name, "is empty.");
        if (file.Length < 12 || !file.StartsWith("RIFF"u8) || !file[8..12].SequenceEqual("WAVE"u8))
            throw new InvalidAudioException(name, KindOf(file));
        WaveFormat? format = null;
        // sizes are unsigned and may lie: all sums are taken in 64 bits and compared with what is there
        for (var at = 12L; at + 8 <= file.Length;)
        {
            var id = file.Slice((int)at, 4);
            var body = file[(int)(at + 8)..];
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[(int)(at + 4)..]);
            var isSound = id.SequenceEqual("data"u8);
            if (isSound && size >= UnknownLength)
                size = (uint)body.Length;
            if (size > body.Length)
                throw new InvalidAudioException(name, $"is cut off: its part '{Printable(id)}' at byte {at:N0} states {size:N0} bytes, but {body.Length:N0} follow.");
            if (isSound)
            {
                if (format is null)
                    throw new InvalidAudioException(name, "is damaged: its sound comes before the part 'fmt ' that says how it is written.");
                sound = body[..(int)(size - size % format.BytesPerFrame)];
                return sound.Length > 0 ? format : throw new InvalidAudioException(name, "holds no sound.");
            }
            if (id.SequenceEqual("fmt "u8))
                format = ReadFormat(body[..(int)size], name);
            at += 8 + (long)size + size % 2;            // parts begin at even bytes
        }
        throw new InvalidAudioException(name, format is null ? "is damaged: it has no part 'fmt ' that says how its sound is written." : "is cut off: it ends before its sound begins.");
    }

    private static WaveFormat ReadFormat(ReadOnlySpan<byte> chunk, string name)
    {
        if (chunk.Length < 16)
            throw new InvalidAudioException(name, $"is damaged: its part 'fmt ' has {chunk.Length} bytes and needs 16.");
        int kind = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int frame = BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (kind == Extensible)
        {
            if (chunk.Length < 40)
                throw new InvalidAudioException(name, $"is damaged: its part 'fmt ' has {chunk.Length} bytes, and this kind of it (WAVE_FORMAT_EXTENSIBLE) needs 40.");
            if (!chunk[26..40].SequenceEqual(SubFormatTail))
                throw new InvalidAudioException(name, $"holds sound of the kind {new Guid(chunk[24..40])}. {Convert}");
            kind = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);
        }
        var isFloat = kind == Float;
        if (kind != Pcm && !isFloat)
            throw new InvalidAudioException(name, $"holds sound of kind {kind} ({kind switch { 2 or 17 => "ADPCM", 6 => "A-law", 7 => "µ-law", 80 or 85 => "MPEG", _ => "unknown here" }}). {Convert}");
        if (channels == 0)
            throw new InvalidAudioException(name, "states that it has no channels.");
        if (rate is 0 or > MaxSampleRate)
            throw new InvalidAudioException(name, $"states {rate:N0} samples in a second; it must be 1 to {MaxSampleRate:N0}.");
        if (isFloat ? bits is not (32 or 64) : bits is not (8 or 16 or 24 or 32))
            throw new InvalidAudioException(name, $"has {(isFloat ? "floating-point " : "")}samples of {bits} bits; read are {(isFloat ? "32 and 64" : "8, 16, 24 and 32")}. {Convert}");
        var format = new WaveFormat(channels, (int)rate, bits / 8, isFloat);
        return frame == format.BytesPerFrame ? format
            : throw new InvalidAudioException(name, $"contradicts itself: {channels} channels of {bits} bits take {format.BytesPerFrame} bytes, but it states {frame}.");
    }

    private const string Convert = "Convert it to plain 16-bit samples, for instance by: ffmpeg -i FILE -c:a pcm_s16le OUT.wav";

    private static string KindOf(ReadOnlySpan<byte> file)
    {
        var kind = file.StartsWith("fLaC"u8) ? "FLAC" : file.StartsWith("OggS"u8) ? "Ogg" : file.StartsWith("ID3"u8) || file.Length > 1 && file[0] == 0xFF && (file[1] & 0xE0) == 0xE0 ? "MP3"
            : file.StartsWith("RF64"u8) || file.StartsWith("BW64"u8) ? "WAV for more than 4 GB (RF64)" : file.StartsWith("RIFX"u8) ? "WAV of big-endian numbers (RIFX)"
            : file.Length > 11 && file[4..8].SequenceEqual("ftyp"u8) ? "MP4" : null;
        return kind is null ? "is no WAV file, or its beginning is damaged." : $"is {kind}, which is not read here. {Convert}";
    }

    private static string Printable(ReadOnlySpan<byte> id) => string.Concat(Encoding.Latin1.GetString(id).Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));
}
