using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Which tokens a masked language model learns to guess (Devlin et al. 2018, section 3.1): some of each text, drawn anew in each epoch, of which most are hidden, some replaced by any other token and some left as they are.
/// Special tokens are never among them. The dice depend on seed, epoch and batch alone; validation has the same ones in every epoch.
/// </summary>
public sealed record TokenMasking : IValidatableObject
{
    /// <summary>Gets the share of each text's tokens that are to be guessed: rounded, and at least one.</summary>
    /// <value>In (0, 0.9]. The default is 0.15.</value>
    [Range(0.0, 0.9, MinimumIsExclusive = true)]
    public double Share { get; init; } = 0.15;

    /// <summary>Gets the share of these that are hidden behind the mask token.</summary>
    /// <value>In [0, 1]. The default is 0.8.</value>
    [Range(0.0, 1.0)]
    public double Hidden { get; init; } = 0.8;

    /// <summary>Gets the share of these that are replaced by any token of the vocabulary, each as likely as the next; the others stay as they are.</summary>
    /// <value>In [0, 1], at most 1 with <see cref="Hidden"/>. The default is 0.1.</value>
    [Range(0.0, 1.0)]
    public double Replaced { get; init; } = 0.1;

    /// <summary>Checks that the shares leave room for each other.</summary>
    /// <param name="validationContext">Names the settings.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Hidden + Replaced > 1 + 1e-9)
            yield return new ValidationResult($"Hidden = {Hidden} and Replaced = {Replaced} are more than 1 together.");
    }
}
