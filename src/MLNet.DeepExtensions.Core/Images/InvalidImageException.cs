namespace MLNet.DeepExtensions;

/// <summary>A picture cannot be read: it is damaged, no picture, missing, or beyond the limits.</summary>
public sealed class InvalidImageException : Exception
{
    /// <summary>Says what is wrong with which picture.</summary>
    /// <param name="name">The picture's path, or what else tells it from others.</param>
    /// <param name="reason">What is wrong, as the end of a sentence that begins with the picture.</param>
    /// <param name="innerException">What was thrown when it was read.</param>
    public InvalidImageException(string name, string reason, Exception? innerException = null)
        : base($"The picture {name} {reason}", innerException) => (Name, Reason) = (name, reason);

    /// <summary>Gets the picture's path, or what else tells it from others.</summary>
    public string Name { get; }

    /// <summary>Gets what is wrong.</summary>
    public string Reason { get; }
}
