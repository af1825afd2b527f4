namespace MLNet.DeepExtensions.Tool.Diagnosis;

/// <summary>What a look at one thing gave.</summary>
/// <param name="Health">How it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do; null where nothing need be done.</param>
internal sealed record Finding(Health Health, string Subject, string Detail, string? Advice = null);

/// <summary>How something is.</summary>
internal enum Health
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but could be better.</summary>
    Warning,

    /// <summary>Training or scoring does not work so.</summary>
    Error,
}
