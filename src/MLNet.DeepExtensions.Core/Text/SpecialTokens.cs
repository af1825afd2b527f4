namespace MLNet.DeepExtensions;

/// <summary>The numbers of tokens with a meaning of their own; null where a vocabulary has none.</summary>
public sealed record SpecialTokens
{
    /// <summary>Gets the token that fills rows up to the longest of a batch, such as <c>[PAD]</c>. Networks look at lengths and not at it.</summary>
    public int? Padding { get; init; }

    /// <summary>Gets the token that stands for what is not in the vocabulary, such as <c>[UNK]</c>.</summary>
    public int? Unknown { get; init; }

    /// <summary>Gets the token that a text begins with, such as <c>[CLS]</c>.</summary>
    public int? Start { get; init; }

    /// <summary>Gets the token behind each text, such as <c>[SEP]</c>.</summary>
    public int? Separator { get; init; }

    /// <summary>Gets how many separators stand between the two texts of a pair: 2 for RoBERTa, else 1.</summary>
    public int SeparatorsInPair { get; init; } = 1;

    /// <summary>Gets the token that hides another one in masked-language-model training, such as <c>[MASK]</c>.</summary>
    public int? Mask { get; init; }

    /// <summary>Gets the token that ends a text for a network that writes, such as <c>&lt;|endoftext|&gt;</c>.</summary>
    public int? EndOfText { get; init; }

    /// <summary>Gets what stands between the texts that a network that writes is taught, and what it ends one with.</summary>
    internal int? TextEnd => EndOfText ?? Separator;

    /// <summary>Gets all of them.</summary>
    internal IEnumerable<int> All => new[] { Padding, Unknown, Start, Separator, Mask, EndOfText }.OfType<int>().Distinct();
}
