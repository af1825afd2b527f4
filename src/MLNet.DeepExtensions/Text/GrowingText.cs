namespace MLNet.DeepExtensions;

/// <summary>
/// Makes text of tokens as they come. What may yet change is held back: bytes that are half a character, and what may be the beginning of a stop string.
/// </summary>
internal sealed class GrowingText
{
    // how far back a token may change what another one reads like: a space before it, bytes of one character
    private const int Lookback = 8;

    private readonly TextEncoder encoder;
    private readonly IReadOnlyList<string> stops;
    private readonly List<int> ids;
    private int start;                                  // what stands before is done with
    private int said;                                   // what stands before has been given as text
    private string held = "";

    /// <param name="encoder">Puts tokens together.</param>
    /// <param name="stops">The strings that end the text.</param>
    /// <param name="prompt">The tokens before the text, which are not part of it.</param>
    public GrowingText(TextEncoder encoder, IReadOnlyList<string> stops, IEnumerable<int> prompt)
    {
        (this.encoder, this.stops) = (encoder, stops);
        ids = [.. prompt.TakeLast(Lookback)];
        said = ids.Count;
    }

    /// <summary>Gets whether a stop string has come.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes a token.</summary>
    /// <returns>The text that is certain now; often none.</returns>
    public string Add(int token)
    {
        ids.Add(token);
        var (before, all) = (encoder.Decode(ids.Skip(start).Take(said - start)), encoder.Decode(ids.Skip(start)));
        if (all.Length <= before.Length || all[^1] == '\uFFFD')
            return "";
        (start, said) = (Math.Max(start, said - Lookback), ids.Count);
        return Release(all[before.Length..]);
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back, but for half a character.</returns>
    public string Finish()
    {
        if (IsStopped)
            return "";
        var (before, all) = (encoder.Decode(ids.Skip(start).Take(said - start)), encoder.Decode(ids.Skip(start)));
        var rest = Release(all.Length > before.Length ? all[before.Length..].TrimEnd('\uFFFD') : "");
        return IsStopped ? rest : rest + held;
    }

    private string Release(string text)
    {
        held += text;
        var first = stops.Select(stop => held.IndexOf(stop, StringComparison.Ordinal)).Where(place => place >= 0).DefaultIfEmpty(-1).Min();
        if (first >= 0)
        {
            IsStopped = true;
            return held[..first];
        }
        var back = stops.Select(stop => BeginsAtEnd(held, stop)).DefaultIfEmpty(0).Max();
        var certain = held[..^back];
        held = held[^back..];
        return certain;
    }

    // how much of a text's end is the beginning of a stop string
    private static int BeginsAtEnd(string text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                return length;
        return 0;
    }
}
