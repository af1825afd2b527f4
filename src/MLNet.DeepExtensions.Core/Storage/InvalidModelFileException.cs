namespace MLNet.DeepExtensions;

/// <summary>A model, weights or checkpoint file is damaged, hostile, or of a version that this library does not know. Nothing of it was used.</summary>
public sealed class InvalidModelFileException : IOException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">What was found, what was expected and where.</param>
    /// <param name="inner">What the reading code met, if anything.</param>
    public InvalidModelFileException(string message, Exception? inner = null) : base(message, inner) { }
}
