using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Keeps one column's values of the rows that a cursor read ahead.</summary>
internal abstract class ColumnBuffer : IDisposable
{
    /// <summary>The bytes of pictures that a batch may hold before it is closed early.</summary>
    public const long MaxHeldBytes = 64 << 20;

    public static ColumnBuffer Create(DataViewRow input, DataViewSchema.Column column)
    {
        var raw = column.Type.RawType;
        var buffer = raw == typeof(MLImage) ? typeof(ImageBuffer)
            : raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>) ? typeof(VectorBuffer<>).MakeGenericType(raw.GetGenericArguments())
            : typeof(ValueBuffer<>).MakeGenericType(raw);
        return (ColumnBuffer)Activator.CreateInstance(buffer, input, column)!;
    }

    public abstract void Resize(int rows);

    /// <summary>Takes the value of the row that the input stands on.</summary>
    /// <returns>The bytes that this value holds beyond a few, so that a batch of pictures stays bounded.</returns>
    public abstract long Read(int row);

    /// <summary>Makes a getter of the row whose number the function gives.</summary>
    public abstract Delegate MakeGetter(Func<int> row);

    public virtual void Dispose() { }
}

/// <summary>Numbers, text, dates: values that are safe to hand out as they are.</summary>
internal sealed class ValueBuffer<T>(DataViewRow input, DataViewSchema.Column column) : ColumnBuffer
{
    private readonly ValueGetter<T> getter = input.GetGetter<T>(column);
    private T[] values = [];

    public override void Resize(int rows) => values = new T[rows];

    public override long Read(int row)
    {
        getter(ref values[row]);
        return 0;
    }

    public override Delegate MakeGetter(Func<int> row) => (ValueGetter<T>)((ref T value) => value = values[row()]);
}

/// <summary>Vectors: each row has memory of its own, and whoever asks gets a copy in theirs.</summary>
internal sealed class VectorBuffer<T>(DataViewRow input, DataViewSchema.Column column) : ColumnBuffer
{
    private readonly ValueGetter<VBuffer<T>> getter = input.GetGetter<VBuffer<T>>(column);
    private VBuffer<T>[] values = [];

    public override void Resize(int rows) => values = new VBuffer<T>[rows];

    public override long Read(int row)
    {
        getter(ref values[row]);
        return 0;
    }

    public override Delegate MakeGetter(Func<int> row) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => values[row()].CopyTo(ref value));
}

/// <summary>
/// Pictures: the caller may ask twice and may dispose what it gets, so it gets a copy. One that is broken is an error for whoever asks for it, not for the rows that are read ahead with it.
/// </summary>
internal sealed class ImageBuffer(DataViewRow input, DataViewSchema.Column column) : ColumnBuffer
{
    private readonly ValueGetter<MLImage> getter = input.GetGetter<MLImage>(column);
    private readonly Dictionary<int, ExceptionDispatchInfo> broken = [];
    private MLImage?[] values = [];

    public override void Resize(int rows)
    {
        Dispose();
        values = new MLImage?[rows];
    }

    public override long Read(int row)
    {
        values[row]?.Dispose();
        values[row] = null;
        broken.Remove(row);
        MLImage image = null!;
        try
        {
            getter(ref image);
        }
        catch (Exception e) when (PictureFailure.Describes(e))
        {
            broken[row] = ExceptionDispatchInfo.Capture(e);
            return 0;
        }
        values[row] = image;
        return image is null ? 0 : 4L * image.Width * image.Height;
    }

    public override Delegate MakeGetter(Func<int> row) => (ValueGetter<MLImage>)((ref MLImage value) =>
    {
        if (broken.TryGetValue(row(), out var failure))
            failure.Throw();
        var held = values[row()];
        value = held is null ? null! : MLImage.CreateFromPixels(held.Width, held.Height, held.PixelFormat, ImageDoors.PixelsOf(held));
        if (held is not null)
            value.Tag = held.Tag;
    });

    public override void Dispose()
    {
        foreach (var image in values)
            image?.Dispose();
        values = [];
        broken.Clear();
    }
}
