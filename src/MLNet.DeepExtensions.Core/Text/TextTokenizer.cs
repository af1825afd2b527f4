using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// How a text is cut into tokens, and which number each has: a record that is the option a user writes and, with its vocabulary, part of the saved model.
/// Those that come without a vocabulary learn one from the training rows.
/// </summary>
[ConfigFamily]
public abstract record TextTokenizer
{
    // a record is copied with all its fields by "with": what was built of it stays outside
    private static readonly ConditionalWeakTable<TextTokenizer, TextEncoder> encoders = [];

    /// <summary>Gets the registered tokenizers in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<TextTokenizer>().Types;

    /// <summary>Gets whether there is a vocabulary.</summary>
    public abstract bool IsFitted { get; }

    /// <summary>Gets how many tokens there are: each token's number is at least 0 and below this.</summary>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public int Count => Encoder.Count;

    /// <summary>Gets the numbers of tokens with a meaning of their own.</summary>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public SpecialTokens Special => Encoder.Special;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">The training texts; read once.</param>
    /// <returns>The tokenizer with its vocabulary; this one where it has one.</returns>
    public abstract TextTokenizer Fit(IEnumerable<string> texts);

    /// <summary>Cuts a text into tokens, with the special ones that a network expects around it.</summary>
    /// <param name="text">The text; empty is a text, too.</param>
    /// <param name="maxTokens">At most so many are given, special ones included; the text's end is cut off. Null does not cut.</param>
    /// <returns>The tokens' numbers.</returns>
    public IReadOnlyList<int> Encode(string text, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        Encoder.Encode(text.AsMemory(), maxTokens ?? int.MaxValue, ids);
        return ids;
    }

    /// <summary>Puts tokens together again. What the tokenizer lost (case, spaces) does not come back.</summary>
    /// <param name="ids">The tokens' numbers.</param>
    /// <returns>The text without special tokens.</returns>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Encoder.Decode(ids);
    }

    /// <summary>Gets what cuts texts, built once for each record; any number of threads may use it.</summary>
    internal TextEncoder Encoder => IsFitted ? encoders.GetValue(this, static tokenizer => tokenizer.Build())
        : throw new InvalidOperationException($"{GetType().Name} has no vocabulary yet: let a trainer learn one from its rows, or call Fit(texts).");

    internal abstract TextEncoder Build();
}
