using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace MLNet.DeepExtensions.Tests.Core.Storage;

public class SafetensorsTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}""";

    [Fact]
    public void WhatIsWritten_IsRead()
    {
        var file = Write([("b", TensorType.I64, []), ("a", TensorType.F32, [2, 3]), ("c", TensorType.BOOL, [5]), ("empty", TensorType.F16, [0, 4])]);
        var reader = SafetensorsReader.Open(new MemoryStream(file));
        Assert.Equal(["b: I64 []", "a: F32 [2, 3]", "empty: F16 [0, 4]", "c: BOOL [5]"], reader.Entries.Select(entry => entry.ToString()));
        foreach (var entry in reader.Entries)
        {
            var data = new byte[entry.Bytes];
            reader.Read(data);
            Assert.Equal(Data(entry), data);
        }
        reader.End();
    }

    [Fact]
    public void Header_IsPaddedSoThatTensorsLieAligned()
    {
        var file = Write([("a", TensorType.F32, [1]), ("name of odd length", TensorType.F64, [1])]);
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(file) % 8);
    }

    [Fact]
    public void TheSameTensors_GiveTheSameBytes_InWhateverOrder() =>
        Assert.Equal(Write([("a", TensorType.F32, [2]), ("b", TensorType.U8, [3])]), Write([("b", TensorType.U8, [3]), ("a", TensorType.F32, [2])]));

    [Theory]
    [InlineData("reference/hf-bert-tiny/model.safetensors")]
    [InlineData("reference/hf-gpt2-tiny/model.safetensors")]
    public void FilesOfTheReferenceImplementation_AreRead(string path)
    {
        using var stream = File.OpenRead(SharedData.Find(path));
        var reader = SafetensorsReader.Open(stream);
        Assert.NotEmpty(reader.Entries);
        foreach (var entry in reader.Entries)
            reader.Read(new byte[entry.Bytes]);
        reader.End();
    }

    public static TheoryData<string, string> Attacks => new()
    {
        { "not an object", """[1]""" },
        { "does not start", """ {"a":{}}""" },
        { "JSON", """{"a":""" },
        { "twice", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""" },
        { "two of shape", """{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}""" },
        { "unknown property", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"code":"x"}}""" },
        { "dtype 'F31'", """{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""" },
        { "dtype '3'", """{"a":{"dtype":"3","shape":[1],"data_offsets":[0,1]}}""" },
        { "lacks", """{"a":{"dtype":"U8","shape":[1]}}""" },
        { "lacks", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}""" },
        { "is -1", """{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""" },
        { "is -8", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[-8,-7]}}""" },
        { "takes 4 bytes", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}""" },
        { "overflow", """{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}""" },
        { "takes", """{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,32]}}""" },
        { "33 sizes", $$$"""{"a":{"dtype":"F32","shape":[{{{string.Join(',', Enumerable.Repeat(1, 33))}}}],"data_offsets":[0,4]}}""" },
        { "where 0 is due", """{"a":{"dtype":"U8","shape":[31],"data_offsets":[1,32]}}""" },
        { "where 16 is due", """{"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16]},"b":{"dtype":"U8","shape":[24],"data_offsets":[8,32]}}""" },
        { "where 8 is due", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[16],"data_offsets":[16,32]}}""" },
        { "end at byte", """{"a":{"dtype":"U8","shape":[33],"data_offsets":[0,33]}}""" },
        { "end at byte", """{"a":{"dtype":"U8","shape":[31],"data_offsets":[0,31]}}""" },
        { "", """{"__metadata__":{"x":1},"a":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}}""" },
        { "", """{"__metadata__":"x","a":{"dtype":"U8","shape":[32],"data_offsets":[0,32]}}""" },
        { "", """{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,32]}}""" },
        { "", """{"a":{"dtype":"U8","shape":[1e30],"data_offsets":[0,32]}}""" },
        { "", """{"a":{"dtype":"U8","shape":"32","data_offsets":[0,32]}}""" },
        { "", """{"a":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}""" },
    };

    [Theory, MemberData(nameof(Attacks))]
    public void HeaderThatContradictsItself_IsRefused(string complaint, string header)
    {
        var error = Assert.Throws<InvalidModelFileException>(() => SafetensorsReader.Open(new MemoryStream(Encode(header, 32))));
        Assert.Contains(complaint == "not an object" ? "does not start" : complaint, error.Message);
    }

    [Fact]
    public void HeaderThatIsNotUtf8_IsRefused()
    {
        var file = Encode(Good, 32);
        file[8 + 2] = 0xFF;
        Assert.Contains("UTF-8", Assert.Throws<InvalidModelFileException>(() => SafetensorsReader.Open(new MemoryStream(file))).Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData((16UL << 20) + 1)]
    [InlineData((16UL << 20) - 1)]
    [InlineData(1UL << 62)]
    public void HeaderLengthThatLies_CostsNoMemory(ulong length)
    {
        var file = Encode(Good, 32);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        foreach (var stream in new Stream[] { new MemoryStream(file), new ForwardOnly(file) })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidModelFileException>(() => SafetensorsReader.Open(stream));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 500_000);
        }
    }

    [Fact]
    public void TruncatedAnywhere_IsRefused()
    {
        var file = Write([("a", TensorType.F32, [20]), ("b", TensorType.I64, [7]), ("c", TensorType.U8, [13])]);
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<InvalidModelFileException>(() => ReadAll(new MemoryStream(file[..length])));
            Assert.Throws<InvalidModelFileException>(() => ReadAll(new ForwardOnly(file[..length])));
        }
    }

    [Fact]
    public void SomethingBehindTheLastTensor_IsRefused()
    {
        byte[] file = [.. Encode(Good, 32), 0];
        Assert.Throws<InvalidModelFileException>(() => ReadAll(new MemoryStream(file)));
        Assert.Contains("follows", Assert.Throws<InvalidModelFileException>(() => ReadAll(new ForwardOnly(file))).Message);
    }

    [Fact]
    public void AnyByteChanged_GivesTheOneExceptionOrAFile()
    {
        var file = Encode(Good, 32);
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte).Sample((place, value) =>
        {
            var changed = (byte[])file.Clone();
            changed[place] = value;
            try
            {
                ReadAll(new MemoryStream(changed));
            }
            catch (InvalidModelFileException)
            {
            }
        }, iter: 20_000);
    }

    [Fact]
    public void AnyTensors_ComeBack() =>
        Gen.Select(Gen.String[1, 30], Gen.Enum<TensorType>(), Gen.Long[0, 5].Array[0, 4]).Array[0, 12].Sample(tensors =>
        {
            // half a surrogate pair is no text
            var distinct = tensors.Where(tensor => !tensor.Item1.Any(char.IsSurrogate) && tensor.Item1 != "__metadata__").DistinctBy(tensor => tensor.Item1).ToArray();
            Assert.Equal(distinct.Length, ReadAll(new ForwardOnly(Write(distinct))));
        }, iter: 300);

    private static int ReadAll(Stream stream)
    {
        var reader = SafetensorsReader.Open(stream);
        foreach (var entry in reader.Entries)
        {
            var data = new byte[entry.Bytes];
            reader.Read(data);
        }
        reader.End();
        return reader.Entries.Count;
    }

    private static byte[] Write((string Name, TensorType Type, long[] Shape)[] tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors.Select(tensor =>
        {
            var entry = new TensorEntry(tensor.Name, tensor.Type, tensor.Shape, tensor.Shape.Aggregate(1L, (a, b) => a * b) * tensor.Type.Size());
            return (entry, (Action<Stream>)(target => target.Write(Data(entry))));
        }));
        return stream.ToArray();
    }

    private static byte[] Data(TensorEntry entry) => [.. Enumerable.Range(0, (int)entry.Bytes).Select(i => (byte)(i * 7 + entry.Name.Length))];

    private static byte[] Encode(string header, int data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)json.Length);
        json.CopyTo(file, 8);
        return file;
    }

    /// <summary>A stream that knows neither its length nor its place, as an unpacking one.</summary>
    private sealed class ForwardOnly(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    }
}
