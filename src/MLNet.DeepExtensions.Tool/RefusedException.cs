namespace MLNet.DeepExtensions.Tool;

/// <summary>Something that the user can mend: the message says what came, what was expected and what to write instead.</summary>
internal sealed class RefusedException(string message, Exception? inner = null) : Exception(message, inner);
