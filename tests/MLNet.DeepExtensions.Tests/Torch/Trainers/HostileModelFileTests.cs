using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>Model files that are damaged or made to hurt: our own reader answers each with one kind of exception, and takes no memory for what is not there.</summary>
public sealed class HostileModelFileTests
{
    private static readonly byte[] good = Make();

    private readonly MLContext ml = new();

    [Fact]
    public void GoodFile_Opens()
    {
        using var model = DeepModel.Load(new MemoryStream(good));
        Assert.Equal(new Mlp { HiddenSizes = [16] }.HiddenSizes, ((Mlp)model.Config).HiddenSizes);
        Assert.Equal(["kind 0", "kind 1", "kind 2"], model.Labels);
    }

    [Fact]
    public void TruncatedAnywhere_IsRefused()
    {
        for (var length = 0; length < good.Length; length += 64)
        {
            var cut = good[..length];
            Assert.Throws<InvalidModelFileException>(() => DeepModel.Load(new MemoryStream(cut)));
            // ML.NET's own reader comes first here, so the kind of exception is its choice
            Assert.ThrowsAny<Exception>(() => ml.Model.Load(new MemoryStream(cut), out _));
        }
    }

    [Fact]
    public void AnyByteFlipped_GivesTheOneExceptionOrTheModel()
    {
        for (var place = 0; place < good.Length; place += 7)
        {
            var changed = (byte[])good.Clone();
            changed[place] ^= 0xFF;
            try
            {
                DeepModel.Load(new MemoryStream(changed)).Dispose();
            }
            catch (InvalidModelFileException)
            {
            }
        }
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("config.json")]
    public void BitThatFellOver_InAnEntryThatIsNotCompressed_IsRefused(string name)
    {
        var file = Zip(copy =>
        {
            using var archive = new ZipArchive(new MemoryStream(good));
            foreach (var entry in archive.Entries)
            {
                using var stream = copy.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                stream.Write(Content(archive, entry.FullName));
            }
        });
        DeepModel.Load(new MemoryStream(file)).Dispose();
        var content = Content(file, name);
        var place = file.AsSpan().IndexOf(content) + content.Length - 5;
        file[place] ^= 0x01;                                // a weight's last bit; or a letter
        Refused(file, "checksum");
        RefusedByMLNet(file, "checksum");
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("/etc/config.json")]
    [InlineData("a/../../config.json")]
    [InlineData("..\\config.json")]
    [InlineData("C:\\config.json")]
    public void NameThatPointsOutside_IsRefused(string name) =>
        Refused(Change(archive => Add(archive, name, "{}"u8)), "points outside");

    [Fact]
    public void NameThatStandsTwice_IsRefused() => Refused(Change(archive => Add(archive, NameOf(archive, "config.json"), "{}"u8)), "twice");

    [Fact]
    public void NoNetworkAtAll_IsRefused() => Refused(Zip(archive => Add(archive, "something.txt", "hello"u8)), "holds no deep network");

    [Fact]
    public void NotAZip_IsRefused() => Refused(Encoding.UTF8.GetBytes("this is no zip file, and never was one"), "no zip file");

    [Fact]
    public void TwoNetworks_AreListed_AndOneCanBeNamed()
    {
        var two = Change(archive =>
        {
            foreach (var name in new[] { "config.json", "weights.safetensors" })
                Add(archive, "Other/" + name, Content(archive, name));
        });
        Refused(two, "Other");
        using var model = DeepModel.Load(new MemoryStream(two), entry: "Other");
        Assert.Equal(3, model.Labels.Count);
        Assert.Contains("'Third' is none", Assert.Throws<InvalidModelFileException>(() => DeepModel.Load(new MemoryStream(two), entry: "Third")).Message);
    }

    [Fact]
    public void WeightsThatUnpackToManyTimesTheirSize_AreRefused()
    {
        var bomb = new byte[64 << 20];
        BinaryPrimitives.WriteUInt64LittleEndian(bomb, 8);
        Refused(WithEntry("weights.safetensors", bomb), "would unpack to");
        RefusedByMLNet(WithEntry("weights.safetensors", bomb), "would unpack to");
    }

