namespace MLNet.DeepExtensions;

/// <summary>A tokenizer at work. Any number of threads may use it.</summary>
internal abstract class TextEncoder(SpecialTokens special)
{
    public SpecialTokens Special => special;

    /// <summary>The number of tokens.</summary>
    public abstract int Count { get; }

    /// <summary>Adds a text's tokens, without special ones, as many as there is room for.</summary>
    public abstract void AddTokens(ReadOnlyMemory<char> text, int most, List<int> ids);

    /// <summary>A token as it is written in the vocabulary.</summary>
    public abstract string TokenOf(int id);

    /// <summary>Puts tokens together, without special ones.</summary>
    public abstract string Decode(IEnumerable<int> ids);

    /// <summary>Adds the token that ends the text before, where there is one, and a text's tokens: what a network that writes reads.</summary>
    public void EncodeBehindAnother(ReadOnlyMemory<char> text, int most, List<int> ids)
    {
        if (special.TextEnd is { } end)
            ids.Add(end);
        AddTokens(text, most - (special.TextEnd is null ? 0 : 1), ids);
    }

    /// <summary>Adds a text's tokens with the special ones around it.</summary>
    public void Encode(ReadOnlyMemory<char> text, int most, List<int> ids)
    {
        var around = (special.Start is null ? 0 : 1) + (special.Separator is null ? 0 : 1);
        if (special.Start is { } start)
            ids.Add(start);
        AddTokens(text, Math.Max(0, most - around), ids);
        if (special.Separator is { } separator)
            ids.Add(separator);
    }
}
