using System.Runtime.InteropServices;
using TorchSharp;
namespace MLNet.DeepExtensions.Native;
// INTERIM (replaced by branch native)
internal static class LibTorch
{
    static readonly Lazy<bool> loaded = new(Load);
    public static void EnsureLoaded() => _ = loaded.Value;
    static bool Load()
    {
        if (!OperatingSystem.IsLinux()) return true;
        var src = AppContext.BaseDirectory;
        var bytes = File.ReadAllBytes(Path.Combine(src, "libLibTorchSharp.so"));
        for (int i = 0; i + 16 <= bytes.Length; i += 4)
            if (BitConverter.ToUInt32(bytes, i) == 0x0297f842) bytes[i + 4] |= 2;
        var dst = Path.Combine(Directory.CreateTempSubdirectory("spike").FullName, "libLibTorchSharp.so");
        File.WriteAllBytes(dst, bytes);
        foreach (var name in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" }) NativeLibrary.Load(Path.Combine(src, name));
        var h = NativeLibrary.Load(dst);
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == "LibTorchSharp" ? h : 0);
        return true;
    }
}
