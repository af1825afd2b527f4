using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>How a text column becomes tokens: part of the saved model.</summary>
internal sealed record TextColumn : IValidatableObject
{
    [Required]
    public required TextTokenizer Tokenizer { get; init; }

    /// <summary>Gets how many tokens a row has at most, special ones included.</summary>
    [Range(2, 1 << 20)]
    public int MaxTokens { get; init; } = 512;

    /// <summary>Gets whether the mask token, where it is written in a text, is read as such.</summary>
    public bool ReadsMasks { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tokenizer is { IsFitted: false })
            yield return new ValidationResult("the tokenizer has no vocabulary.");
    }
}
