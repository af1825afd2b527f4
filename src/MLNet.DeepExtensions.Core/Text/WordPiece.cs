using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// BERT's tokenizer (Devlin et al. 2018; Google's <c>tokenization.py</c>). Control characters vanish, ideographs and punctuation stand alone, and each word becomes the longest pieces of the vocabulary, from its
/// beginning on; a piece that goes on within a word is written with <c>##</c>. A word that cannot be put together of pieces is <c>[UNK]</c>. Without a vocabulary it learns one.
/// </summary>
/// <remarks>
/// Special tokens go by the names <c>[PAD]</c>, <c>[UNK]</c>, <c>[CLS]</c>, <c>[SEP]</c> and <c>[MASK]</c>; the vocabulary must have the second.
/// Texts are cut alike whatever culture or globalization mode an application runs in.
/// </remarks>
[ConfigName("word-piece")]
public sealed record WordPiece : TextTokenizer, IValidatableObject
{
    internal const string Continues = "##";
    internal const string Unknown = "[UNK]";

    internal static readonly IReadOnlyList<string> SpecialNames = ["[PAD]", Unknown, "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Gets how many tokens are learnt at most, special ones included.</summary>
    /// <value>In [6, 1,000,000]. The default is 8000.</value>
    [Range(6, 1_000_000)]
    public int VocabularySize { get; init; } = 8000;

    /// <summary>Gets how often a piece must occur to be learnt.</summary>
    /// <value>At least 1. The default is 2.</value>
    [Range(1, int.MaxValue)]
    public int MinimumCount { get; init; } = 2;

    /// <summary>Gets whether capitals become small letters.</summary>
    /// <value>The default is true, as for vocabularies called uncased; those called cased, and the Chinese one, want false.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>Gets whether accents are stripped: é becomes e, and a Hangul syllable its letters.</summary>
    /// <value>The default, null, does what <see cref="LowerCase"/> says, as BERT does.</value>
    public bool? StripAccents { get; init; }

    /// <summary>Gets whether each ideograph is a word of its own.</summary>
    /// <value>The default is true.</value>
    public bool IdeographsApart { get; init; } = true;

    /// <summary>Gets how many code points a word has at most; a longer one is <c>[UNK]</c>.</summary>
    /// <value>In [1, 10,000]. The default is 100, Hugging Face's; Google's script has 200.</value>
    [Range(1, 10_000)]
    public int LongestWord { get; init; } = 100;

    /// <summary>Gets the tokens in the order of their numbers, which begin at 0; one that stands twice has the later number.</summary>
    /// <value>The default, null, learns them.</value>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <inheritdoc/>
    public override bool IsFitted => Vocabulary is not null;

    /// <inheritdoc/>
    public override TextTokenizer Fit(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return IsFitted ? this : this with { Vocabulary = new WordPieceLearner(this).Learn(texts) };
    }

    /// <summary>Checks what a file says.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Vocabulary is null ? [] : VocabularyCheck.Of(Vocabulary, [Unknown], mayRepeat: true);

    /// <summary>Compares the settings, the vocabulary token by token.</summary>
    /// <param name="other">Another tokenizer.</param>
    /// <returns>Whether both cut alike.</returns>
    public bool Equals(WordPiece? other) => base.Equals(other) && (VocabularySize, MinimumCount, LowerCase, StripAccents, IdeographsApart, LongestWord) ==
        (other.VocabularySize, other.MinimumCount, other.LowerCase, other.StripAccents, other.IdeographsApart, other.LongestWord) && VocabularyCheck.AreEqual(Vocabulary, other.Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), VocabularySize, LowerCase, StripAccents, Vocabulary?.Count);

    internal BertRules Rules => new(LowerCase, StripAccents ?? LowerCase, IdeographsApart, LongestWord);

    internal override TextEncoder Build() => new WordPieceEncoder(Vocabulary!, Rules) { ReadsSpecialTokens = ReadsSpecialTokens };
}
