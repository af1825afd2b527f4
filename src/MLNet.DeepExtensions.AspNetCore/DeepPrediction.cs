namespace MLNet.DeepExtensions;

/// <summary>An answer and how it came about.</summary>
/// <typeparam name="TOut">The answer's type.</typeparam>
/// <param name="Answer">The answer.</param>
/// <param name="Model">The model that gave it.</param>
/// <param name="BatchSize">How many rows were scored together with this one, itself included.</param>
/// <param name="QueueWait">How long the row waited for a worker and for others.</param>
/// <param name="Scoring">How long its batch was scored.</param>
public sealed record DeepPrediction<TOut>(TOut Answer, DeepModelInfo Model, int BatchSize, TimeSpan QueueWait, TimeSpan Scoring);

/// <summary>The model that serves.</summary>
/// <param name="Version">The first 12 hexadecimal digits of the SHA-256 of its file.</param>
/// <param name="Source">The file or the address that it came from.</param>
/// <param name="LoadedAt">When it took over.</param>
public sealed record DeepModelInfo(string Version, string Source, DateTimeOffset LoadedAt);
