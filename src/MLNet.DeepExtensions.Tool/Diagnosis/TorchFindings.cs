using MLNet.DeepExtensions.Native;
using TorchSharp;

namespace MLNet.DeepExtensions.Tool.Diagnosis;

/// <summary>libtorch: where it lies, whether it loads, whether it computes, and the graphics card.</summary>
internal static class TorchFindings
{
    public static IEnumerable<Finding> All()
    {
        var (folder, own) = (LibTorchOverride.Folder, LibTorchFiles.Find(LibTorchFiles.TorchCpu, LibTorchFiles.Folders));
        yield return OfPlace(folder, folder is null ? own : LibTorchFiles.Find(LibTorchFiles.TorchCpu, [folder]), LibTorchFiles.Folders);
        if (OperatingSystem.IsLinux())
            yield return OfCache(LibraryCache.Folder);
        var loaded = OfLoading();
        yield return loaded;
        if (loaded.Health == Health.Error)
            yield break;
        yield return OfComputing();
        yield return OfGraphics(CudaDevices(), HasNvidiaDriver());
    }

    internal static Finding OfPlace(string? named, string? path, IReadOnlyList<string> searched) => path is not null
        ? new(Health.Ok, "libtorch file", path + (named is null ? "" : $" (named by {LibTorchOverride.Variable})"))
        : named is not null
            ? new(Health.Error, "libtorch file", $"{LibTorchOverride.Variable} is '{named}', which has no {LibTorchFiles.FileName(LibTorchFiles.TorchCpu)}", "Name a folder that has it, such as site-packages/torch/lib, or unset the variable.")
            : new(Health.Error, "libtorch file", $"no {LibTorchFiles.FileName(LibTorchFiles.TorchCpu)} in {string.Join(", ", searched)}", $"Install the tool again (dotnet tool update), or set {LibTorchOverride.Variable} to a folder with libtorch.");

    // only systems whose libstdc++ is older than the wrapper's need the folder; without it the copy is made in memory
    internal static Finding OfCache(string? folder) => folder is not null ? new(Health.Ok, "cache", folder)
        : new(Health.Warning, "cache", "there is no home folder: a changed library, where one is needed, is kept in memory", "Set XDG_CACHE_HOME to a folder of this user's own.");

    internal static Finding OfGraphics(int devices, bool hasDriver) => devices > 0 ? new(Health.Ok, "graphics card", $"CUDA sees {devices} {(devices == 1 ? "device" : "devices")}; --device auto takes the first")
        : hasDriver ? new(Health.Warning, "graphics card", "there is an NVIDIA driver, but this libtorch is the CPU's: training runs on the processor",
            $"Set {LibTorchOverride.Variable} to a folder with a CUDA libtorch, or, in your own project, take TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu.")
        : new(Health.Ok, "graphics card", "none that CUDA sees; training runs on the processor");

    private static Finding OfLoading()
    {
        try
        {
            return new(Health.Ok, "libtorch", LibTorch.Description);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException)
        {
            return new(Health.Error, "libtorch", (e.InnerException as DllNotFoundException ?? e).Message, "Mend what the message says, then run mldeep doctor again.");
        }
    }

    private static Finding OfComputing()
    {
        using var scope = torch.NewDisposeScope();
        // [0 1; 2 3] times itself
        var square = torch.arange(4, torch.float32).reshape(2, 2);
        float[] product = [.. square.matmul(square).flatten().data<float>()];
        return product is [2, 3, 6, 11] ? new(Health.Ok, "computing", $"a product of matrices is right; {torch.get_num_threads()} threads")
            : new(Health.Error, "computing", $"a product of matrices gave {string.Join(" ", product)} in place of 2 3 6 11", "The libtorch is damaged or of another version: install the tool again.");
    }

    private static int CudaDevices() => torch.cuda.is_available() ? torch.cuda.device_count() : 0;

    private static bool HasNvidiaDriver() => OperatingSystem.IsWindows() ? File.Exists(Path.Combine(System.Environment.SystemDirectory, "nvcuda.dll")) : File.Exists("/proc/driver/nvidia/version");
}
