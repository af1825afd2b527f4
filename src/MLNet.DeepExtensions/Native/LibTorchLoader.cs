using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace MLNet.DeepExtensions.Native;

/// <summary>Loads the native libraries of TorchSharp where the system itself finds none that loads.</summary>
/// <remarks>
/// TorchSharp's wrapper asks for a version of libstdc++ that Debian 12 and Ubuntu 22.04 lack, for a symbol that it never uses.
/// There a copy that may lack this version is loaded instead, after libtorch itself, which the copy then finds by name in the process.
/// </remarks>
internal static class LibTorchLoader
{
    private const string StandardLibrary = "libstdc++.so.6", UnusedVersion = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();             // held while loading, never while TorchSharp's own code runs
    private static nint wrapper;

    /// <summary>The handle of libtorch_cpu where it was loaded here, else 0.</summary>
    public static nint TorchCpu { get; private set; }

    /// <summary>Which copy of the wrapper was loaded, or null: its own file.</summary>
    public static string? ChangedWrapper { get; private set; }

    /// <summary>Answers for the libraries that TorchSharp names and the system does not find or load.</summary>
    /// <exception cref="DllNotFoundException">The wrapper cannot be loaded from anywhere.</exception>
    public static nint Resolve(Assembly assembly, string name)
    {
        if (assembly.GetName().Name != "TorchSharp")
            return 0;
        if (name == LibTorchFiles.Wrapper)
            return LoadWrapper(assembly);
        return name is LibTorchFiles.TorchCpu or LibTorchFiles.TorchCuda && LibTorchFiles.Find(name, TorchFolders(assembly)) is { } path &&
            NativeLibrary.TryLoad(path, out var handle) ? handle : 0;
    }

    /// <summary>Loads libtorch, then the wrapper, each once.</summary>
    /// <exception cref="DllNotFoundException">One of them is missing or does not load.</exception>
    public static nint LoadWrapper(Assembly torchSharp)
    {
        lock (Gate)
        {
            if (wrapper != 0)
                return wrapper;
            var path = Find(LibTorchFiles.Wrapper, LibTorchFiles.Folders(torchSharp));
            Find(LibTorchFiles.TorchCpu, TorchFolders(torchSharp));
            foreach (var library in LibTorchFiles.InLoadOrder)
                if (LibTorchFiles.Find(library, TorchFolders(torchSharp)) is { } file && Load(file) is var handle && library == LibTorchFiles.TorchCpu)
                    TorchCpu = handle;
            return wrapper = OperatingSystem.IsLinux() ? LoadWrapperOnLinux(path) : Load(path);
        }

        string Find(string library, IReadOnlyList<string> folders) =>
            LibTorchFiles.Find(library, folders) ?? throw LibTorchFailure.Missing(library, folders, torchSharp.GetName().Version);
    }

    private static IReadOnlyList<string> TorchFolders(Assembly torchSharp) =>
        LibTorchOverride.Folder is { } folder ? [folder] : LibTorchFiles.Folders(torchSharp);

    private static nint Load(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw LibTorchFailure.Unloadable(path, failure.Message, failure);
        }
    }

    [SupportedOSPlatform("linux")]
    private static nint LoadWrapperOnLinux(string path)
    {
        var handle = Posix.LoadBound(path, out var error);
        if (handle != 0)
            return handle;
        if (!error.Contains(UnusedVersion, StringComparison.Ordinal))
            throw LibTorchFailure.Unloadable(path, error);
        try
        {
            var bytes = File.ReadAllBytes(path);
            return ElfVersionNeeds.MakeWeak(bytes, StandardLibrary, UnusedVersion) ? LoadCopy(path, bytes) : throw LibTorchFailure.Unloadable(path, error);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw LibTorchFailure.Unloadable(path, $"{error}, and no copy without that could be made: {failure.Message}", failure);
        }
    }

    /// <summary>Loads a copy from the cache; from memory where no folder can be used, which some systems forbid and some guards report.</summary>
    [SupportedOSPlatform("linux")]
    private static nint LoadCopy(string path, byte[] bytes)
    {
        string why;
        try
        {
            var copy = LibraryCache.Keep(LibraryCache.Folder ?? throw new IOException("There is no home folder."), Path.GetFileName(path), bytes);
            var handle = Posix.LoadBound(copy, out why);
            if (handle != 0)
            {
                ChangedWrapper = $"its wrapper from '{copy}', a copy of '{path}' that may lack {UnusedVersion}";
                return handle;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            why = failure.Message;
        }

        return LibraryCache.InMemory(Path.GetFileName(path), bytes, file =>
        {
            var handle = Posix.LoadBound(file, out var error);
            ChangedWrapper = $"its wrapper from memory, a copy of '{path}' that may lack {UnusedVersion} (no copy in a folder: {why})";
            return handle != 0 ? handle : throw new IOException($"{why}; in memory: {error}.");
        });
    }
}
