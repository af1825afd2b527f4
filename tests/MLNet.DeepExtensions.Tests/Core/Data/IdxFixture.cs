using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Small IDX files in a folder of their own.</summary>
public sealed class IdxFixture : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("idx");

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, byte[] content, bool gzip = false)
    {
        File.WriteAllBytes(PathOf(name), gzip ? Gzip(content) : content);
        return PathOf(name);
    }

    /// <summary>Pictures of random bytes and labels 0 to 9.</summary>
    public (string Images, string Labels) WritePair(int rows, bool gzip = false, int height = 3, int width = 4) =>
        (Write("images", Idx(0x08, [rows, height, width], Numbers(rows * height * width)), gzip),
        Write("labels", Idx(0x08, [rows], [.. Enumerable.Range(0, rows).Select(i => (byte)(i % 10))]), gzip));

    public static byte[] Numbers(int count)
    {
        var numbers = new byte[count];
        new Random(5).NextBytes(numbers);
        return numbers;
    }

    public static byte[] Idx(byte type, uint[] dimensions, byte[] numbers)
    {
        var header = new byte[4 + 4 * dimensions.Length];
        (header[2], header[3]) = (type, (byte)dimensions.Length);
        for (var i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 + 4 * i), dimensions[i]);
        return [.. header, .. numbers];
    }

    public static byte[] Idx(byte type, int[] dimensions, byte[] numbers) => Idx(type, [.. dimensions.Select(size => (uint)size)], numbers);

    public static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
            gzip.Write(content);
        return target.ToArray();
    }

    public static byte[] Gunzip(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var target = new MemoryStream();
        gzip.CopyTo(target);
        return target.ToArray();
    }

    /// <summary>Both columns of all rows, through one cursor.</summary>
    public static (List<byte[]> Features, List<byte> Labels) ReadAll(IDataView view)
    {
        var (features, labels) = (new List<byte[]>(), new List<byte>());
        using var cursor = view.GetRowCursor(view.Schema);
        var feature = cursor.GetGetter<VBuffer<byte>>(view.Schema[0]);
        var label = cursor.GetGetter<byte>(view.Schema[1]);
        var (pixels, digit) = (default(VBuffer<byte>), default(byte));
        while (cursor.MoveNext())
        {
            feature(ref pixels);
            label(ref digit);
            features.Add(pixels.DenseValues().ToArray());
            labels.Add(digit);
        }
        return (features, labels);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
