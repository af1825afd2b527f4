using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Augmentations in their order, as they are written and checked.</summary>
internal sealed record AugmentationList : IValidatableObject
{
    [Required]
    public required IReadOnlyList<Augmentation> Items { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Items?.Contains(null!) == true)
            yield return new ValidationResult("One of the augmentations is null.");
    }
}
