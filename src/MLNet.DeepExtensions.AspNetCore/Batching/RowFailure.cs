namespace MLNet.DeepExtensions;

/// <summary>Whose fault it is that a row could not be scored by itself: the row's, or the server's.</summary>
internal static class RowFailure
{
    public static Exception Of(Exception failure) => IsOfTheRow(failure) ? new UnfitRowException($"The model cannot score this row: {ReasonOf(failure)}", failure) : failure;

    // what ML.NET's steps and ours throw at values that they cannot take
    private static bool IsOfTheRow(Exception failure) => failure is not ObjectDisposedException
        && failure is InvalidImageException or InvalidAudioException or ArgumentException or InvalidOperationException or FormatException or NotSupportedException or ArithmeticException or IndexOutOfRangeException;

    // a message may hold paths of this machine or what the row holds: only what is known to hold neither is passed on
    private static string ReasonOf(Exception failure) => failure is InvalidImageException { Name: var name, Reason: var reason } && !name.StartsWith('\'')
        ? $"the picture {reason}" : "a step of its pipeline failed. Look at the lengths of its vectors and at the ranges of its values.";
}
