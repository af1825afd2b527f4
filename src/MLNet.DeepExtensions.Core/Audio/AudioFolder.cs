namespace MLNet.DeepExtensions;

/// <summary>The recordings below a folder.</summary>
internal static class AudioFolder
{
    private static readonly HashSet<string> extensions = new(StringComparer.OrdinalIgnoreCase) { ".wav", ".wave" };

    public static List<AudioFile> List(string folder, Func<string, string?> label, int? shuffleSeed)
    {
        var all = FolderFiles.Below(folder, extensions, "recordings", shuffleSeed);
        List<AudioFile> files = [.. from path in all let name = label(path) where name is not null select new AudioFile { AudioPath = Path.Combine(folder, path), Label = name }];
        return files.Count > 0 ? files : throw new InvalidOperationException(
            $"None of the {all.Length:N0} recordings below '{folder}', such as '{all[0]}', has a class. Put each class into a folder of its own, " +
            "or say how a path tells the class: LoadAudioFolder(path, path => …).");
    }
}

/// <summary>A row of <c>LoadAudioFolder</c>: a recording's path and its class.</summary>
public sealed class AudioFile
{
    /// <summary>Gets or sets the path of the recording.</summary>
    public string AudioPath { get; set; } = "";

    /// <summary>Gets or sets the name of the class.</summary>
    public string Label { get; set; } = "";
}
