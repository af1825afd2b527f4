using System.Diagnostics;
using System.Runtime.Versioning;
using MLNet.DeepExtensions.Native;

namespace MLNet.DeepExtensions.Tests;

public sealed class LibTorchTests
{
    private static readonly string me = typeof(LibTorchTests).FullName!;

    [Fact]
    public void Description_TellsWhatWasLoadedAndFromWhere()
    {
        var description = LibTorch.Description;
        Assert.StartsWith($"libtorch {TorchSharp.torch.__version__} from ", description);
        Assert.Contains(LibTorchFiles.FileName("torch_cpu"), description);
    }

    [Fact]
    public void Export_NameThatLibtorchLacks_IsZero() => Assert.Equal(0, LibTorch.Export("no_such_function"));

    [Fact]
    public void Prepare_Alone_LoadsNothing() => Assert.Contains("nothing is loaded", ChildProcess.Finish(ChildProcess.StartTest($"{me}.{nameof(PrepareInAProcessOfItsOwn)}")));

    [Fact]
    public void Torch_TouchedBeforeAnythingOfOurs_Computes() =>
        Assert.Contains("the sum is 3", ChildProcess.Finish(ChildProcess.StartTest($"{me}.{nameof(TouchTorchFirstInAProcessOfItsOwn)}")));

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Torch_CacheFolderIsOpenToOthers_ComputesWithoutIt()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the cache is used on Linux only");
        var cache = Directory.CreateTempSubdirectory("deepextensions-");
        try
        {
            var folder = cache.CreateSubdirectory("mlnet-deepextensions").CreateSubdirectory("libtorch");
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0x1ff);                 // 0777
            var text = ChildProcess.Finish(ChildProcess.StartTest($"{me}.{nameof(TouchTorchFirstInAProcessOfItsOwn)}", ("XDG_CACHE_HOME", cache.FullName)));
            Assert.Contains("the sum is 3", text);
            Assert.Empty(folder.GetFiles());
        }
        finally
        {
            cache.Delete(recursive: true);
        }
    }

    [Fact]
    public void Environment_NamesALibtorchBesideTheApplicationsOwn_IsRefusedBeforeTwoAreLoaded()
    {
        var child = ChildProcess.StartTest($"{me}.{nameof(TouchTorchFirstInAProcessOfItsOwn)}", (LibTorchOverride.Variable, Path.GetDirectoryName(TorchCpu)!));
        var (code, text) = ChildProcess.End(child);
        Assert.NotEqual(0, code);
        Assert.Contains($"{LibTorchOverride.Variable} asks for the libtorch in", text);
        Assert.Contains($"the application has its own, '{TorchCpu}'", text);
    }

    [Fact]
    public void Environment_NamesAFolderWithoutLibtorch_SaysWhatItLacks()
    {
        var child = ChildProcess.StartTest($"{me}.{nameof(TouchTorchFirstInAProcessOfItsOwn)}", (LibTorchOverride.Variable, Path.GetTempPath()));
        var (code, text) = ChildProcess.End(child);
        Assert.NotEqual(0, code);
        Assert.Contains($"which cannot be used: it has no {LibTorchFiles.FileName("torch_cpu")}", text);
    }

    [Fact]
    public void FolderNamed_APythonPackage_IsItsLib()
    {
        var package = Directory.CreateTempSubdirectory("deepextensions-");
        try
        {
            Assert.Equal(package.FullName, LibTorchOverride.FolderNamed(package.FullName));
            File.WriteAllText(Path.Combine(package.CreateSubdirectory("lib").FullName, LibTorchFiles.FileName("torch_cpu")), "");
            Assert.Equal(Path.Combine(package.FullName, "lib"), LibTorchOverride.FolderNamed(package.FullName));
            Assert.Null(LibTorchOverride.FolderNamed(" "));
        }
        finally
        {
            package.Delete(recursive: true);
        }
    }

    [Fact]
    public void Missing_TellsWhereItLookedAndWhatToAdd()
    {
        var message = LibTorchFailure.Missing("torch_cpu", ["/one", "/two"]).Message;
        Assert.Contains($"looked for {LibTorchFiles.FileName("torch_cpu")} in /one, /two.", message);
        Assert.Contains("Add one package of TorchSharp 0.107.0 to the application's project: TorchSharp-cpu", message);
        Assert.Contains("TorchSharp-cuda-windows or TorchSharp-cuda-linux", message);
        Assert.Contains("MLNET_DEEPEXTENSIONS_LIBTORCH", message);
    }

    [Fact(Explicit = true)]
    public void PrepareInAProcessOfItsOwn()
    {
        LibTorch.Prepare();
        GC.KeepAlive(new Sgd());                           // a record of ours is no reason to load it either
        using var process = Process.GetCurrentProcess();
        Assert.DoesNotContain(process.Modules.Cast<ProcessModule>(), module => module.FileName.Contains("torch_cpu", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine("nothing is loaded");
    }

    [Fact(Explicit = true)]
    public void TouchTorchFirstInAProcessOfItsOwn()
    {
        using var ones = TorchSharp.torch.ones(3);
        using var sum = ones.sum();
        TestContext.Current.TestOutputHelper!.WriteLine($"the sum is {sum.item<float>()}");
    }

    private static string TorchCpu => LibTorchFiles.Find("torch_cpu", LibTorchFiles.Folders)!;
}
