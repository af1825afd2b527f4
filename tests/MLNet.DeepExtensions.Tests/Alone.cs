namespace MLNet.DeepExtensions.Tests;

/// <summary>Tests that count live tensors or draw from torch's global generator run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
