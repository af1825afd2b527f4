using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// GPT-2's and RoBERTa's tokenizer (Radford et al. 2019): byte-pair encoding over the bytes of UTF-8, so that nothing is unknown and every valid text comes back as it was. Without a vocabulary it learns one.
/// </summary>
/// <remarks>
/// Special tokens go by their names: <c>&lt;|endoftext|&gt;</c> ends a text for GPT-2, which puts nothing around texts; a vocabulary that has <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c>, as RoBERTa's, puts them
/// around each text and the second one twice between two, and names <c>&lt;pad&gt;</c>, <c>&lt;unk&gt;</c> and <c>&lt;mask&gt;</c>.
/// </remarks>
[ConfigName("byte-level-bpe")]
public sealed record ByteLevelBpe : TextTokenizer, IValidatableObject
{
    internal const string EndOfText = "<|endoftext|>";

    /// <summary>Gets how many tokens are learnt at most: the 256 bytes, what is merged of them, and the end of a text.</summary>
    /// <value>In [257, 1,000,000]. The default is 8000.</value>
    [Range(257, 1_000_000)]
    public int VocabularySize { get; init; } = 8000;

    /// <summary>Gets how often a pair must occur to be merged.</summary>
    /// <value>At least 1. The default is 2.</value>
    [Range(1, int.MaxValue)]
    public int MinimumCount { get; init; } = 2;

    /// <summary>Gets whether a text is read as if a space stood before it, so that its first word is the same token as in the middle of a text.</summary>
    /// <value>The default is false, as for GPT-2 and RoBERTa. Where it is true, a decoded text has the space.</value>
    public bool AddsSpaceBefore { get; init; }

    /// <summary>Gets the tokens in the order of their numbers, which begin at 0, written as in <c>vocab.json</c>: a letter for each byte, a space as <c>Ġ</c>.</summary>
    /// <value>The default, null, learns them.</value>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <summary>Gets what is merged, the earlier first, written as in <c>merges.txt</c>: the two tokens with a space between.</summary>
    /// <value>The default, null, learns them.</value>
    public IReadOnlyList<string>? Merges { get; init; }

    /// <inheritdoc/>
    public override bool IsFitted => Vocabulary is not null && Merges is not null;

    /// <inheritdoc/>
    public override TextTokenizer Fit(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (IsFitted)
            return this;
        var (vocabulary, merges) = new ByteLevelLearner(this).Learn(texts);
        return this with { Vocabulary = vocabulary, Merges = merges };
    }

    /// <summary>Checks what a file says.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((Vocabulary is null) != (Merges is null))
            return [new ValidationResult($"there are {(Merges is null ? "no merges to the vocabulary" : "merges, but no vocabulary")}: a vocabulary of byte-pair encoding is both.")];
        if (Vocabulary is null)
            return [];
        var wrong = VocabularyCheck.Of(Vocabulary, [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.LetterOf((byte)value).ToString())]).FirstOrDefault();
        return wrong is not null ? [wrong] : MergesCheck();
    }

    /// <summary>Compares the settings, the vocabulary and the merges one by one.</summary>
    /// <param name="other">Another tokenizer.</param>
    /// <returns>Whether both cut alike.</returns>
    public bool Equals(ByteLevelBpe? other) => base.Equals(other) && (VocabularySize, MinimumCount, AddsSpaceBefore) == (other.VocabularySize, other.MinimumCount, other.AddsSpaceBefore) &&
        VocabularyCheck.AreEqual(Vocabulary, other.Vocabulary) && VocabularyCheck.AreEqual(Merges, other.Merges);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), VocabularySize, AddsSpaceBefore, Vocabulary?.Count, Merges?.Count);

    private protected override bool LearnsSeparator => false;

    internal override TextEncoder Build() => new ByteLevelEncoder(Vocabulary!, Merges!, AddsSpaceBefore) { ReadsSpecialTokens = ReadsSpecialTokens };

    private IEnumerable<ValidationResult> MergesCheck()
    {
        var known = Vocabulary!.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < Merges!.Count; i++)
            if (Merges[i]?.Split(' ') is not [var left, var right] || !known.Contains(left) || !known.Contains(right) || !known.Contains(left + right))
            {
                yield return new ValidationResult($"merge {i} is '{FileText.Shorten(Merges[i] ?? "null")}', but must be two tokens of the vocabulary with a space between, which together are a third.");
                yield break;
            }
    }
}
