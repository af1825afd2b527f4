using System.Buffers;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>The letters that GPT-2's vocabulary writes bytes with: printable Latin ones for themselves, the others from U+0100 on, so that a space is <c>Ġ</c>.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] letters = Letters();
    private static readonly Dictionary<char, byte> bytes = letters.Select((letter, i) => (letter, i)).ToDictionary(pair => pair.letter, pair => (byte)pair.i);

    public static char LetterOf(byte value) => letters[value];

    /// <summary>The bytes that a token stands for; null of one that is not written in this alphabet, as special tokens may be.</summary>
    public static byte[]? BytesOf(string token)
    {
        var found = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
            if (!bytes.TryGetValue(token[i], out found[i]))
                return null;
        return found;
    }

    /// <summary>Writes a text's bytes in UTF-8, halves of surrogate pairs as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="utf8">Room for three bytes a character.</param>
    /// <param name="origins">Gets the character that each byte belongs to; empty where nobody asks.</param>
    /// <returns>The number of bytes.</returns>
    public static int Write(ReadOnlySpan<char> text, Span<byte> utf8, Span<int> origins)
    {
        if (origins.IsEmpty)
            return Encoding.UTF8.GetBytes(text, utf8);
        var written = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var used);
            var count = rune.EncodeToUtf8(utf8[written..]);
            origins.Slice(written, count).Fill(at);
            written += count;
            at += used;
        }
        return written;
    }

    private static char[] Letters()
    {
        var found = new char[256];
        var next = 256;
        for (var i = 0; i < 256; i++)
            found[i] = i is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255) ? (char)i : (char)next++;
        return found;
    }
}
