using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>What holds for every list of tokens, wherever it comes from.</summary>
internal static class VocabularyCheck
{
    /// <summary>The most characters that a token may have.</summary>
    public const int LongestToken = 1 << 12;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="required">Those that must be among them.</param>
    /// <param name="mayRepeat">Whether a token may stand twice, as in some published lists; then its number is the later one.</param>
    public static IEnumerable<ValidationResult> Of(IReadOnlyList<string> vocabulary, IReadOnlyList<string> required, bool mayRepeat = false)
    {
        var seen = new HashSet<string>(vocabulary.Count, StringComparer.Ordinal);
        for (var i = 0; i < vocabulary.Count; i++)
        {
            if (vocabulary[i] is not { } token)
                yield return new ValidationResult($"token {i} of the vocabulary is null.");
            else if (token.Length > LongestToken)
                yield return new ValidationResult($"token {i} of the vocabulary, '{FileText.Shorten(token)}', has {token.Length:N0} characters; {LongestToken:N0} are the most.");
            else if (!seen.Add(token) && !mayRepeat)
                yield return new ValidationResult($"the vocabulary has '{FileText.Shorten(token)}' twice, the second time as token {i}.");
            else
                continue;
            yield break;
        }
        foreach (var name in required)
            if (!seen.Contains(name))
                yield return new ValidationResult($"the vocabulary lacks {name}.");
    }

    public static bool AreEqual(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        ReferenceEquals(one, other) || one is not null && other is not null && one.SequenceEqual(other, StringComparer.Ordinal);
}
