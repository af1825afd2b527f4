namespace MLNet.DeepExtensions;

/// <summary>A prompt and what is written behind it, as tokens.</summary>
internal sealed class WrittenText
{
    private readonly HashSet<int> written;

    /// <param name="prompt">At least one token.</param>
    /// <param name="context">How many tokens the network sees.</param>
    /// <param name="dice">This text's own.</param>
    public WrittenText(IReadOnlyList<int> prompt, int context, SeededRandom dice)
    {
        (Tokens, written, PromptLength, Dice, Context) = ([.. prompt], [.. prompt], prompt.Count, dice, context);
        First = Math.Max(0, prompt.Count - context);
    }

    public List<int> Tokens { get; }

    public int PromptLength { get; }

    public SeededRandom Dice { get; }

    public int Context { get; }

    /// <summary>Gets the first token that the network sees.</summary>
    public int First { get; private set; }

    /// <summary>Gets how many tokens the network sees.</summary>
    public int Seen => Tokens.Count - First;

    public int Count => Tokens.Count - PromptLength;

    public IReadOnlyCollection<int> Written => written;

    public void Add(int token)
    {
        Tokens.Add(token);
        written.Add(token);
    }

    /// <summary>Goes on with the newest half of what the network sees where it would see more than it can: positions change, and all that stays must be read again.</summary>
    /// <returns>Whether it did.</returns>
    public bool Slide()
    {
        if (Seen <= Context)
            return false;
        First = Tokens.Count - Math.Max(1, Context / 2);
        return true;
    }
}
