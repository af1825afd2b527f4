namespace MLNet.DeepExtensions.Tests.Reporting;

public sealed class PngFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void FolderThatIsNotThere_SaysHowToMakeIt() =>
        Assert.Contains("Directory.CreateDirectory", Assert.Throws<DirectoryNotFoundException>(() => Save(Path.Combine(folder, "no", "x.png"))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("sub/")]
    public void Folder_IsNoFile(string path) =>
        Assert.Contains("is a folder. Name the file too", Assert.Throws<ArgumentException>(() => Save(Path.Combine(folder, path))).Message);

    [Theory]
    [InlineData("curve.jpg", "curve.png\"")]
    [InlineData("curve", "curve.png\"")]
    public void OtherKindOfFile_SaysWhatToWrite(string name, string instead) =>
        Assert.Contains(instead, Assert.Throws<ArgumentException>(() => Save(Path.Combine(folder, name))).Message);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void EmptyPath_IsRefused(string path) => Assert.Throws<ArgumentException>(() => Save(path));

    [Fact]
    public void FileThatIsThere_IsReplaced_AndKeptWhereDrawingFails()
    {
        var path = Path.Combine(folder, "x.PNG");
        File.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => PngFile.Save(path, 10, 10, _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(path));
        Save(path);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(path)[..4]);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder));
    }

    private static void Save(string path) => PngFile.Save(path, 10, 10, _ => { });
}
