using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using MLNet.DeepExtensions.Native;
using TorchSharp;

namespace MLNet.DeepExtensions.Tests;

[Collection(nameof(Alone))]
public sealed partial class HeapReuseTests
{
    private const long Large = 48 << 20;

    [Fact]
    [SupportedOSPlatform("linux")]
    public void LargeBlocks_AreOfTheHeapWhileHeld_AndOfTheSystemAfterwards()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.Load("libc.so.6"), "mallinfo2", out _), "glibc's matter");
        using (new HeapReuse())
        {
            using (new HeapReuse())
                Assert.InRange(MappedBy(Large), 0, Large / 2);
            Assert.InRange(MappedBy(Large), 0, Large / 2);      // one of two runs is over, the other goes on
        }
        Assert.InRange(MappedBy(20 * Large), 20 * Large, 21 * Large);      // so much that the heap cannot happen to have it free
    }

    // how much more lies in blocks mapped one by one while a tensor lives
    private static long MappedBy(long bytes)
    {
        var before = (long)mallinfo2().MappedBytes;
        using var tensor = torch.empty(bytes, dtype: torch.ScalarType.Byte);
        return (long)mallinfo2().MappedBytes - before;
    }

    // malloc.h: struct mallinfo2
    [StructLayout(LayoutKind.Sequential)]
    private struct HeapInfo
    {
        public nuint Arena, FreeChunks, FastChunks, MappedBlocks, MappedBytes, Highest, FastFree, InUse, Free, Top;
    }

    [LibraryImport("libc.so.6")] private static partial HeapInfo mallinfo2();
}