    [Fact]
    public void EntryThatUnpacksToMoreThanTheArchiveSays_IsRefused()
    {
        // the central directory's length of config.json (24 bytes behind its signature) is made one byte less; the data stay
        var file = (byte[])good.Clone();
        var name = Encoding.UTF8.GetBytes("config.json");
        var place = file.AsSpan().LastIndexOf(name);
        var header = file.AsSpan(0, place).LastIndexOf("PK\u0001\u0002"u8);
        var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(header + 24));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(header + 24), length - 1);
        Refused(file, "config.json' in the file is damaged");
    }

    [Fact]
    public void ConfigThatUnpacksToManyTimesItsSize_IsRefused() => Refused(WithEntry("config.json", new byte[64 << 20]), "would unpack to");

    [Fact]
    public void ConfigThatAsksForAHugeNetwork_TakesNoMemory()
    {
        var huge = Encoding.UTF8.GetString(Content(good, "config.json")).Replace("16\n", "65536\n, 65536, 65536, 65536, 65536, 65536\n");
        Assert.Contains("65536", huge);
        var file = WithEntry("config.json", Encoding.UTF8.GetBytes(huge));
        var before = Environment.WorkingSet;
        Refused(file, "weights do not fit the network");
        RefusedByMLNet(file, "weights do not fit the network");
        Assert.True(Environment.WorkingSet - before < 200 << 20);
    }

    [Theory]
    [InlineData("\"type\": \"mlp\"", "\"type\": \"wormhole\"", "'wormhole'")]
    [InlineData("\"format\": 1", "\"format\": 99", "format 99")]
    [InlineData("\"dropout\": 0", "\"dropout\": 7", "Dropout")]
    [InlineData("\"dropout\": 0", "\"droppings\": 0", "droppings")]
    [InlineData("\"dropout\": 0", "\"dropout\": \"x\"", "dropout")]
    [InlineData("\"classes\": 3", "\"classes\": -3", "Classes")]
    [InlineData("\"classes\": 3", "\"classes\": 4", "3 labels for 4 classes")]
    [InlineData("\"length\": 4", "\"length\": 0", "Length")]
    [InlineData("\"length\": 4", "\"length\": 5", "do not fit")]
    [InlineData("\"kind\": \"text\"", "\"kind\": \"code\"", "'code'")]
    public void ConfigThatIsWrong_SaysWhere(string good, string bad, string complaint)
    {
        var config = Encoding.UTF8.GetString(Content(HostileModelFileTests.good, "config.json"));
        Assert.Contains(good, config);
        var file = WithEntry("config.json", Encoding.UTF8.GetBytes(config.Replace(good, bad)));
        Refused(file, complaint);
        RefusedByMLNet(file, complaint);
    }

    private static byte[] Make()
    {
        var ml = new MLContext(seed: 1);
        var data = Blobs.View(ml, 60);
        using var model = Blobs.Pipeline(ml, Blobs.Options with { Epochs = 1 }).Fit(data);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        return file.ToArray();
    }

    private static void Refused(byte[] file, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidModelFileException>(() => DeepModel.Load(new MemoryStream(file)).Dispose()).Message);

    private void RefusedByMLNet(byte[] file, string complaint) =>
        Assert.Contains(complaint, Assert.ThrowsAny<Exception>(() => ml.Model.Load(new MemoryStream(file), out _)).ToString());

    private static byte[] WithEntry(string name, byte[] content) => Change(archive =>
    {
        var full = NameOf(archive, name);
        archive.GetEntry(full)!.Delete();
        Add(archive, full, content);
    });

    private static byte[] Change(Action<ZipArchive> change)
    {
        using var stream = new MemoryStream();
        stream.Write(good);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            change(archive);
        return stream.ToArray();
    }

    private static byte[] Zip(Action<ZipArchive> fill)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            fill(archive);
        return stream.ToArray();
    }

    private static void Add(ZipArchive archive, string name, ReadOnlySpan<byte> content)
    {
        using var stream = archive.CreateEntry(name).Open();
        stream.Write(content);
    }

    private static string NameOf(ZipArchive archive, string name) => archive.Entries.First(entry => entry.FullName.EndsWith(name, StringComparison.Ordinal)).FullName;

    private static byte[] Content(byte[] file, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        return Content(archive, name);
    }

    private static byte[] Content(ZipArchive archive, string name)
    {
        using var stream = archive.GetEntry(NameOf(archive, name))!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
