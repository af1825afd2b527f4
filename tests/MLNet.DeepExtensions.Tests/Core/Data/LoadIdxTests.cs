using System.Buffers.Binary;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

public class LoadIdxTests(IdxFixture files) : IClassFixture<IdxFixture>
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Picture
    {
        [VectorType(3, 4)]
        public byte[] Features { get; set; } = [];

        public byte Label { get; set; }
    }

    [Fact]
    public void MnistTest_HasEveryByteOfTheFiles()
    {
        var (images, labels) = (Mnist("t10k-images-idx3-ubyte.gz"), Mnist("t10k-labels-idx1-ubyte.gz"));
        var view = ml.Data.LoadIdx(images, labels);

        Assert.Equal(10_000, view.GetRowCount());
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 28, 28), view.Schema["Features"].Type);
        Assert.Equal(NumberDataViewType.Byte, view.Schema["Label"].Type);
        var (pictures, digits) = IdxFixture.ReadAll(view);
        Assert.Equal(IdxFixture.Gunzip(images)[16..], pictures.SelectMany(picture => picture).ToArray());
        Assert.Equal(IdxFixture.Gunzip(labels)[8..], digits.ToArray());
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], digits.Take(10));         // as printed in every tutorial
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Gzip_IsToldByTheFirstBytes_NotByTheName(bool gzipImages, bool gzipLabels)
    {
        var images = files.Write(gzipImages ? "a.bin" : "a.gz", IdxFixture.Idx(8, [5, 2, 2], IdxFixture.Numbers(20)), gzipImages);
        var labels = files.Write(gzipLabels ? "b.bin" : "b.gz", IdxFixture.Idx(8, [5], [1, 2, 3, 4, 5]), gzipLabels);
        var (pictures, digits) = IdxFixture.ReadAll(ml.Data.LoadIdx(images, labels));
        Assert.Equal(IdxFixture.Numbers(20), pictures.SelectMany(picture => picture));
        Assert.Equal([1, 2, 3, 4, 5], digits);
    }

    [Fact]
    public void Columns_HaveTheNamesThatWereAskedFor()
    {
        var (images, labels) = files.WritePair(3);
        var view = ml.Data.LoadIdx(images, labels, featureColumnName: "Pixels", labelColumnName: "Digit");
        Assert.Equal(["Pixels", "Digit"], view.Schema.Select(column => column.Name));
    }

    [Fact]
    public void ReadingTheLabels_DoesNotOpenThePictures()
    {
        var (images, labels) = files.WritePair(100, gzip: true);
        var view = ml.Data.LoadIdx(images, labels);
        File.Delete(images);
        Assert.Equal(100, view.GetColumn<byte>("Label").Count());
        Assert.Throws<FileNotFoundException>(() => IdxFixture.ReadAll(view));
    }

    [Fact]
    public void OtherNumbers_ComeInTheirOwnType()
    {
        Numbers<sbyte>(0x09, (to, value) => to[0] = (byte)value, [-128, -1, 0, 127], NumberDataViewType.SByte);
        Numbers<short>(0x0B, BinaryPrimitives.WriteInt16BigEndian, [short.MinValue, -2, 3, short.MaxValue], NumberDataViewType.Int16);
        Numbers<int>(0x0C, BinaryPrimitives.WriteInt32BigEndian, [int.MinValue, -2, 3, int.MaxValue], NumberDataViewType.Int32);
        Numbers<float>(0x0D, BinaryPrimitives.WriteSingleBigEndian, [float.MinValue, -0.5f, float.NaN, float.Epsilon], NumberDataViewType.Single);
        Numbers<double>(0x0E, BinaryPrimitives.WriteDoubleBigEndian, [double.MinValue, -0.5, double.NaN, double.Epsilon], NumberDataViewType.Double);
    }

    private delegate void Write<T>(Span<byte> to, T value);

    private unsafe void Numbers<T>(byte type, Write<T> write, T[] values, DataViewType expected) where T : unmanaged
    {
        var bytes = new byte[values.Length * sizeof(T)];
        for (var i = 0; i < values.Length; i++)
            write(bytes.AsSpan(i * sizeof(T)), values[i]);
        var features = files.Write("features", IdxFixture.Idx(type, [2, 2], bytes), gzip: true);
        var labels = files.Write("numbers", IdxFixture.Idx(type, [2], bytes[..(2 * sizeof(T))]));
        var view = ml.Data.LoadIdx(features, labels);
        Assert.Equal(new VectorDataViewType((PrimitiveDataViewType)expected, 2), view.Schema["Features"].Type);
        Assert.Equal(expected, view.Schema["Label"].Type);
        Assert.Equal(values, view.GetColumn<T[]>("Features").SelectMany(row => row));
        Assert.Equal(values[..2], view.GetColumn<T>("Label"));
    }

    [Fact]
    public void TheView_WorksWithMLNetsOwnOperations()
    {
        var (images, labels) = files.WritePair(1000, gzip: true);
        var view = ml.Data.LoadIdx(images, labels);
        var (pictures, digits) = IdxFixture.ReadAll(view);

        var rows = ml.Data.CreateEnumerable<Picture>(view, reuseRowObject: false).ToList();
        Assert.Equal(pictures, rows.Select(row => row.Features));
        Assert.Equal(digits, rows.Select(row => row.Label));
        Assert.Equal(100, view.Preview(100).RowView.Length);
        Assert.Equal(digits.Skip(20).Take(7), ml.Data.TakeRows(ml.Data.SkipRows(view, 20), 7).GetColumn<byte>("Label"));
        Assert.Equal(pictures[20], ml.Data.TakeRows(ml.Data.SkipRows(view, 20), 1).GetColumn<byte[]>("Features").Single());
        Assert.Equal(pictures, IdxFixture.ReadAll(ml.Data.Cache(view)).Features);
        var shuffled = IdxFixture.ReadAll(ml.Data.ShuffleRows(view, seed: 3)).Features;
        Assert.NotEqual(pictures, shuffled);
        Assert.Equal(pictures.Select(Convert.ToHexString).Order(), shuffled.Select(Convert.ToHexString).Order());

        var model = ml.Transforms.Conversion.MapValueToKey("Key", "Label").Append(ml.Transforms.Conversion.ConvertType("Floats", "Features")).Fit(view);
        var mapped = model.Transform(view);
        Assert.Equal(digits.Select(digit => digit + 1u), mapped.GetColumn<uint>("Key"));
        Assert.Equal(pictures[999].Select(pixel => (float)pixel), mapped.GetColumn<float[]>("Floats").Last());
        using var file = new MemoryStream();
        ml.Model.Save(model, view.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out var schema);
        Assert.Equal(view.Schema.Select(column => (column.Name, column.Type)), schema.Select(column => (column.Name, column.Type)));
        Assert.Equal(mapped.GetColumn<uint>("Key"), loaded.Transform(view).GetColumn<uint>("Key"));
    }

    [Fact]
    public void SeveralCursors_DoNotDisturbEachOther()
    {
        var (images, labels) = files.WritePair(50_000, gzip: true);            // more than one buffer
        var view = ml.Data.LoadIdx(images, labels);
        var (pictures, _) = IdxFixture.ReadAll(view);
        Parallel.For(0, 4, _ => Assert.Equal(pictures, IdxFixture.ReadAll(view).Features));
        Assert.Single(view.GetRowCursorSet(view.Schema, 8));
    }

    [Fact]
    public void ACursor_KeepsMLNetsRules()
    {
        var (images, labels) = files.WritePair(3);
        var view = ml.Data.LoadIdx(images, labels);
        var cursor = view.GetRowCursor([view.Schema["Label"]]);
        var label = cursor.GetGetter<byte>(view.Schema["Label"]);
        var id = cursor.GetIdGetter();
        byte digit = 0;
        DataViewRowId rowId = default;
        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => label(ref digit));
        Assert.True(cursor.IsColumnActive(view.Schema["Label"]));
        Assert.False(cursor.IsColumnActive(view.Schema["Features"]));
        Assert.Contains("not asked for", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<byte>>(view.Schema["Features"])).Message);
        Assert.Contains("'Label' holds Byte, not Single", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["Label"])).Message);
        for (var row = 0; row < 3; row++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(row, cursor.Position);
            id(ref rowId);
            Assert.Equal(new DataViewRowId((ulong)row, 0), rowId);
            label(ref digit);
            label(ref digit);
            Assert.Equal(row, digit);
        }
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        cursor.Dispose();
        cursor.Dispose();

        using var disposed = view.GetRowCursor(view.Schema);
        Assert.True(disposed.MoveNext());
        disposed.Dispose();
        Assert.False(disposed.MoveNext());
    }

    [Fact]
    public void ReadingRows_AllocatesNothingForEach()
    {
        var (images, labels) = files.WritePair(20_000, gzip: true);
        var view = ml.Data.LoadIdx(images, labels);
        using var cursor = view.GetRowCursor(view.Schema);
        var feature = cursor.GetGetter<VBuffer<byte>>(view.Schema[0]);
        VBuffer<byte> pixels = default;
        Assert.True(cursor.MoveNext());
        feature(ref pixels);
        var before = GC.GetAllocatedBytesForCurrentThread();
        while (cursor.MoveNext())
            feature(ref pixels);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Fact]
    public void NoRows_AreNoProblem()
    {
        var (images, labels) = files.WritePair(0);
        var view = ml.Data.LoadIdx(images, labels);
        Assert.Equal(0, view.GetRowCount());
        Assert.Empty(IdxFixture.ReadAll(view).Labels);
    }

    private static string Mnist(string name) => Repository.PathOf("samples", "data", "mnist", name);
}
