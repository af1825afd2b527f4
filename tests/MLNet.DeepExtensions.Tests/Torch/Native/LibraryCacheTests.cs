using System.Runtime.Versioning;
using MLNet.DeepExtensions.Native;

namespace MLNet.DeepExtensions.Tests;

[SupportedOSPlatform("linux")]
public sealed class LibraryCacheTests : IDisposable
{
    private const string FolderVariable = "LIBRARY_CACHE_TESTS_FOLDER";

    private readonly string root = Directory.CreateTempSubdirectory("deepextensions-").FullName;
    private string Folder => Path.Combine(root, "cache", "libtorch");

    public LibraryCacheTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the cache is used on Linux only");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Keep_InAnEmptyFolder_WritesForTheOwnerOnly()
    {
        var path = LibraryCache.Keep(Folder, "lib.so", "abc"u8);

        Assert.Equal("abc"u8, File.ReadAllBytes(path));
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad-lib.so", Path.GetFileName(path));
        Assert.Equal([path], Directory.GetFiles(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Keep_WhatIsThere_IsNotWrittenAgain()
    {
        var path = LibraryCache.Keep(Folder, "lib.so", "abc"u8);
        var before = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, before);

        Assert.Equal(path, LibraryCache.Keep(Folder, "lib.so", "abc"u8));
        Assert.Equal(before, File.GetLastWriteTimeUtc(path));
    }

    [Theory]
    [InlineData("")]                                       // cut
    [InlineData("abd")]                                    // changed, as long as before
    [InlineData("abcd")]
    public void Keep_WhatIsThereIsDamaged_IsReplaced(string damage)
    {
        var path = LibraryCache.Keep(Folder, "lib.so", "abc"u8);
        using var user = File.OpenRead(path);              // somebody uses the old one
        File.Delete(path);
        File.WriteAllText(path, damage);

        Assert.Equal(path, LibraryCache.Keep(Folder, "lib.so", "abc"u8));
        Assert.Equal("abc", File.ReadAllText(path));
        Assert.Equal('a', user.ReadByte());
    }

    [Fact]
    public void Keep_WhatIsThereIsALink_IsReplacedAndItsTargetUntouched()
    {
        var path = LibraryCache.Keep(Folder, "lib.so", "abc"u8);
        var elsewhere = Path.Combine(root, "elsewhere");
        File.WriteAllText(elsewhere, "abc");
        File.Delete(path);
        File.CreateSymbolicLink(path, elsewhere);

        LibraryCache.Keep(Folder, "lib.so", "abc"u8);
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.Equal("abc", File.ReadAllText(elsewhere));
    }

    [Theory]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void Keep_OthersMayWriteToTheFolder_IsRefused(UnixFileMode more)
    {
        LibraryCache.Keep(Folder, "lib.so", "abc"u8);
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | more);

        var refusal = Assert.Throws<IOException>(() => LibraryCache.Keep(Folder, "lib.so", "abc"u8));
        Assert.Contains($"'{Folder}' is not used: it must be a folder of user {Posix.CurrentUser} that nobody else can write to", refusal.Message);
        Assert.Contains("set XDG_CACHE_HOME", refusal.Message);
    }

    [Fact]
    public void Keep_AnybodyMayRenameTheFolder_IsRefused()
    {
        LibraryCache.Keep(Folder, "lib.so", "abc"u8);
        File.SetUnixFileMode(Path.GetDirectoryName(Folder)!, (UnixFileMode)0x1ff);      // 0777

        Assert.Contains("anybody may rename", Assert.Throws<IOException>(() => LibraryCache.Keep(Folder, "lib.so", "abc"u8)).Message);
    }

    [Fact]
    public void Keep_FolderIsALink_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(root, "cache"));
        Directory.CreateSymbolicLink(Folder, Directory.CreateDirectory(Path.Combine(root, "elsewhere")).FullName);

        Assert.Contains("is no folder of user", Assert.Throws<IOException>(() => LibraryCache.Keep(Folder, "lib.so", "abc"u8)).Message);
    }

    [Fact]
    public void Keep_SeveralProcessesAtOnceOnAnEmptyFolder_EachFindsEveryCopyWhole()
    {
        var children = Enumerable.Range(0, 4)
            .Select(_ => ChildProcess.StartTest($"{typeof(LibraryCacheTests).FullName}.{nameof(KeepManyInAProcessOfItsOwn)}", (FolderVariable, Folder))).ToList();

        Assert.All(children, child => Assert.Contains("kept 60", ChildProcess.Finish(child)));
        Assert.Equal(60, Directory.GetFiles(Folder).Length);                            // and no temporary file
    }

    [Fact(Explicit = true)]
    public void KeepManyInAProcessOfItsOwn()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, $"started by {nameof(Keep_SeveralProcessesAtOnceOnAnEmptyFolder_EachFindsEveryCopyWhole)}");
        for (var i = 0; i < 60; i++)
        {
            var bytes = new byte[500_000];
            Array.Fill(bytes, (byte)i);
            Assert.Equal(bytes, File.ReadAllBytes(LibraryCache.Keep(folder, "lib.so", bytes)));
        }
        TestContext.Current.TestOutputHelper!.WriteLine("kept 60");
    }

    [Fact]
    public void InMemory_GivesAPathThatHoldsTheBytes() =>
        Assert.Equal("abc", LibraryCache.InMemory("lib.so", "abc"u8, File.ReadAllText));
}
