using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions;

/// <summary>What a step throws where a picture is broken: ours say it, ML.NET's LoadImages throws what it met.</summary>
internal static class PictureFailure
{
    public static bool Describes(Exception e) => e is InvalidImageException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
        or NotSupportedException or NullReferenceException or ExternalException;

    /// <param name="e">What was thrown.</param>
    /// <param name="name">The picture's path, where the exception does not tell it.</param>
    public static InvalidImageException Of(Exception e, string name) => e switch
    {
        InvalidImageException { Name: var own } image when own.StartsWith('\'') || !name.StartsWith('\'') => image,
        InvalidImageException image => new InvalidImageException(name, image.Reason, e),
        FileNotFoundException or DirectoryNotFoundException => new InvalidImageException(name, "does not exist.", e),
        // LoadImages' "Invalid input stream contents"
        ArgumentException => new InvalidImageException(name, "is damaged or no picture of a known kind.", e),
        _ => new InvalidImageException(name, $"cannot be read: {e.Message}", e),
    };
}
