namespace MLNet.DeepExtensions;

/// <summary>How a network whose layers see all steps at once knows where each of them stands.</summary>
public enum Positions
{
    /// <summary>A vector for each place, learnt, added to what stands there: as many places as <c>MaxTokens</c> says, and no more.</summary>
    Learned,

    /// <summary>Sines and cosines of the place, added to what stands there, which is multiplied by the root of its width (Vaswani et al. 2017, sections 3.4 and 3.5). Any number of places.</summary>
    Sinusoidal,

    /// <summary>Queries and keys are turned by an angle for each place, so that only distances count (Su et al. 2021, "RoFormer", equation 34). Any number of places; a head needs an even width.</summary>
    Rotary,
}
