using System.Buffers;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>Cuts texts into GPT-2's tokens: words by its rule, their bytes merged in the order in which the merges were learnt.</summary>
internal sealed class ByteLevelEncoder : TextEncoder
{
    private readonly IReadOnlyList<string> vocabulary;
    private readonly bool addsSpaceBefore;
    private readonly byte[]?[] bytesOf;
    private readonly BytePairs pairs;

    // words that are tokens, by their bytes: most words are, and need no merging once that is known
    private readonly PieceTrie whole = new();
    private readonly int root;
    private readonly byte[] isWhole;
    private const byte Unasked = 0, Is = 1, IsNot = 2;

    public ByteLevelEncoder(IReadOnlyList<string> vocabulary, IReadOnlyList<string> merges, bool addsSpaceBefore) : base(SpecialOf(vocabulary))
    {
        (this.vocabulary, this.addsSpaceBefore) = (vocabulary, addsSpaceBefore);
        var numbers = vocabulary.Select((token, i) => (token, i)).ToDictionary(pair => pair.token, pair => pair.i, StringComparer.Ordinal);
        var special = Special.All.ToHashSet();
        bytesOf = [.. vocabulary.Select((token, i) => special.Contains(i) ? null : ByteAlphabet.BytesOf(token))];
        root = whole.AddRoot();
        isWhole = new byte[vocabulary.Count];
        for (var i = 0; i < vocabulary.Count; i++)
            if (bytesOf[i] is { Length: > 0 } bytes)
                whole.Add(root, Array.ConvertAll(bytes, value => (char)value), i);
        pairs = new BytePairs([.. Enumerable.Range(0, 256).Select(value => numbers[ByteAlphabet.LetterOf((byte)value).ToString()])],
            merges.Select(merge => merge.Split(' ')).Select(parts => (numbers[parts[0]], numbers[parts[1]], numbers[parts[0] + parts[1]])));
    }

    public override int Count => vocabulary.Count;

    protected override bool MaskTakesSpaces => true;

    public override void AddTokens(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places = null)
    {
        var full = (int)Math.Min((long)ids.Count + most, int.MaxValue);
        var spaceBefore = addsSpaceBefore && text.Length > 0 && text[0] != ' ';
        if (spaceBefore)
            text = string.Concat(" ", text);
        for (var at = 0; at < text.Length && ids.Count < full;)
        {
            var length = GptWords.Next(text[at..]);
            AddWord(text.Slice(at, length), spaceBefore ? at - 1 : at, full, ids, places);
            at += length;
        }
    }

    public override string TokenOf(int id) => vocabulary[id];

    public override string Decode(IEnumerable<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
            if (bytesOf[id] is { } some)
                bytes.Write(some);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    // start is the word's place in the text: -1 where a space was put before it
    private void AddWord(ReadOnlySpan<char> word, int start, int full, List<int> ids, List<TokenPlace>? places)
    {
        var first = ids.Count;
        var rented = word.Length > 128 ? ArrayPool<byte>.Shared.Rent(3 * word.Length) : null;
        Span<byte> utf8 = rented ?? stackalloc byte[3 * 128];
        var origins = places is null ? [] : new int[3 * word.Length];
        utf8 = utf8[..ByteAlphabet.Write(word, utf8, origins)];
        AddBytes(utf8, ids);
        if (places is not null)
            for (int i = first, at = 0; i < ids.Count; at += bytesOf[ids[i++]]!.Length)
            {
                var last = origins[at + bytesOf[ids[i]]!.Length - 1];
                var (from, to) = (start + origins[at], start + last + (Rune.DecodeFromUtf16(word[last..], out _, out var used) == OperationStatus.Done ? used : 1));
                places.Add(new TokenPlace(Math.Max(0, from), Math.Max(0, to) - Math.Max(0, from)));
            }
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        if (ids.Count <= full)
            return;
        places?.RemoveRange(full, ids.Count - full);
        ids.RemoveRange(full, ids.Count - full);
    }

    private void AddBytes(ReadOnlySpan<byte> utf8, List<int> ids)
    {
        var id = whole.LongestOfBytes(root, utf8, out var length);
        if (length < utf8.Length)
            id = -1;
        else if (isWhole[id] == Is)
        {
            ids.Add(id);
            return;
        }
        var first = ids.Count;
        pairs.Merge(utf8, ids);
        // merges alone decide: a token that they never reach stays unused. Two threads that ask at once find the same
        if (id >= 0 && isWhole[id] == Unasked)
            isWhole[id] = ids.Count == first + 1 && ids[first] == id ? Is : IsNot;
    }

    private static SpecialTokens SpecialOf(IReadOnlyList<string> vocabulary)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < vocabulary.Count; i++)
            if (vocabulary[i] is "<s>" or "</s>" or "<pad>" or "<unk>" or "<mask>" or ByteLevelBpe.EndOfText)
                numbers[vocabulary[i]] = i;
        int? Of(string name) => numbers.TryGetValue(name, out var number) ? number : null;
        return Of("<s>") is { } start && Of("</s>") is { } end
            ? new SpecialTokens { Start = start, Separator = end, SeparatorsInPair = 2, EndOfText = end, Padding = Of("<pad>"), Unknown = Of("<unk>"), Mask = Of("<mask>") }
            : new SpecialTokens { EndOfText = Of(ByteLevelBpe.EndOfText), Padding = Of("<pad>"), Unknown = Of("<unk>"), Mask = Of("<mask>") };
    }
}
