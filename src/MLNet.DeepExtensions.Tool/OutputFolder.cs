namespace MLNet.DeepExtensions.Tool;

/// <summary>A folder that is filled beside its place and moved there when it is whole: nobody ever sees half of it.</summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly string target;
    private readonly bool force;

    /// <exception cref="RefusedException">There is something in that place, or nothing can be written there. It is said now, not after an hour of training.</exception>
    public OutputFolder(string path, bool force)
    {
        (target, this.force) = (Path.TrimEndingDirectorySeparator(path), force);
        Refuse();
        var parent = Path.GetDirectoryName(target) ?? throw new RefusedException($"--out '{path}' is the root of a disk. Name a folder in it.");
        Temporary = Path.Combine(parent, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(Temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"--out '{path}' cannot be written: {e.Message} Name a folder of yours.", e);
        }
    }

    /// <summary>Gets the folder to write into.</summary>
    public string Temporary { get; }

    /// <summary>Moves what was written to its place: all at once where nothing is there, else file by file.</summary>
    /// <exception cref="RefusedException">Something has been put there meanwhile.</exception>
    public void Commit()
    {
        Refuse();
        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any())
        {
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(Temporary, target);
            return;
        }
        foreach (var file in Directory.EnumerateFiles(Temporary, "*", SearchOption.AllDirectories))
        {
            var place = Path.Combine(target, Path.GetRelativePath(Temporary, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Move(file, place, overwrite: true);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Temporary))
            Directory.Delete(Temporary, recursive: true);
    }

    private void Refuse()
    {
        if (File.Exists(target))
            throw new RefusedException($"--out '{target}' is a file. Name a folder, which may be new.");
        if (!force && Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).FirstOrDefault() is { } first)
            throw new RefusedException($"--out '{target}' is not empty: it has {Path.GetFileName(first)}. Name another folder, or write --force to write over files of the same names.");
    }
}
