using System.IO.Compression;

namespace TextGenerationSample;

/// <summary>A text to learn from: all of it is one row.</summary>
internal sealed class Play
{
    public string Text { get; set; } = "";

    /// <summary>Reads a text file, packed by gzip or not.</summary>
    public static string Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no {path}. Name a text file with --data.");
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file);
        var text = reader.ReadToEnd();
        return text.Length >= 1000 ? text : throw new InvalidOperationException($"{path} has {text.Length} characters, but at least 1000 are needed to learn from and to validate on.");
    }
}
