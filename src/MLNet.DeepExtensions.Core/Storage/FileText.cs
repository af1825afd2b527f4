namespace MLNet.DeepExtensions;

/// <summary>Text that a file brought along.</summary>
internal static class FileText
{
    private const int Most = 100;

    /// <summary>Makes it short and free of control characters, fit for a message: a name from a file may be a megabyte long, or clear a terminal.</summary>
    public static string Shorten(string text)
    {
        var clean = string.Concat(text.Take(Most).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
        return text.Length > Most ? clean + "…" : clean;
    }
}
