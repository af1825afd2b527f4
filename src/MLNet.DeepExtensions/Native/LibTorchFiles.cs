using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MLNet.DeepExtensions.Native;

/// <summary>The native libraries that TorchSharp needs: what they are called here and where they may lie.</summary>
internal static class LibTorchFiles
{
    public const string Wrapper = "LibTorchSharp", TorchCpu = "torch_cpu", TorchCuda = "torch_cuda";

    /// <summary>This system as packages name it: <c>linux-x64</c>, <c>win-x64</c>, <c>osx-arm64</c>.</summary>
    public static string Platform =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-") +
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    public static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" :
        OperatingSystem.IsMacOS() ? $"lib{library}.dylib" :
        $"lib{library}.so";

    /// <summary>
    /// Every folder in which an application's native libraries may lie: those the host knows (beside the application, in
    /// <c>runtimes</c>, in the package cache, extracted from a single file), then beside the application and beside TorchSharp.dll.
    /// </summary>
    public static IReadOnlyList<string> Folders
    {
        get
        {
            var known = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            string?[] roots = [AppContext.BaseDirectory, TorchSharpFolder, TorchSharpPackage];
            return [.. known.Concat(roots.OfType<string>().SelectMany(root => new[] { root, Path.Combine(root, "runtimes", Platform, "native") }))
                .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Distinct()];
        }
    }

    /// <summary>The package TorchSharp in the package cache, if TorchSharp.dll is used from there, as in a script or a notebook; else null.</summary>
    public static string? TorchSharpPackage =>
        Path.GetDirectoryName(TorchSharpFolder) is { } lib && Path.GetFileName(lib) == "lib" ? Path.GetDirectoryName(lib) : null;

#pragma warning disable IL3000                             // empty in a single-file application, where nothing lies beside the assembly
    private static string? TorchSharpFolder => typeof(torch).Assembly.Location is { Length: > 0 } path ? Path.GetDirectoryName(path) : null;
#pragma warning restore IL3000

    public static string? Find(string library, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, FileName(library))).FirstOrDefault(File.Exists);

    /// <summary>The file that a library of this process was loaded from, or null where none is or the system does not tell.</summary>
    public static string? LoadedFrom(string library)
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().FirstOrDefault(module => Path.GetFileName(module.FileName) == FileName(library))?.FileName;
    }
}
