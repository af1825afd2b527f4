using System.Runtime.InteropServices;
using TorchSharp;

namespace MLNet.DeepExtensions.Native;

/// <summary>What a user reads when libtorch cannot be loaded: what was looked for, where, and what to do.</summary>
internal static class LibTorchFailure
{
    /// <summary>The failure of a library that does not load by its name: because no folder has it, or because what is there does not load.</summary>
    public static DllNotFoundException Of(string library)
    {
        var folders = LibTorchFiles.Folders;
        if (LibTorchFiles.Find(library, folders) is not { } path)
            return Missing(library, folders);
        try
        {
            NativeLibrary.Load(path);
            return Unloadable(path, "it loads from there, but not by its name");
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            return Unloadable(path, failure.Message, failure);
        }
    }

    public static DllNotFoundException Missing(string library, IEnumerable<string> folders) =>
        new($"libtorch, the native library that computes, is not there: looked for {LibTorchFiles.FileName(library)} in {string.Join(", ", folders)}. " +
            $"Add one package of TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)} to the application's project: " +
            "TorchSharp-cpu (any computer), TorchSharp-cuda-windows or TorchSharp-cuda-linux (NVIDIA graphics cards), " +
            $"or set {LibTorchOverride.Variable} to a folder with libtorch.");

    public static DllNotFoundException Unloadable(string path, string reason, Exception? cause = null) =>
        new($"libtorch, the native library that computes, does not load: '{path}' is there, but {reason.TrimEnd('.', '\n')}.", cause);
}
