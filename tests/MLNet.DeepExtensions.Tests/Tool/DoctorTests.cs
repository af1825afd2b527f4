using System.Runtime.InteropServices;
using MLNet.DeepExtensions.Tool;
using MLNet.DeepExtensions.Tool.Diagnosis;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>What mldeep doctor says of machines, this one among them.</summary>
public class DoctorTests
{
    [Fact]
    public void ThisMachine_HasWhatTrainingNeeds()
    {
        var run = ToolRun.Of("doctor");

        Assert.Equal(ExitCode.Done, run.Code);
        foreach (var subject in new[] { "system", "processor", "memory", "threads", "ML.NET", "libtorch file", "libtorch", "computing", "graphics card", "ONNX Runtime" })
            Assert.Contains(run.Lines, line => line.Length > 10 && line[9..].StartsWith(subject, StringComparison.Ordinal));
        Assert.All(run.Lines[..^1].Where(line => !line.TrimStart().StartsWith('→')), line => Assert.Matches("^(ok     |warning|error  )  ", line));
        Assert.StartsWith("Everything works", run.Lines[^1]);
    }

    [Theory]
    [InlineData("2.36", nameof(Health.Ok))]
    [InlineData("2.17", nameof(Health.Error))]
    [InlineData(null, nameof(Health.Error))]
    public void TheCLibrary_MustBeOneThatLibtorchKnows(string? version, string expected) => Assert.Equal(expected, Advised(MachineFindings.OfCLibrary(version)));

    [Theory]
    [InlineData("linux-x64", nameof(Health.Ok))]
    [InlineData("linux-arm64", nameof(Health.Error))]
    public void TheSystem_MustBeOneThatThereArePackagesFor(string platform, string expected) => Assert.Equal(expected, Advised(MachineFindings.OfSystem(platform, "Linux", ".NET 10")));

    [Fact]
    public void AProcessorWithoutAvx2_IsSlow() => Assert.Equal(nameof(Health.Warning), Advised(MachineFindings.OfProcessor(Architecture.X64, avx2: false, avx512: false)));

    [Fact]
    public void LittleMemory_IsAWarning() => Assert.Equal(nameof(Health.Warning), Advised(MachineFindings.OfMemory(8L << 30, 100 << 20)));

    [Theory]
    [InlineData(null, nameof(Health.Ok))]
    [InlineData("2", nameof(Health.Ok))]
    [InlineData("99", nameof(Health.Warning))]
    [InlineData("all", nameof(Health.Warning))]
    public void Threads_AreAsManyAsThereAreProcessors(string? asked, string expected) => Assert.Equal(expected, Advised(MachineFindings.OfThreads(4, asked)));

    [Theory]
    [InlineData(null, null, nameof(Health.Error))]
    [InlineData("/opt/torch", null, nameof(Health.Error))]
    [InlineData("/opt/torch", "/opt/torch/libtorch_cpu.so", nameof(Health.Ok))]
    public void Libtorch_MustLieSomewhere(string? named, string? path, string expected) => Assert.Equal(expected, Advised(TorchFindings.OfPlace(named, path, ["/app"])));

    [Theory]
    [InlineData(1, true, nameof(Health.Ok))]
    [InlineData(0, true, nameof(Health.Warning))]
    [InlineData(0, false, nameof(Health.Ok))]
    public void AGraphicsCard_IsOnlyAWarningWhereItIsNotUsed(int devices, bool driver, string expected) => Assert.Equal(expected, Advised(TorchFindings.OfGraphics(devices, driver)));

    // who says that something is wrong says what to do
    private static string Advised(Finding finding)
    {
        Assert.Equal(finding.Health != Health.Ok, finding.Advice is not null);
        return finding.Health.ToString();
    }
}
