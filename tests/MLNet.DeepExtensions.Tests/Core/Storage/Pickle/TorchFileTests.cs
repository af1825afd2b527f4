using System.Diagnostics;
using System.Text;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Files that torch.save wrote, and hostile ones.</summary>
public sealed class TorchFileTests
{
    private const string Folder = "reference/pth";

    public static TheoryData<string> HostileFiles => ["builtins_eval", "builtins_getattr", "deep_nesting", "empty", "huge_shape", "nested_in_state_dict", "not_a_zip", "os_system",
        "storage_missing_bytes", "storage_too_short", "truncated_pickle", "unknown_opcode", "zip_bomb"];

    [Theory, MemberData(nameof(HostileFiles))]
    public void HostileFile_IsRefusedByNameAtOnceAndInLittleMemory(string name)
    {
        var path = SharedData.Find($"{Folder}/hostile_{name}.pth");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var error = Assert.Throws<InvalidModelFileException>(() => TensorFile.Open(path).Dispose());
        // a bomb takes minutes; a machine that is busy with other things, some seconds
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
        Assert.Contains(path, error.Message);
        Assert.InRange(error.Message.Length, 1, 1000);
        if (name is "os_system" or "nested_in_state_dict")
            Assert.Contains("'posix.system'", error.Message);
        if (name is "builtins_eval" or "builtins_getattr")
            Assert.Contains("builtin", error.Message);
    }

    [Fact]
    public void HostileFiles_AreAllThatLieThere()
    {
        var folder = SharedData.Find(Folder);
        Assert.Equal(Directory.GetFiles(folder, "hostile_*").Select(file => Path.GetFileNameWithoutExtension(file)["hostile_".Length..]).Order(StringComparer.Ordinal),
            HostileFiles.Select(row => row.Data).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PickledModule_IsRefusedAndSaysHowToSaveWeightsAlone()
    {
        var path = SharedData.Find($"{Folder}/whole_module.pth");
        var error = Assert.Throws<InvalidModelFileException>(() => TensorFile.Open(path));
        Assert.Contains("'torch.nn.modules.linear.Linear'", error.Message);
        Assert.Contains("torch.save(model.state_dict(), path)", error.Message);
    }

    [Fact]
    public void EveryType_IsRead()
    {
        using var file = TensorFile.Open(SharedData.Find($"{Folder}/every_dtype.pth"));
        Assert.Equal([TensorType.F32, TensorType.F64, TensorType.F16, TensorType.BF16, TensorType.I8, TensorType.U8, TensorType.I16, TensorType.I32, TensorType.I64, TensorType.BOOL],
            file.Entries.Select(entry => entry.Type));
        // 0 and 1 in turn; true and false
        Assert.Equal([0L, 1, 0, 1, 0, 1], Longs(Bytes(file, "int64")));
        Assert.Equal([1, 0, 1, 0, 1, 0], Bytes(file, "bool"));
        Assert.Equal([0f, 1, 0, 1, 0, 1], Floats(Bytes(file, "float32")));
    }

    [Fact]
    public void Views_AreReadAsTheyLook()
    {
        using var file = TensorFile.Open(SharedData.Find($"{Folder}/views_share_storage.pth"));
        var all = file.Entries.Single(entry => entry.Name == "all");
        var (rows, columns) = ((int)all.Shape[0], (int)all.Shape[1]);
        var values = Floats(Bytes(file, "all"));
        Assert.Equal(rows * columns, values.Length);
        Assert.Equal([.. from column in Enumerable.Range(0, columns) from row in Enumerable.Range(0, rows) select values[row * columns + column]], Floats(Bytes(file, "transposed")));
        Assert.Equal(values[columns..(2 * columns)], Floats(Bytes(file, "row")));
        Assert.Equal([.. from row in Enumerable.Range(0, rows) from column in Enumerable.Range(0, columns) where column % 2 == 0 select values[row * columns + column]], Floats(Bytes(file, "strided")));
        Assert.Equal([3.5f], Floats(Bytes(file, "scalar")));
        Assert.Empty(Bytes(file, "empty"));
    }

    [Fact]
    public void NestedCheckpoint_NamesTensorsByTheWayToThem()
    {
        using var file = TensorFile.Open(SharedData.Find($"{Folder}/nested_checkpoint.pth"));
        Assert.Equal(["optimizer.state.0.exp_avg", "optimizer.state.0.step", "state_dict.b", "state_dict.w"], file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("linear_state_dict")]
    [InlineData("legacy_format")]
    [InlineData("parameter")]
    public void EachForm_IsRead(string name)
    {
        using var file = TensorFile.Open(SharedData.Find($"{Folder}/{name}.pth"));
        Assert.All(file.Entries, entry => Assert.All(Floats(Bytes(file, entry.Name)), value => Assert.True(float.IsFinite(value))));
        Assert.Equal(name == "parameter" ? ["tensor"] : ["weight", "bias"], file.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void ThreeFormsOfOneNetwork_HoldEqualTensors()
    {
        var folder = SharedData.Find("data/pretrained/resnet20-cifar10");
        using var safe = TensorFile.Open(Path.Combine(folder, "resnet20-cifar10.safetensors"));
        using var zip = TensorFile.Open(Path.Combine(folder, "resnet20-cifar10.state_dict.pth"));
        using var old = TensorFile.Open(Path.Combine(folder, "resnet20-12fca82f.th"));
        Assert.Equal((97, 97, 97), (safe.Entries.Count, zip.Entries.Count, old.Entries.Count));
        foreach (var entry in safe.Entries)
        {
            Assert.Equal(Bytes(safe, entry.Name), Bytes(zip, entry.Name));
            Assert.Equal(Bytes(safe, entry.Name), Bytes(old, "state_dict.module." + entry.Name));
        }
    }

    [Fact]
    public void FaceDetector_OldForm_ListsItsTensors()
    {
        using var file = TensorFile.Open(Directory.GetFiles(SharedData.Find("data/pretrained/ultra-light-face-rfb320"), "*.pth").Single());
        Assert.Equal(244, file.Entries.Count);
    }

    // pickles by hand: what each opcode may be misused for
    [Theory]
    [InlineData("(((((", "is nested")]
    [InlineData("]r\u0000\u0000\u0000\u0000h\u0000a.", "no tensors")]            // a list in itself
    [InlineData("h\u0007.", "used before it is made")]
    [InlineData("0.", "a value is missing")]
    [InlineData("Ktt.", "a mark is missing")]
    [InlineData("X\u00FF\u00FF\u00FF\u007Fabc.", "are due")]
    [InlineData("cos\nsystem\n.", "'os.system'")]
    [InlineData("K\u0001a.", "a value is missing")]
    [InlineData("K\u0001K\u0002a.", "no container")]
    [InlineData("K\u0001)R.", "no function")]
    public void PickleByHand_IsRefused(string body, string says)
    {
        var text = body == "(((((" ? new string('(', 1000) : body;
        byte[] pickle = [0x80, 2, .. Encoding.Latin1.GetBytes(text)];
        var error = Assert.Throws<InvalidModelFileException>(() => PickledTensors.Find(Unpickler.Read(new PickleInput(pickle))));
        Assert.Contains(says, error.Message);
    }

    private static byte[] Bytes(TensorFile file, string name)
    {
        var entry = file.Entries.Single(entry => entry.Name == name);
        var bytes = new byte[entry.Bytes];
        file.Read(entry, bytes);
        return bytes;
    }

    private static float[] Floats(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, 4 * i))];

    private static long[] Longs(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BitConverter.ToInt64(bytes, 8 * i))];
}
