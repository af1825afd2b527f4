using System.Security.Cryptography;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace MLNet.DeepExtensions.Native;

/// <summary>Keeps changed copies of libraries in a folder of the user's own, under the hash of what they hold.</summary>
/// <remarks>
/// Any number of processes may ask for the same copy at once: each writes a file of its own and renames it, so a copy is there whole or not at all.
/// What is in the folder runs in the process, so a folder that somebody else could write to is refused, and a copy that was there is compared first.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class LibraryCache
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Where the copies are kept: <c>$XDG_CACHE_HOME</c>, else <c>~/.cache</c>; null where there is neither.</summary>
    public static string? Folder
    {
        get
        {
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (!Path.IsPathFullyQualified(cache ?? ""))       // the specification says to ignore a relative one
            {
                var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
                if (!Path.IsPathFullyQualified(home))
                    return null;
                cache = Path.Combine(home, ".cache");
            }
            return Path.Combine(cache!, "mlnet-deepextensions", "libtorch");
        }
    }

    /// <summary>The path of a file with these bytes, written now unless it is there already.</summary>
    /// <exception cref="IOException">The folder cannot be made or written, or somebody else could write to it.</exception>
    public static string Keep(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        RefuseOthers(folder);
        var path = Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}-{name}");
        if (Holds(path, bytes))
            return path;

        var temporary = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var file = new FileStream(temporary, options))
                file.Write(bytes);
            File.Move(temporary, path, overwrite: true);   // a process that has the old file open keeps it
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        return path;
    }

    private static bool Holds(string path, ReadOnlySpan<byte> bytes)
    {
        var file = new FileInfo(path);
        return file.Exists && file.LinkTarget is null && file.Length == bytes.Length && bytes.SequenceEqual(File.ReadAllBytes(path));
    }

    private static void RefuseOthers(string folder)
    {
        const UnixFileMode othersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        var (owner, mode, isFolder) = Posix.Look(folder);
        if (!isFolder || owner != Posix.CurrentUser || (mode & othersWrite) != 0)
            throw new IOException($"'{folder}' is not used: it must be a folder of user {Posix.CurrentUser} that nobody else can write to, " +
                $"but is {(isFolder ? "a folder" : "no folder")} of user {owner} with mode {Octal(mode)}. Remove it, or set XDG_CACHE_HOME to a folder of your own.");

        for (var above = Path.GetDirectoryName(folder); above is not null; above = Path.GetDirectoryName(above))
        {
            mode = File.GetUnixFileMode(above);
            if ((mode & UnixFileMode.OtherWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
                throw new IOException($"'{folder}' is not used: anybody may rename what is in '{above}' (mode {Octal(mode)}). " +
                    "Set XDG_CACHE_HOME to a folder of your own.");
        }

        static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
    }

    /// <summary>Hands a path that leads to these bytes for as long as <paramref name="use"/> runs, without any folder.</summary>
    /// <exception cref="IOException">The system gives no such file.</exception>
    public static T InMemory<T>(string name, ReadOnlySpan<byte> bytes, Func<string, T> use)
    {
        var descriptor = Posix.AnonymousFile(name);
        if (descriptor < 0)
            throw new IOException("the system gives no file in memory (memfd_create).");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.Write(handle, bytes, 0);
        return use($"/proc/self/fd/{descriptor}");
    }
}
