using System.Runtime.ExceptionServices;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>What a broken recording throws where ML.NET reads ahead on threads of its own and wraps it in "worker encountered exception".</summary>
internal static class AudioFailure
{
    /// <summary>Goes to the next row.</summary>
    /// <exception cref="InvalidAudioException">A recording is broken; it is thrown as it came, and not what ML.NET made of it.</exception>
    public static bool MoveNext(DataViewRowCursor cursor)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (Exception e) when (Within(e.InnerException) is { } broken)
        {
            ExceptionDispatchInfo.Throw(broken);
            throw;
        }
    }

    private static InvalidAudioException? Within(Exception? e) => e is null ? null : e as InvalidAudioException ?? Within(e.InnerException);
}
