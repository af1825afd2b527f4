using System.Buffers.Binary;
using System.Text;

namespace MLNet.DeepExtensions.Native;

/// <summary>
/// The versions that a Linux library asks other libraries for, and the one change made to them:
/// a version marked weak may be missing, and the dynamic linker only remarks on it.
/// </summary>
/// <remarks>
/// Read as the dynamic linker reads it: program headers, dynamic section, DT_VERNEED (System V gABI, Linux Standard Base 3.1 §11.7).
/// Nothing in the file is trusted: every offset is checked against its length, every chain is walked at most as often as its count says.
/// </remarks>
internal static class ElfVersionNeeds
{
    private const ushort WeakFlag = 2;                     // VER_FLG_WEAK
    private const int ProgramHeaderSize = 56, DynamicSize = 16, NeedSize = 16, NeedAuxSize = 16;
    private const int MostNeeds = 1024;                    // libraries asked; a large program asks a few dozen

    /// <summary>Marks one needed version as weak, in place.</summary>
    /// <param name="library">The whole file; changed where the version is found.</param>
    /// <param name="file">The library that is asked, <c>libstdc++.so.6</c> for instance.</param>
    /// <param name="version">The version that it may lack, <c>GLIBCXX_3.4.32</c> for instance.</param>
    /// <returns>Whether a byte was changed: false where the version is not asked for or is weak already.</returns>
    /// <exception cref="InvalidDataException">The bytes are no 64-bit little-endian ELF library, or a part of it lies outside the file.</exception>
    public static bool MakeWeak(Span<byte> library, string file, string version)
    {
        var image = new Image(library);
        var segments = image.Segments();
        if (!image.TryDynamic(segments, out var dynamic) || dynamic.NeedCount == 0)
            return false;                                  // asks for no versions at all
        if (dynamic.NeedCount > MostNeeds)
            throw new InvalidDataException($"The ELF file is damaged: it asks {dynamic.NeedCount} libraries for versions, expected at most {MostNeeds}.");

        var needAt = image.OffsetOf(segments, dynamic.Needs, "the list of needed versions");
        var textAt = image.OffsetOf(segments, dynamic.Text, "the string table");
        var text = image.Slice(textAt, dynamic.TextSize, "the string table");
        var changed = false;
        for (ulong need = 0; need < dynamic.NeedCount; need++)
        {
            var entry = image.Slice(needAt, NeedSize, "a needed library");
            if (NameIs(text, U32(entry, 4), file))
                changed |= MakeWeak(image, text, needAt + U32(entry, 8), U16(entry, 2), version);
            if (U32(entry, 12) == 0)
                break;
            needAt += U32(entry, 12);
        }
        return changed;
    }

    private static bool MakeWeak(Image image, ReadOnlySpan<byte> text, ulong at, int count, string version)
    {
        var changed = false;
        for (var i = 0; i < count; i++)
        {
            var entry = image.Slice(at, NeedAuxSize, "a needed version");
            if (U32(entry, 0) == Hash(version) && NameIs(text, U32(entry, 8), version) && (U16(entry, 4) & WeakFlag) == 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], (ushort)(U16(entry, 4) | WeakFlag));
                changed = true;
            }
            if (U32(entry, 12) == 0)
                break;
            at += U32(entry, 12);
        }
        return changed;
    }

    /// <summary>The System V hash of a name, which the dynamic linker compares before the name itself.</summary>
    internal static uint Hash(string name)
    {
        var hash = 0u;
        foreach (var letter in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash << 4) + letter;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }
        return hash;
    }

    private static bool NameIs(ReadOnlySpan<byte> text, uint at, string name)
    {
        if (at >= text.Length)
            throw new InvalidDataException($"A name at {at} lies outside the string table of {text.Length} bytes.");
        var rest = text[(int)at..];
        var end = rest.IndexOf((byte)0);
        return rest[..(end < 0 ? rest.Length : end)].SequenceEqual(Encoding.UTF8.GetBytes(name));
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private readonly record struct Segment(ulong Address, ulong Offset, ulong Size);

    private record struct Dynamic(ulong Text, ulong TextSize, ulong Needs, ulong NeedCount);

    /// <summary>The file's bytes, handed out only in checked slices.</summary>
    private readonly ref struct Image
    {
        private readonly Span<byte> bytes;

        public Image(Span<byte> bytes)
        {
            this.bytes = bytes;
            var header = Slice(0, 64, "the ELF header");
            if (!header[..4].SequenceEqual("\u007fELF"u8) || header[4] != 2 || header[5] != 1)
                throw new InvalidDataException("The file is not a 64-bit little-endian ELF library.");
        }

        public Span<byte> Slice(ulong at, ulong length, string what) =>
            at <= (ulong)bytes.Length && length <= (ulong)bytes.Length - at
                ? bytes.Slice((int)at, (int)length)
                : throw new InvalidDataException($"The ELF file is damaged: {what} at {at} ({length} bytes) lies outside its {bytes.Length} bytes.");

        /// <summary>The program headers: loaded segments, and last the dynamic section if there is one.</summary>
        public ReadOnlySpan<byte> Headers(out int size)
        {
            size = U16(bytes, 54);
            if (size < ProgramHeaderSize)
                throw new InvalidDataException($"The ELF file is damaged: a program header has {size} bytes, expected {ProgramHeaderSize}.");
            return Slice(U64(bytes, 32), (ulong)size * U16(bytes, 56), "the program headers");
        }

        public List<Segment> Segments()
        {
            var found = new List<Segment>();
            for (var headers = Headers(out var size); headers.Length > 0; headers = headers[size..])
                if (U32(headers, 0) == 1)                  // PT_LOAD
                    found.Add(new(U64(headers, 16), U64(headers, 8), U64(headers, 32)));
            return found;
        }

        public ulong OffsetOf(List<Segment> segments, ulong address, string what)
        {
            foreach (var segment in segments)
                if (address >= segment.Address && address - segment.Address < segment.Size)
                    return segment.Offset + (address - segment.Address);     // an overflow ends outside the file, where Slice says no
            throw new InvalidDataException($"The ELF file is damaged: {what} at address {address:x} lies in no loaded segment.");
        }

        public bool TryDynamic(List<Segment> segments, out Dynamic found)
        {
            found = default;
            for (var headers = Headers(out var size); headers.Length > 0; headers = headers[size..])
            {
                if (U32(headers, 0) != 2)                  // PT_DYNAMIC
                    continue;
                var entries = Slice(U64(headers, 8), U64(headers, 32), "the dynamic section");
                for (; entries.Length >= DynamicSize && U64(entries, 0) != 0; entries = entries[DynamicSize..])
                {
                    switch (U64(entries, 0))
                    {
                        case 5: found.Text = U64(entries, 8); break;                     // DT_STRTAB
                        case 10: found.TextSize = U64(entries, 8); break;                // DT_STRSZ
                        case 0x6ffffffe: found.Needs = U64(entries, 8); break;           // DT_VERNEED
                        case 0x6fffffff: found.NeedCount = U64(entries, 8); break;       // DT_VERNEEDNUM
                    }
                }
                return true;
            }
            return false;
        }
    }
}
