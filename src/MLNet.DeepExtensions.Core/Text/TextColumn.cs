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

    /// <summary>Gets whether a row is read as a network that writes reads it: the end of the text before it, then its tokens, and nothing behind them.</summary>
    public bool GoesOn { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tokenizer is { IsFitted: false })
            yield return new ValidationResult("the tokenizer has no vocabulary.");
    }
}
