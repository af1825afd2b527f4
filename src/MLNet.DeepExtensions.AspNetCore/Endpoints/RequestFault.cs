namespace MLNet.DeepExtensions;

/// <summary>What a client did wrong: a status and a sentence that says what to send instead.</summary>
internal sealed class RequestFault(int status, string detail) : Exception(detail)
{
    public int Status => status;
}
