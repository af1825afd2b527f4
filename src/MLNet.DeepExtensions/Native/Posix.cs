using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace MLNet.DeepExtensions.Native;

/// <summary>What the loader asks of Linux itself. Called on Linux with glibc only.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Posix
{
    private const int BindNow = 2, CloseOnExec = 1, CurrentFolder = -100, DoNotFollow = 0x100, TypeModeAndOwner = 0x1 | 0x2 | 0x8;

    /// <summary>Loads a library and binds every symbol at once: one that is missing is an error here, not the end of the process later.</summary>
    /// <returns>The handle, or 0 with the dynamic linker's own words in <paramref name="error"/>.</returns>
    public static nint LoadBound(string path, out string error)
    {
        dlerror();                                         // finds the function itself now: finding it later would overwrite what dlopen says
        var handle = dlopen(path, BindNow);
        error = handle == 0 ? Marshal.PtrToStringUTF8(dlerror()) ?? "the dynamic linker gave no reason" : "";
        return handle;
    }

    public static uint CurrentUser => geteuid();

    /// <summary>Owner and mode of a file or folder; of a link itself, not of what it points at.</summary>
    public static (uint Owner, UnixFileMode Mode, bool IsFolder) Look(string path)
    {
        var status = stackalloc byte[256];                 // struct statx, laid out alike on every architecture
        if (statx(CurrentFolder, path, DoNotFollow, TypeModeAndOwner, status) != 0)
            throw new IOException($"'{path}' cannot be looked at: {Marshal.GetLastPInvokeErrorMessage()}.");
        var mode = *(ushort*)(status + 28);
        return (*(uint*)(status + 20), (UnixFileMode)(mode & 0xfff), (mode & 0xf000) == 0x4000);
    }

    /// <summary>An open file that has a name in no folder; 0 or less where the system refuses one.</summary>
    public static int AnonymousFile(string name) => memfd_create(name, CloseOnExec);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial nint dlopen(string path, int flags);
    [LibraryImport("libc")] private static partial nint dlerror();
    [LibraryImport("libc")] private static partial uint geteuid();
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* status);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int memfd_create(string name, uint flags);
}
