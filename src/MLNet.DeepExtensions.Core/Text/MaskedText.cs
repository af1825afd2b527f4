namespace MLNet.DeepExtensions;

/// <summary>A text in which the mask token, written as in the vocabulary (<c>[MASK]</c>, <c>&lt;mask&gt;</c>), asks what stands there. Everywhere else these letters are letters.</summary>
internal static class MaskedText
{
    /// <summary>Adds a text's tokens with the special ones around it, masks among them.</summary>
    /// <returns>How many masks were written in the text, those behind the cut included.</returns>
    public static int Encode(TextEncoder encoder, ReadOnlyMemory<char> text, int most, List<int> ids)
    {
        var special = encoder.Special;
        if (special.Mask is not { } mask)
        {
            encoder.Encode(text, most, ids);
            return 0;
        }
        var (written, masks) = (encoder.TokenOf(mask), 0);
        if (special.Start is { } start)
            ids.Add(start);
        var end = Math.Max(0, most - (special.Start is null ? 0 : 1) - (special.Separator is null ? 0 : 1)) + ids.Count;
        while (text.Span.IndexOf(written, StringComparison.Ordinal) is >= 0 and var place)
        {
            encoder.AddTokens(text[..place], end - ids.Count, ids);
            if (ids.Count < end)
                ids.Add(mask);
            text = text[(place + written.Length)..];
            masks++;
        }
        encoder.AddTokens(text, end - ids.Count, ids);
        if (special.Separator is { } separator)
            ids.Add(separator);
        return masks;
    }
}
