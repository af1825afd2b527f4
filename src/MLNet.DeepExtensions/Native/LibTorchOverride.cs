using System.Reflection;
using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions.Native;

/// <summary>Another libtorch than the application's, named by an environment variable.</summary>
/// <remarks>
/// Two libtorch in a process end in a crash, so the other one must be there before TorchSharp looks for the first: it is loaded as soon as
/// the assembly TorchSharp is, and TorchSharp is told that its own search is done. Libraries that need libtorch find the loaded one by its name.
/// </remarks>
internal static class LibTorchOverride
{
    public const string Variable = "MLNET_DEEPEXTENSIONS_LIBTORCH";

    private static DllNotFoundException? failure;
    private static bool applied;

    /// <summary>The folder with the other libtorch, or null where the variable is not set.</summary>
    public static string? Folder { get; } = FolderNamed(Environment.GetEnvironmentVariable(Variable));

    /// <summary>A folder, or its folder <c>lib</c> if the libraries are there, as in a Python package and in libtorch's own download.</summary>
    internal static string? FolderNamed(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null;
        var folder = Path.GetFullPath(name);
        var inside = Path.Combine(folder, "lib");
        return LibTorchFiles.Find(LibTorchFiles.TorchCpu, [folder]) is null && LibTorchFiles.Find(LibTorchFiles.TorchCpu, [inside]) is not null ? inside : folder;
    }

    /// <summary>Waits for TorchSharp, if the variable is set.</summary>
    public static void Arm()
    {
        if (Folder is null)
            return;
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Apply(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            Apply(assembly);
    }

    public static void ThrowIfFailed()
    {
        if (failure is not null)
            throw new DllNotFoundException(failure.Message, failure);
    }

    private static void Apply(Assembly assembly)
    {
        if (applied || assembly.GetName().Name != "TorchSharp")
            return;
        applied = true;
        var reason = ReasonAgainst(assembly);
        try
        {
            if (reason is null)
                LibTorchLoader.LoadWrapper(assembly);
        }
        catch (DllNotFoundException cause)
        {
            reason = cause.Message;
        }
        try
        {
            NativeLibrary.SetDllImportResolver(assembly, Answer);
        }
        catch (InvalidOperationException)
        {
            reason ??= "somebody else answers for TorchSharp's libraries already (NativeLibrary.SetDllImportResolver)";
        }
        if (reason is not null)
            failure = new($"{Variable} asks for the libtorch in '{Folder}', which cannot be used: {reason}");
    }

    private static string? ReasonAgainst(Assembly torchSharp)
    {
        var own = LibTorchFiles.Folders(torchSharp);
        if (LibTorchFiles.LoadedFrom(LibTorchFiles.TorchCpu) is { } earlier)
            return $"'{earlier}' is loaded already. Call LibTorch.EnsureLoaded() before anything uses torch.";
        if (LibTorchFiles.Find(LibTorchFiles.TorchCuda, own) is { } cuda)
            return $"the application brings one for CUDA, which TorchSharp would load beside it ('{cuda}'). Let it reference TorchSharp-cpu.";
        if (SearchIsDone(torchSharp) is null && LibTorchFiles.Find(LibTorchFiles.TorchCpu, own) is { } cpu)
            return $"this version of TorchSharp would load the application's beside it ('{cpu}'). Let it reference TorchSharp without TorchSharp-cpu.";
        return null;
    }

    /// <summary>Asked for every native function; the first time inside TorchSharp's static constructor, before it looks for libtorch's CPU part.</summary>
    private static nint Answer(string name, Assembly torchSharp, DllImportSearchPath? _)
    {
        if (name != LibTorchFiles.Wrapper)
            return 0;
        ThrowIfFailed();
        SearchIsDone(torchSharp)?.SetValue(null, true);
        return LibTorchLoader.LoadWrapper(torchSharp);
    }

    /// <summary>TorchSharp's note that libtorch's CPU part is loaded. While it is unset, TorchSharp loads the application's.</summary>
    internal static FieldInfo? SearchIsDone(Assembly torchSharp) =>
        torchSharp.GetType("TorchSharp.torch")?.GetField("nativeBackendLoaded", BindingFlags.Static | BindingFlags.NonPublic);
}
