using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace MLNet.DeepExtensions.Native;

/// <summary>Finds and loads libtorch, the native library that does the computing.</summary>
/// <remarks>
/// Nothing need be called: libtorch is loaded when it is first used. An application that brings no libtorch along may be given one by the
/// environment variable <c>MLNET_DEEPEXTENSIONS_LIBTORCH</c>: a folder, of a Python installation with CUDA for instance, with the version
/// that TorchSharp was built for. How it works: docs/decisions/native-loader.md.
/// </remarks>
public static class LibTorch
{
    private static readonly Lock Gate = new();
    private static bool prepared;
    private static volatile bool loaded;
    private static nint torchCpu;

    /// <summary>Gets what was loaded and from where, for a log or a bug report. Loads libtorch if it is not loaded yet.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says why and what to do.</exception>
    public static string Description
    {
        get
        {
            EnsureLoaded();
            return $"libtorch {torch.__version__} from {LibTorchFiles.LoadedFrom(LibTorchFiles.TorchCpu) ?? "a place the system does not tell"}" +
                (LibTorchOverride.Folder is null ? "" : $" (named by {LibTorchOverride.Variable})") +
                (LibTorchLoader.ChangedWrapper is not { } changed ? "" : $"; {changed}");
        }
    }

    /// <summary>Loads libtorch now instead of at its first use: its absence shows here, with a message that names the package to add.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says why and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (loaded)
            return;
        Prepare();
        // no lock is held: TorchSharp's static constructor asks the loader, on whichever thread runs it
        var torchSharp = typeof(torch).Assembly;
        LibTorchLoader.ThrowIfRefused();
        // the two libraries that TorchSharp loads first; loaded here, so that their failure is ours to explain
        if (!NativeLibrary.TryLoad(LibTorchFiles.TorchCpu, torchSharp, null, out var cpu))
            throw LibTorchFailure.Of(LibTorchFiles.TorchCpu);
        if (!NativeLibrary.TryLoad(LibTorchFiles.Wrapper, torchSharp, null, out _))
            throw LibTorchFailure.Of(LibTorchFiles.Wrapper);
        LibTorchLoader.ThrowIfRefused();
        torch.InitializeDeviceType(DeviceType.CPU);
        torchCpu = cpu;
        loaded = true;
    }

    /// <summary>Makes the process ready to load libtorch when something needs it. A source file that the package adds to applications calls this.</summary>
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
            // raised only after the system found nothing that loads: where TorchSharp loads by itself, this changes nothing
            (AssemblyLoadContext.GetLoadContext(typeof(LibTorch).Assembly) ?? AssemblyLoadContext.Default).ResolvingUnmanagedDll +=
                (_, name) => LibTorchLoader.Resolve(name);
            LibTorchOverride.Arm();
        }
    }

    /// <summary>The address of a function that libtorch_cpu exports, by its mangled name; 0 where it has none of that name. Loads libtorch if need be.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded.</exception>
    internal static nint Export(string name)
    {
        EnsureLoaded();
        return NativeLibrary.TryGetExport(torchCpu, name, out var address) ? address : 0;
    }
}
