namespace MLNet.DeepExtensions;

/// <summary>The model cannot score this row: it is beyond a limit, or a step of the pipeline failed on it. Rows that were scored with it are not concerned. An endpoint answers 422, or 400 and 413 for limits.</summary>
public sealed class UnfitRowException : Exception
{
    internal UnfitRowException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the status that an endpoint answers with.</summary>
    internal int Status { get; init; } = 422;
}
