namespace MLNet.DeepExtensions;

/// <summary>The pictures below a folder, in an order that no file system and no culture decides.</summary>
internal static class ImageFolder
{
    private static readonly HashSet<string> extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".dib", ".ico", ".pgm", ".ppm", ".pnm",
    };

    public static List<ImageFile> List(string folder, Func<string, string?> label, int? shuffleSeed)
    {
        var all = FolderFiles.Below(folder, extensions, "pictures", shuffleSeed);
        List<ImageFile> files = [.. from path in all let name = label(path) where name is not null select new ImageFile { ImagePath = Path.Combine(folder, path), Label = name }];
        return files.Count > 0 ? files : throw new InvalidOperationException(
            $"None of the {all.Length:N0} pictures below '{folder}', such as '{all[0]}', has a class. Put each class into a folder of its own, " +
            "or say how a path tells the class: LoadImageFolder(path, ImageLabel.OfFileName) for names like cat.0.jpg.");
    }
}

/// <summary>A row of <c>LoadImageFolder</c>: a picture's path and its class.</summary>
public sealed class ImageFile
{
    /// <summary>Gets or sets the path of the picture.</summary>
    public string ImagePath { get; set; } = "";

    /// <summary>Gets or sets the name of the class.</summary>
    public string Label { get; set; } = "";
}

/// <summary>Ways in which a picture's path tells its class.</summary>
public static class ImageLabel
{
    /// <summary>The first folder's name: <c>cat</c> for <c>cat/tabby/1.jpg</c>, nothing for a picture that lies in no folder.</summary>
    /// <param name="path">The path below the folder that is listed, with <c>/</c>.</param>
    /// <returns>The class, or null.</returns>
    public static string? OfFolder(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.IndexOf('/') is > 0 and var end ? path[..end] : null;
    }

    /// <summary>The beginning of the file's name, up to its number: <c>cat</c> for <c>cat.0.jpg</c>, <c>train/cat_17.jpg</c> and <c>cat-3 (2).png</c>; nothing for <c>17.jpg</c>.</summary>
    /// <param name="path">The path below the folder that is listed, with <c>/</c>.</param>
    /// <returns>The class, or null.</returns>
    public static string? OfFileName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileNameWithoutExtension(path[(path.LastIndexOf('/') + 1)..]);
        var end = name.AsSpan().IndexOfAnyInRange('0', '9');
        if (end < 0)
            return null;
        var label = name[..end].TrimEnd('.', '_', '-', ' ', '(');
        return label.Length > 0 ? label : null;
    }
}
