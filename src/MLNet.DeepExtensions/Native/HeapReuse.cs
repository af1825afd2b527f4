using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions.Native;

/// <summary>
/// Lets glibc keep what a training step frees for the next step. By itself it gives blocks of more than 32 MiB, which layers on larger pictures need at every step, back to the system at once,
/// and each page that comes back has to be cleared again: up to a fifth of a step. Blocks of the thread that the process began with gain; elsewhere, and off glibc, nothing changes.
/// </summary>
internal sealed partial class HeapReuse : IDisposable
{
    private const int TrimThreshold = -1, MapThreshold = -3, MapMax = -4;                // malloc.h
    private const int LargestMapThreshold = 32 << 20, DefaultMapMax = 65536;

    private static readonly Lock gate = new();
    private static int holders;
    private static bool impossible = !OperatingSystem.IsLinux();

    private bool disposed;

    /// <summary>Holds freed memory until this and all other such objects are disposed; then what is free goes back to the system.</summary>
    public HeapReuse()
    {
        lock (gate)
            if (holders++ == 0)
                Set(mapMax: 0, trimThreshold: int.MaxValue);
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
            if (--holders > 0 || impossible)
                return;
            // where glibc's own adjustment arrives after blocks of this size; a threshold that was set is not adjusted any more
            Set(DefaultMapMax, 2 * LargestMapThreshold);
            _ = malloc_trim(0);
        }
    }

    private static void Set(int mapMax, int trimThreshold)
    {
        if (impossible)
            return;
        try
        {
            _ = mallopt(MapThreshold, LargestMapThreshold);
            _ = mallopt(TrimThreshold, trimThreshold);
            _ = mallopt(MapMax, mapMax);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            impossible = true;                             // another C library
        }
    }

    [LibraryImport("libc")] private static partial int mallopt(int parameter, int value);
    [LibraryImport("libc")] private static partial int malloc_trim(nuint keep);
}
