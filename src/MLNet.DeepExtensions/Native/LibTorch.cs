using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace MLNet.DeepExtensions.Native;

/// <summary>Finds and loads libtorch, the native library that does the computing.</summary>
/// <remarks>
/// Nothing need be called: libtorch is loaded when it is first used. How it works: docs/decisions/native-loader.md.
/// </remarks>
public static class LibTorch
{
    private const string TorchSharpName = "TorchSharp", Wrapper = "LibTorchSharp", TorchCpu = "torch_cpu", TorchCuda = "torch_cuda";

    private static readonly Lock Gate = new();
    private static bool prepared, loaded;
    private static nint wrapper, torchCpu;
    private static string how = "";

    /// <summary>Gets what was loaded and from where, for a log or a bug report. Loads libtorch if it is not loaded yet.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says why and what to do.</exception>
    public static string Description
    {
        get
        {
            EnsureLoaded();
            return how;
        }
    }

    /// <summary>Loads libtorch now instead of at its first use: its absence shows here, with a message that names the package to add.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says why and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (loaded)
            return;
        Prepare();
        // no lock is held: TorchSharp's static constructor comes back to Resolve, on whichever thread runs it
        var torchSharp = typeof(torch).Assembly;
        // what TorchSharp itself does first; done here, so that its own fallback, copying half a gigabyte, never starts
        if (!NativeLibrary.TryLoad(TorchCpu, torchSharp, null, out torchCpu))
            throw Failure(LibTorchFiles.Find(LibTorchFiles.Folders(torchSharp), TorchCpu) is { } there ? Reason(there) : null, torchSharp);
        if (!NativeLibrary.TryLoad(Wrapper, torchSharp, null, out _))
            throw Failure(LibTorchFiles.Find(LibTorchFiles.Folders(torchSharp), Wrapper) is { } there ? Reason(there) : null, torchSharp);
        torch.InitializeDeviceType(DeviceType.CPU);
        if (how.Length == 0)
            how = "libtorch of the application";
        loaded = true;
    }

    /// <summary>Makes the process ready to load libtorch when something needs it. Called by a source file that comes with the package.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
#pragma warning disable CA2255                             // a library's first use is exactly when this must run
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void Prepare()
    {
        lock (Gate)
        {
            if (prepared)
                return;
            prepared = true;
            // raised only after the system found nothing that loads: where TorchSharp loads by itself, this costs nothing and changes nothing
            var context = AssemblyLoadContext.GetLoadContext(typeof(LibTorch).Assembly) ?? AssemblyLoadContext.Default;
            context.ResolvingUnmanagedDll += Resolve;
        }
    }

    /// <summary>An exported function of libtorch_cpu, or 0 where it has none of that (mangled) name. Loads libtorch if need be.</summary>
    internal static nint Export(string name)
    {
        EnsureLoaded();
        return NativeLibrary.TryGetExport(torchCpu, name, out var address) ? address : 0;
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (assembly.GetName().Name != TorchSharpName)
            return 0;
        lock (Gate)
        {
            return name switch
            {
                Wrapper => wrapper != 0 ? wrapper : wrapper = LoadWrapper(assembly),
                TorchCpu or TorchCuda when LibTorchFiles.Find(LibTorchFiles.Folders(assembly), name) is { } path =>
                    NativeLibrary.TryLoad(path, out var handle) ? handle : 0,
                _ => 0,
            };
        }
    }

    private static nint LoadWrapper(Assembly torchSharp)
    {
        var folders = LibTorchFiles.Folders(torchSharp);
        if (LibTorchFiles.Find(folders, Wrapper) is not { } path || LibTorchFiles.Find(folders, TorchCpu) is null)
            throw Failure(null, torchSharp);
        foreach (var library in LibTorchFiles.InLoadOrder)
            if (LibTorchFiles.Find(folders, library) is { } file)
                NativeLibrary.Load(file);
        if (!OperatingSystem.IsLinux())
            return NativeLibrary.Load(path);

        var handle = Posix.LoadBound(path, out var error);
        if (handle != 0)
            return handle;
        var bytes = File.ReadAllBytes(path);
        if (!error.Contains(MissingVersion, StringComparison.Ordinal) || !ElfVersionNeeds.MakeWeak(bytes, "libstdc++.so.6", MissingVersion))
            throw Failure(error, torchSharp);
        if (LibraryCache.Folder is { } cache)
        {
            var copy = LibraryCache.Keep(cache, LibTorchFiles.FileName(Wrapper), bytes);
            handle = Posix.LoadBound(copy, out error);
            how = $"libtorch of the application, {LibTorchFiles.FileName(Wrapper)} from {copy} (asks for no {MissingVersion})";
        }
        return handle != 0 ? handle : throw Failure(error, torchSharp);
    }

    private const string MissingVersion = "GLIBCXX_3.4.32";

    private static string Reason(string path)
    {
        try
        {
            NativeLibrary.Load(path);
            return "";
        }
        catch (DllNotFoundException failure)
        {
            return failure.Message;
        }
    }

    private static DllNotFoundException Failure(string? reason, Assembly torchSharp) =>
        new($"libtorch cannot be loaded. {reason} Looked in: {string.Join(", ", LibTorchFiles.Folders(torchSharp))}.");
}
