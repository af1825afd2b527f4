namespace MLNet.DeepExtensions.Tests.Core.Storage;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("atomic").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Write_ReplacesTheFile()
    {
        var path = Path.Combine(folder, "a.bin");
        AtomicFile.Write(path, stream => stream.Write([1, 2]));
        AtomicFile.Write(path, stream => stream.Write([3]));
        Assert.Equal([3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void Write_ThatFailsHalfway_LeavesTheOldFileAndNothingElse()
    {
        var path = Path.Combine(folder, "a.bin");
        AtomicFile.Write(path, stream => stream.Write([1, 2]));
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write([9, 9, 9]);
            throw new IOException("disk full");
        }));
        Assert.Equal([1, 2], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void Write_IntoAFolderThatIsNotThere_SaysHowToMakeIt() =>
        Assert.Contains("Directory.CreateDirectory", Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(Path.Combine(folder, "no", "a.bin"), _ => { })).Message);
}
