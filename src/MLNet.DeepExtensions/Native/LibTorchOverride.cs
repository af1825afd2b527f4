using TorchSharp;

namespace MLNet.DeepExtensions.Native;

/// <summary>A libtorch that the environment names, for an application that brings none along.</summary>
/// <remarks>
/// Two libtorch in one process end it, and TorchSharp looks for the application's before anybody can tell it not to: so an application
/// that has one is refused. Where it has none, the named one is loaded with the assembly TorchSharp; whatever needs libtorch finds it by its name.
/// </remarks>
internal static class LibTorchOverride
{
    public const string Variable = "MLNET_DEEPEXTENSIONS_LIBTORCH";

    private static int applied;

    /// <summary>The folder with the libtorch to use, or null where the variable is not set.</summary>
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
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Apply(loaded.LoadedAssembly.GetName().Name);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            Apply(assembly.GetName().Name);
    }

    private static void Apply(string? assembly)
    {
        if (assembly != "TorchSharp" || Interlocked.Exchange(ref applied, 1) != 0)
            return;
        var reason = ReasonAgainst();
        try
        {
            if (reason is null)
                LibTorchLoader.LoadWrapper();
        }
        catch (DllNotFoundException failure)
        {
            reason = failure.Message;
        }
        if (reason is not null)
            LibTorchLoader.Refuse(new($"{Variable} asks for the libtorch in '{Folder}', which cannot be used: {reason} " +
                $"It must be the version that TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)} was built for."));
    }

    private static string? ReasonAgainst() =>
        LibTorchFiles.Find(LibTorchFiles.TorchCpu, [Folder!]) is null ?
            $"it has no {LibTorchFiles.FileName(LibTorchFiles.TorchCpu)}." :
        LibTorchFiles.Find(LibTorchFiles.TorchCpu, LibTorchFiles.Folders) is { } own ?
            $"the application has its own, '{own}'. Build it with the package TorchSharp instead of TorchSharp-cpu or -cuda, or unset the variable." :
        LibTorchFiles.LoadedFrom(LibTorchFiles.TorchCpu) is { } earlier ?
            $"'{earlier}' is loaded already. Call LibTorch.EnsureLoaded() before anything uses torch." :
        null;
}
