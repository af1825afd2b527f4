using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>How a text is written on. The defaults draw from the network's own distribution.</summary>
public sealed record GenerationOptions : IValidatableObject
{
    /// <summary>Gets how many tokens are written at most.</summary>
    /// <value>In [1, 1048576]. The default is 128.</value>
    [Range(1, 1 << 20)]
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Gets what outputs are divided by before softmax: below 1 the likely tokens become likelier; 0 always takes the likeliest.</summary>
    /// <value>In [0, 100]. The default is 1.</value>
    [Range(0.0, 100.0)]
    public double Temperature { get; init; } = 1;

    /// <summary>Gets among how many of the likeliest tokens one is drawn (Fan et al. 2018).</summary>
    /// <value>At least 1. The default, null, is all.</value>
    [Range(1, int.MaxValue)]
    public int? TopK { get; init; }

    /// <summary>Gets how much probability the likeliest tokens, as few as possible, must have together among which one is drawn (nucleus sampling, Holtzman et al. 2019).</summary>
    /// <value>Above 0, at most 1. The default, null, is all of it. With <see cref="TopK"/>, which comes first, it is a share of what that leaves.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double? TopP { get; init; }

    /// <summary>Gets what the outputs of tokens that prompt or text have already are divided by, or multiplied with where they are negative, before all else (Keskar et al. 2019, "CTRL").</summary>
    /// <value>In [0.01, 100]; above 1 it writes fewer of them. The default is 1.</value>
    [Range(0.01, 100.0)]
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Gets at which strings a text ends; they are not part of it, and may begin in one token and end in another.</summary>
    /// <value>None of them empty. The default is none.</value>
    [Required]
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Gets whether a text ends where the network says so; else it is not let.</summary>
    /// <value>The default is true.</value>
    public bool StopAtEndOfText { get; init; } = true;

    /// <summary>Gets the seed of what is drawn: the same seed, model and prompts give the same texts. Torch's generator has no say in it. Of several prompts each has dice of its own.</summary>
    /// <value>The default, null, takes another one each time.</value>
    public int? Seed { get; init; }

    /// <summary>Gets whether keys and values of tokens that were read are kept (where the network is a <see cref="Gpt"/>), instead of reading all tokens again for each new one.</summary>
    /// <value>The default is true. It changes outputs in the last bits only.</value>
    public bool UseCache { get; init; } = true;

    /// <summary>Checks that stop strings are some.</summary>
    /// <param name="validationContext">Names the options.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Stop?.Any(string.IsNullOrEmpty) == true)
            yield return new ValidationResult("Stop has an empty string, which ends every text before it begins.");
    }
}
