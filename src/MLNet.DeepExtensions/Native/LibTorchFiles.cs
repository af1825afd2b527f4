using System.Reflection;
using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions.Native;

/// <summary>Where the native libraries of TorchSharp may lie, and what they are called on this system.</summary>
internal static class LibTorchFiles
{
    /// <summary>The environment variable that names another libtorch folder than the application's.</summary>
    public const string Variable = "MLNET_DEEPEXTENSIONS_LIBTORCH";

    /// <summary>The libtorch folder that the user asks for, or null: the application's own is used.</summary>
    public static string? Override => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The libraries of libtorch in the order in which each finds the ones it needs; those for CUDA are in a CUDA libtorch only.</summary>
    public static IReadOnlyList<string> InLoadOrder { get; } = ["c10", "c10_cuda", "torch_cpu", "torch_cuda", "torch"];

    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" :
        OperatingSystem.IsMacOS() ? $"lib{library}.dylib" :
        $"lib{library}.so";

    /// <summary>The package folder of this system: <c>linux-x64</c>, <c>win-x64</c>, <c>osx-arm64</c>.</summary>
    public static string Platform =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-") +
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>
    /// Every folder in which an application's native libraries may lie: those the host knows (beside the application, in
    /// <c>runtimes</c>, in the package cache, extracted from a single file), then beside the application and beside TorchSharp.dll.
    /// </summary>
    public static IReadOnlyList<string> Folders(Assembly? torchSharp)
    {
        var known = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var roots = new List<string> { AppContext.BaseDirectory };
        if (BesideOf(torchSharp) is { } beside)
            roots.Add(beside);
        return [.. known.Concat(roots.SelectMany(root => new[] { root, Path.Combine(root, "runtimes", Platform, "native") }))
            .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Distinct()];
    }

    public static string? Find(IEnumerable<string> folders, string library) =>
        folders.Select(folder => Path.Combine(folder, FileName(library))).FirstOrDefault(File.Exists);

#pragma warning disable IL3000                             // empty in a single-file application, which has nothing beside the assembly
    private static string? BesideOf(Assembly? assembly) => assembly?.Location is { Length: > 0 } path ? Path.GetDirectoryName(path) : null;
#pragma warning restore IL3000
}
