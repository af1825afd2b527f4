using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using MLNet.DeepExtensions.Native;

namespace MLNet.DeepExtensions.Tool.Diagnosis;

/// <summary>The system, its C library, the processor, memory and threads.</summary>
internal static partial class MachineFindings
{
    // what the packages of TorchSharp are built for, and the glibc that manylinux_2_28, for which libtorch is built, stands for
    private static readonly string[] platforms = ["linux-x64", "win-x64", "osx-arm64"];
    private static readonly Version oldestGlibc = new(2, 28);

    public static IEnumerable<Finding> All() =>
    [
        OfSystem(LibTorchFiles.Platform, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription),
        .. OperatingSystem.IsLinux() ? [OfCLibrary(GlibcVersion())] : Array.Empty<Finding>(),
        OfProcessor(RuntimeInformation.ProcessArchitecture, Avx2.IsSupported, Avx512F.IsSupported),
        OfMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, FreeMemory.Bytes),
        OfThreads(System.Environment.ProcessorCount, System.Environment.GetEnvironmentVariable("OMP_NUM_THREADS")),
    ];

    internal static Finding OfSystem(string platform, string system, string runtime) => platforms.Contains(platform)
        ? new(Health.Ok, "system", $"{system}, {platform}, {runtime}")
        : new(Health.Error, "system", $"{system}, {platform}: TorchSharp has packages for {string.Join(", ", platforms)} only",
            $"Use one of these systems, or set {LibTorchOverride.Variable} to a folder with a libtorch for this one. Models saved with SavePortable are scored here without libtorch.");

    internal static Finding OfCLibrary(string? version) => version is null
        ? new(Health.Error, "C library", "it is not glibc (musl, as on Alpine?), for which libtorch is built", "Use a system with glibc, such as Debian or Ubuntu, or their container images.")
        : Version.TryParse(version, out var number) && number < oldestGlibc
            ? new(Health.Error, "C library", $"glibc {version}, but libtorch needs {oldestGlibc} or later", "Use a newer system: Debian 10, Ubuntu 20.04, RHEL 8 or later.")
            : new(Health.Ok, "C library", $"glibc {version}");

    internal static Finding OfProcessor(Architecture architecture, bool avx2, bool avx512) => architecture != Architecture.X64
        ? new(Health.Ok, "processor", architecture.ToString())
        : !avx2 ? new(Health.Warning, "processor", "x64 without AVX2: libtorch takes its slow way", "In a virtual machine, hand on the host's processor (cpu host-passthrough).")
        : new(Health.Ok, "processor", avx512 ? "x64 with AVX-512" : "x64 with AVX2");

    internal static Finding OfMemory(long all, long free) => free < 1L << 30
        ? new(Health.Warning, "memory", $"{Gigabytes(free)} free of {Gigabytes(all)}: little for training", "End other programs, raise the container's limit, or take smaller batches and pictures (--batch-size, --side).")
        : new(Health.Ok, "memory", $"{Gigabytes(free)} free of {Gigabytes(all)}");

    internal static Finding OfThreads(int processors, string? asked) => asked is null ? new(Health.Ok, "threads", $"{processors} processors")
        : int.TryParse(asked, out var number) && number > 0 && number <= processors ? new(Health.Ok, "threads", $"{processors} processors, of which OMP_NUM_THREADS allows {number}")
        : new(Health.Warning, "threads", $"{processors} processors, but OMP_NUM_THREADS is '{asked}'", $"Unset OMP_NUM_THREADS, or set it to a number from 1 to {processors}.");

    private static string Gigabytes(long bytes) => (bytes / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GiB";

    // null where the C library is another, which has no such function
    private static string? GlibcVersion()
    {
        try
        {
            return Marshal.PtrToStringUTF8(gnu_get_libc_version());
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc")] private static partial nint gnu_get_libc_version();
}
