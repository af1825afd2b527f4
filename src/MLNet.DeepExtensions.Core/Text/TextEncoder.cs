namespace MLNet.DeepExtensions;

/// <summary>A tokenizer at work. Any number of threads may use it.</summary>
internal abstract class TextEncoder(SpecialTokens special)
{
    private IReadOnlyList<(string Text, int Id)>? written;

    public SpecialTokens Special => special;

    /// <summary>Gets whether a special token that is written out in a text is that token.</summary>
    public bool ReadsSpecialTokens { get; init; }

    /// <summary>The number of tokens.</summary>
    public abstract int Count { get; }

    /// <summary>Adds a text's tokens, without special ones.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">As many as there is room for.</param>
    /// <param name="ids">Gets their numbers.</param>
    /// <param name="places">Gets where they come from; null where nobody asks.</param>
    public abstract void AddTokens(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places = null);

    /// <summary>A token as it is written in the vocabulary.</summary>
    public abstract string TokenOf(int id);

    /// <summary>Puts tokens together, without special ones.</summary>
    public abstract string Decode(IEnumerable<int> ids);

    /// <summary>Adds the token that ends the text before, where there is one, and a text's tokens: what a network that writes reads.</summary>
    public void EncodeBehindAnother(ReadOnlyMemory<char> text, int most, List<int> ids)
    {
        if (special.TextEnd is { } end)
            ids.Add(end);
        Add(text.Span, most - (special.TextEnd is null ? 0 : 1), ids, null);
    }

    /// <summary>Adds a text's tokens and nothing around them: what a network that writes goes on from.</summary>
    public void EncodeAlone(ReadOnlySpan<char> text, List<int> ids) => Add(text, int.MaxValue, ids, null);

    /// <summary>Gets whether spaces before a mask that is written out belong to it, as in RoBERTa's vocabulary, where words begin with a space.</summary>
    protected virtual bool MaskTakesSpaces => false;

    /// <summary>Adds the tokens of a text, or of two, with the special ones around them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">A second one; null where there is none. Empty is a text, too.</param>
    /// <param name="most">As many tokens as there is room for, special ones included: of two texts, the longer one is cut.</param>
    /// <param name="ids">Gets their numbers; is empty before.</param>
    /// <param name="places">Gets where they come from; null where nobody asks.</param>
    /// <returns>At which token the second text begins; where there is none, behind the last.</returns>
    public int Encode(ReadOnlyMemory<char> text, ReadOnlyMemory<char>? pair, int most, List<int> ids, List<TokenPlace>? places = null)
    {
        var between = special.Separator is null ? 0 : special.SeparatorsInPair;
        var room = Math.Max(0, most - (special.Start is null ? 0 : 1) - (special.Separator is null ? 0 : 1) - (pair is null ? 0 : between));
        AddSpecial(special.Start, 0, ids, places);
        var first = ids.Count;
        Add(text.Span, room, ids, places);
        if (pair is not { } second)
        {
            AddSpecial(special.Separator, text.Length, ids, places);
            return ids.Count;
        }
        var taken = ids.Count - first;
        for (var i = 0; i < between; i++)
            AddSpecial(special.Separator, text.Length, ids, places);
        var start = ids.Count;
        Add(second.Span, room, ids, places);
        var takenOfSecond = ids.Count - start;
        // one token after the other from the end of the longer text, of equally long ones from the second: Google's _truncate_seq_pair
        if (taken + takenOfSecond > room)
        {
            var half = (room + 1) / 2;
            var kept = taken <= half ? taken : Math.Max(half, room - takenOfSecond);
            Remove(start + room - kept, takenOfSecond - (room - kept));
            Remove(first + kept, taken - kept);
            start -= taken - kept;
        }
        AddSpecial(special.Separator, second.Length, ids, places);
        return start;

        void Remove(int index, int count)
        {
            ids.RemoveRange(index, count);
            places?.RemoveRange(index, count);
        }
    }

    private static void AddSpecial(int? id, int at, List<int> ids, List<TokenPlace>? places)
    {
        if (id is not { } number)
            return;
        ids.Add(number);
        places?.Add(new TokenPlace(at, 0));
    }

    private void Add(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places)
    {
        if (!ReadsSpecialTokens)
        {
            AddTokens(text, most, ids, places);
            return;
        }
        written ??= [.. special.All.Select(id => (TokenOf(id), id)).Where(token => token.Item1.Length > 0).OrderByDescending(token => token.Item1.Length)];
        var full = (int)Math.Min((long)ids.Count + most, int.MaxValue);
        var next = new int[written.Count];              // where each of them stands next: looked for again only when passed, so that a text full of them is no trap
        Array.Fill(next, -1);
        for (var at = 0; at < text.Length && ids.Count < full;)
        {
            var found = Next(text, at, next);
            var start = found < 0 ? text.Length : next[found];
            var end = found >= 0 && written[found].Id == special.Mask && MaskTakesSpaces ? at + text[at..start].TrimEnd().Length : start;
            var firstPlace = places?.Count ?? 0;
            AddTokens(text[at..end], full - ids.Count, ids, places);
            for (var i = firstPlace; i < places?.Count; i++)
                places[i] = places[i] with { Start = places[i].Start + at };
            if (found < 0 || ids.Count == full)
                return;
            ids.Add(written[found].Id);
            places?.Add(new TokenPlace(start, written[found].Text.Length));
            at = start + written[found].Text.Length;
        }
    }

    // which special token comes first, the longest of those that begin there; -1 where there is none
    private int Next(ReadOnlySpan<char> text, int at, int[] next)
    {
        var first = -1;
        for (var i = 0; i < next.Length; i++)
        {
            if (next[i] < at)
                next[i] = text[at..].IndexOf(written![i].Text, StringComparison.Ordinal) is var found and >= 0 ? at + found : int.MaxValue;
            if (next[i] < int.MaxValue && (first < 0 || next[i] < next[first]))
                first = i;
        }
        return first;
    }
}
