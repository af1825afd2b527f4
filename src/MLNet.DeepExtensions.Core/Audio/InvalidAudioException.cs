namespace MLNet.DeepExtensions;

/// <summary>A recording cannot be read: it is damaged, no WAV file, missing, or beyond the limits.</summary>
public sealed class InvalidAudioException : Exception
{
    /// <summary>Says what is wrong with which recording.</summary>
    /// <param name="name">The recording's path, or what else tells it from others.</param>
    /// <param name="reason">What is wrong, as the end of a sentence that begins with the recording.</param>
    /// <param name="innerException">What was thrown when it was read.</param>
    public InvalidAudioException(string name, string reason, Exception? innerException = null)
        : base($"The recording {name} {reason}", innerException) => (Name, Reason) = (name, reason);

    /// <summary>Gets the recording's path, or what else tells it from others.</summary>
    public string Name { get; }

    /// <summary>Gets what is wrong.</summary>
    public string Reason { get; }
}
