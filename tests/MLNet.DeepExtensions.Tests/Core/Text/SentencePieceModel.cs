using System.Text;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>Writes small SentencePiece models in their format (protocol buffers; sentencepiece_model.proto), since none of the published ones is here.</summary>
internal static class SentencePieceModel
{
    /// <summary>A Unigram model with the texts' characters, and their words as likelier pieces.</summary>
    public static byte[] Of(IEnumerable<string> texts)
    {
        var words = texts.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(word => "▁" + word).Distinct();
        var characters = texts.SelectMany(text => text).Where(character => character != ' ').Distinct().Select(character => character.ToString());
        return Write(1, [.. words.Select(word => (word, -5f)), .. characters.Select(character => (character, -9f)), ("▁", -9f)]);
    }

    /// <summary>A model with these pieces behind <c>&lt;unk&gt;</c>, <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c>.</summary>
    /// <param name="kind">1 is Unigram, 2 is BPE.</param>
    /// <param name="pieces">The pieces and how likely they are.</param>
    /// <param name="removeSpaces">Whether spaces around a text, and all but one between words, are removed.</param>
    public static byte[] Write(int kind, IEnumerable<(string Piece, float Score)> pieces, bool removeSpaces = true) =>
    [
        .. Piece("<unk>", 0, 2), .. Piece("<s>", 0, 3), .. Piece("</s>", 0, 3), .. pieces.SelectMany(piece => Piece(piece.Piece, piece.Score, 1)),
        .. Bytes(2, [.. Number(3, kind), .. Number(40, 0), .. Number(41, 1), .. Number(42, 2)]),
        .. Bytes(3, [.. Bytes(1, "identity"u8.ToArray()), .. Number(3, 1), .. Number(4, removeSpaces ? 1 : 0), .. Number(5, 1)]),
    ];

    private static byte[] Piece(string piece, float score, int type) => Bytes(1, [.. Bytes(1, Encoding.UTF8.GetBytes(piece)), .. Varint(2 << 3 | 5), .. BitConverter.GetBytes(score), .. Number(3, type)]);

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Bytes(int field, byte[] value) => [.. Varint(field << 3 | 2), .. Varint(value.Length), .. value];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value > 127; value >>= 7)
            yield return (byte)(value | 128);
        yield return (byte)value;
    }
}
