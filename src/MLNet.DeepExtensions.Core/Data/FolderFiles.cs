namespace MLNet.DeepExtensions;

/// <summary>The files of some kind below a folder, in an order that no file system and no culture decides.</summary>
internal static class FolderFiles
{
    /// <param name="folder">The folder. Names that begin with a dot are passed over.</param>
    /// <param name="extensions">The endings that count, with their dot.</param>
    /// <param name="kind">What the files are, for messages.</param>
    /// <param name="shuffleSeed">Mixes them; null sorts by path, byte by byte.</param>
    /// <returns>Paths below the folder, written with <c>/</c>; at least one.</returns>
    public static string[] Below(string folder, IReadOnlySet<string> extensions, string kind, int? shuffleSeed)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}' ({Path.GetFullPath(folder)}).");
        var all = Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true })
            .Where(path => extensions.Contains(Path.GetExtension(path)))
            .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(path => !path.Split('/').Any(part => part.StartsWith('.')))
            .Order(StringComparer.Ordinal).ToArray();
        if (all.Length == 0)
            throw new InvalidOperationException($"The folder '{folder}' holds no {kind}. Looked for: {string.Join(" ", extensions)}.");
        if (shuffleSeed is { } seed)
            new SeededRandom(seed).Shuffle<string>(all);
        return all;
    }
}
