using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using TorchSharp;

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
    private static DllNotFoundException? refusal;

    /// <summary>Which copy of the wrapper was loaded, or null: its own file.</summary>
    public static string? ChangedWrapper { get; private set; }

    /// <summary>Answers for the libraries that TorchSharp names and the system does not find or load; 0 leaves it at that.</summary>
    public static nint Resolve(string name)
    {
        if (name is LibTorchFiles.TorchCpu or LibTorchFiles.TorchCuda)
            return refusal is null && LibTorchFiles.Find(name, TorchFolders) is { } path && NativeLibrary.TryLoad(path, out var handle) ? handle : 0;
        if (name != LibTorchFiles.Wrapper)
            return 0;
        try
        {
            if (refusal is null)
                return LoadWrapper();
        }
        catch (DllNotFoundException failure)
        {
            if (LibTorchFiles.TorchSharpPackage is not null)
                return 0;                                  // a script: TorchSharp gathers what lies in the package cache
            Refuse(failure);
        }
        // Told that there is nothing, TorchSharp would copy half a gigabyte out of the package cache or print advice about another package.
        // So it is given something that loads, and the first function it calls says what is wrong.
        return NativeLibrary.GetMainProgramHandle();
    }

    /// <summary>Loads libtorch, then the wrapper, each once.</summary>
    /// <exception cref="DllNotFoundException">One of them is missing or does not load.</exception>
    public static nint LoadWrapper()
    {
        lock (Gate)
        {
            if (wrapper != 0)
                return wrapper;
            var path = Find(LibTorchFiles.Wrapper, LibTorchFiles.Folders);
            string[] torchInOrder = [Find("c10", TorchFolders), Find(LibTorchFiles.TorchCpu, TorchFolders), Find("torch", TorchFolders)];
            // libtorch with CUDA has two more, which the last of the three needs: whatever is wrong with them, that one says
            if (LibTorchFiles.Find("c10_cuda", TorchFolders) is { } cuda)
                NativeLibrary.TryLoad(cuda, out _);
            foreach (var library in torchInOrder)
                Load(library);
            return wrapper = OperatingSystem.IsLinux() ? LoadWrapperOnLinux(path) : Load(path);
        }

        static string Find(string library, IReadOnlyList<string> folders) =>
            LibTorchFiles.Find(library, folders) ?? throw LibTorchFailure.Missing(library, folders);
    }

    /// <summary>From now on every native function of TorchSharp fails with this.</summary>
    public static void Refuse(DllNotFoundException failure)
    {
        refusal ??= failure;
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (_, _, _) => throw Again(failure));
        }
        catch (InvalidOperationException)
        {
            // somebody answers for TorchSharp already, this class perhaps; EnsureLoaded tells all the same
        }
    }

    public static void ThrowIfRefused()
    {
        if (refusal is not null)
            throw Again(refusal);
    }

    private static DllNotFoundException Again(DllNotFoundException failure) => new(failure.Message, failure.InnerException);

    private static IReadOnlyList<string> TorchFolders => LibTorchOverride.Folder is { } folder ? [folder] : LibTorchFiles.Folders;

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
            throw LibTorchFailure.Unloadable(path, $"{error}, and no copy without that could be loaded: {failure.Message}", failure);
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
