using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions;

/// <summary>
/// Where rows are kept: managed memory up to a budget, then a file that is mapped into memory where a folder for it was given, else nowhere.
/// What lies in the file counts as the system's cache: it is given back when others need the memory.
/// </summary>
internal sealed class RowMemory(long budget, string? folder = null) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<MemoryMappedViewAccessor> views = [];
    private FileStream? file;
    private long taken;

    public long Budget => budget;

    /// <summary>Gets the bytes in managed memory.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>Gets the bytes in the file.</summary>
    public long OnDisk { get; private set; }

    /// <summary>Memory for some values, or null where the budget is spent and there is no file.</summary>
    public RowChunk<T>? Take<T>(int count) where T : unmanaged
    {
        var bytes = (long)count * Marshal.SizeOf<T>();
        lock (gate)
        {
            if (taken + bytes <= budget)
            {
                taken += bytes;
                return new RowChunk<T>(GC.AllocateUninitializedArray<T>(count));
            }
            return folder is null ? null : Map<T>(folder, count);
        }
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref taken, -bytes);

    private unsafe RowChunk<T> Map<T>(string folder, int count) where T : unmanaged
    {
        var bytes = (long)count * sizeof(T);
        if (file is null)
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(Path.Combine(folder, $"rows-{Guid.NewGuid():N}.cache"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        var start = OnDisk;
        // a view begins at a page
        OnDisk += (bytes + 0xFFFF) & ~0xFFFFL;
        file.SetLength(OnDisk);
        using var mapping = MemoryMappedFile.CreateFromFile(file, null, OnDisk, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        var view = mapping.CreateViewAccessor(start, bytes);
        views.Add(view);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return new RowChunk<T>((nint)(pointer + view.PointerOffset), count);
    }

    public void Dispose()
    {
        foreach (var view in views)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
        views.Clear();
        file?.Dispose();
    }
}

/// <summary>A piece of row memory: an array, or a part of a mapped file.</summary>
internal readonly unsafe struct RowChunk<T> where T : unmanaged
{
    private readonly T[]? array;
    private readonly nint pointer;

    public RowChunk(T[] array) => (this.array, Length) = (array, array.Length);

    public RowChunk(nint pointer, int length) => (this.pointer, Length) = (pointer, length);

    public int Length { get; }

    public bool IsManaged => array is not null;

    /// <summary>The values, where they are in managed memory.</summary>
    public Memory<T>? Memory => array;

    public Span<T> Span => array is not null ? array : new Span<T>((void*)pointer, Length);
}

/// <summary>The rows are more than may be kept.</summary>
internal sealed class RowMemorySpentException(long budget) : Exception($"The rows take more than the {budget:N0} bytes that may be kept.");
