using System.ComponentModel.DataAnnotations;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>
/// Each character (Unicode code point) is a token; the vocabulary is learnt from the training rows. Small vocabularies, long sequences: for character language models, and for Chinese.
/// Special tokens: <c>[PAD]</c> 0, <c>[UNK]</c> 1, <c>[CLS]</c> 2, <c>[SEP]</c> 3, <c>[MASK]</c> 4. A language model that writes reads texts without <c>[CLS]</c>.
/// </summary>
[ConfigName("characters")]
public sealed record Characters : TextTokenizer, IValidatableObject
{
    private static readonly string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Gets how many characters are learnt at most, the most frequent first; the others are <c>[UNK]</c>.</summary>
    /// <value>In [1, 1,114,112]. The default is 8192.</value>
    [Range(1, 0x110000)]
    public int VocabularySize { get; init; } = 8192;

    /// <summary>Gets how often a character must occur to be learnt.</summary>
    /// <value>At least 1, the default.</value>
    [Range(1, int.MaxValue)]
    public int MinimumCount { get; init; } = 1;

    /// <summary>Gets the learnt characters in the order of their numbers, which begin behind the special tokens; each one code point.</summary>
    /// <value>The default, null, learns them.</value>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <inheritdoc/>
    public override bool IsFitted => Vocabulary is not null;

    /// <inheritdoc/>
    public override TextTokenizer Fit(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (IsFitted)
            return this;
        var counts = new Dictionary<Rune, long>();
        foreach (var text in texts)
            foreach (var rune in text.EnumerateRunes())
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, rune, out _)++;
        // by code point where they are as frequent: the same data has the same vocabulary
        return this with
        {
            Vocabulary = [.. counts.Where(pair => pair.Value >= MinimumCount).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Value).Take(VocabularySize).Select(pair => pair.Key.ToString())],
        };
    }

    /// <summary>Checks what a file says.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Vocabulary is null)
            yield break;
        if (Vocabulary.FirstOrDefault(item => item is null || !IsOneRune(item)) is var wrong && Vocabulary.Any(item => item is null || !IsOneRune(item)))
            yield return new ValidationResult($"the vocabulary has '{wrong}', but each entry must be one character.");
        else if (Vocabulary.Distinct(StringComparer.Ordinal).Count() != Vocabulary.Count)
            yield return new ValidationResult("the vocabulary has a character twice.");
    }

    /// <summary>Compares the settings, the vocabulary character by character.</summary>
    /// <param name="other">Another tokenizer.</param>
    /// <returns>Whether both cut alike.</returns>
    public bool Equals(Characters? other) => base.Equals(other) && (VocabularySize, MinimumCount) == (other.VocabularySize, other.MinimumCount) &&
        VocabularyCheck.AreEqual(Vocabulary, other.Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), VocabularySize, MinimumCount, Vocabulary?.Count);

    internal override TextEncoder Build() => new Built(Vocabulary!) { ReadsSpecialTokens = ReadsSpecialTokens };

    private static bool IsOneRune(string text) => Rune.DecodeFromUtf16(text, out _, out var used) == System.Buffers.OperationStatus.Done && used == text.Length;

    private sealed class Built : TextEncoder
    {
        private readonly IReadOnlyList<string> vocabulary;
        private readonly Dictionary<Rune, int> numbers = [];

        public Built(IReadOnlyList<string> vocabulary) : base(new SpecialTokens { Padding = 0, Unknown = 1, Start = 2, Separator = 3, Mask = 4, EndOfText = 3 })
        {
            this.vocabulary = vocabulary;
            foreach (var character in vocabulary)
                numbers.Add(Rune.GetRuneAt(character, 0), special.Length + numbers.Count);
        }

        public override int Count => special.Length + vocabulary.Count;

        public override void AddTokens(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places = null)
        {
            for (var at = 0; at < text.Length && most-- > 0;)
            {
                Rune.DecodeFromUtf16(text[at..], out var rune, out var used);
                ids.Add(numbers.GetValueOrDefault(rune, 1));
                places?.Add(new TokenPlace(at, used));
                at += used;
            }
        }

        public override string TokenOf(int id) => id < special.Length ? special[id] : vocabulary[id - special.Length];

        public override string Decode(IEnumerable<int> ids) => string.Concat(ids.Where(id => id >= special.Length).Select(TokenOf));
    }
}
