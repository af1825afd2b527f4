using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Checkpoints;

/// <summary>A disk that is full, a folder that goes away: training goes on, says so, and tries again; a folder that never takes a file is refused before the first row is read.</summary>
[Collection(nameof(Alone))]
public sealed class CheckpointWritingTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"writing-{Guid.NewGuid():N}");
    private readonly List<string> log = [];

    public CheckpointWritingTests() => ml.Log += (_, entry) =>
    {
        lock (log)
            log.Add($"{entry.Kind}: {entry.Message}");
    };

    public void Dispose()
    {
        foreach (var path in new[] { folder, Away })
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
    }

    private string Away => folder + "-away";

    private DeepTrainerOptions Options => new() { Epochs = 4, BatchSize = 16, Optimizer = new AdamW { LearningRate = 0.02 }, Checkpoints = new CheckpointPolicy(folder) { EverySteps = 1 } };

    private Func<DeepTrainerOptions, DeepTransformer> Fit => options => Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)).LastTransformer;

    private List<string> Files() => [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Where(name => name != "run.lock").Order(StringComparer.Ordinal)];

    private List<string> Warnings()
    {
        lock (log)
            return [.. log.Where(line => line.StartsWith("Warning", StringComparison.Ordinal))];
    }

    // once the step before is written
    private void GoAway()
    {
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(folder, "step-0000000004.checkpoint")), TimeSpan.FromSeconds(30)));
        Thread.Sleep(100);                                  // and the old ones deleted
        Directory.Move(folder, Away);
    }

    [Fact]
    public void FolderGoesAwayAndComesBack_OnlyWhatWasMeantForItMeanwhileIsMissing()
    {
        var whole = Outcome.Of(Fit, Options with { Checkpoints = null });
        whole.AssertSame(Outcome.Of(Fit, Options with { Callbacks = [new AtStep(5, GoAway), new AtStep(7, () =>
        {
            Thread.Sleep(500);                              // what is being written beside the step finds no folder
            Directory.Move(Away, folder);
        })] }));
        Assert.Equal(2, Warnings().Count);                                      // steps 5 and 6
        Assert.All(Warnings(), line => Assert.Contains("could not be written", line));
        Assert.Contains("step 5", Warnings()[0]);
        Assert.Equal(["finished.checkpoint", "step-0000000015.checkpoint", "step-0000000016.checkpoint"], Files());
    }

    [Fact]
    public void FolderStaysAway_TheModelIsThereAllTheSame()
    {
        var whole = Outcome.Of(Fit, Options with { Checkpoints = null });
        whole.AssertSame(Outcome.Of(Fit, Options with { Callbacks = [new AtStep(5, GoAway)] }));
        Assert.Contains(Warnings(), line => line.Contains("step 16"));
    }

    [Fact]
    public void NoFolderCanBeMade_IsSaidBeforeARowIsRead()
    {
        var file = Path.GetTempFileName();
        try
        {
            var trainer = ml.Regression.Trainers.Deep(new Mlp(), Options with { Checkpoints = new CheckpointPolicy(Path.Combine(file, "run")) });
            var error = Assert.ThrowsAny<IOException>(() => trainer.Fit(ml.Data.LoadFromEnumerable(Unreadable())));
            Assert.Contains("checkpoint folder", error.Message);
            Assert.Contains("cannot be written", error.Message);
        }
        finally
        {
            File.Delete(file);
        }

        static IEnumerable<House> Unreadable()
        {
            yield return new House();
            throw new InvalidOperationException("a row was read");
        }
    }

    private sealed class House
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];

        public float Label { get; set; }
    }

    [Fact]
    public void FolderForReadingOnly_IsSaid()
    {
        Directory.CreateDirectory(folder);
        // of who may write everywhere, as root, and of Windows, which has no such folders, it shows nothing
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            Assert.Skip("needs a user who may not write everywhere");
        else
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var error = Assert.Throws<IOException>(() => Fit(Options));
        Assert.Contains("cannot be written", error.Message);
    }

    [Fact]
    public void WhatADeadProcessLeftHalfWritten_IsCleanedUp()
    {
        Fit(Options).Dispose();
        var half = Path.Combine(folder, $".step-0000000017.checkpoint.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(half, "half");
        File.WriteAllText(Path.Combine(folder, "notes.tmp"), "not ours");
        Fit(Options).Dispose();
        Assert.False(File.Exists(half));
        Assert.True(File.Exists(Path.Combine(folder, "notes.tmp")));
    }

    private const string Folder = "DEEPEXTENSIONS_TEST_CHECKPOINTS";
    private static readonly string me = typeof(CheckpointWritingTests).FullName!;

    // a limit on the size of files ends a write halfway, as a full disk does
    [Fact]
    public void DiskIsFull_TheRunGoesOn_AndNothingHalfWrittenStays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a shell's ulimit");
        using var child = new Process
        {
            StartInfo = ChildProcess.Program("/bin/bash", "-c", "trap '' XFSZ; ulimit -f 40; exec \"$@\"", "bash",
                Path.Combine(AppContext.BaseDirectory, "MLNet.DeepExtensions.Tests"), "-method", $"{me}.{nameof(RunsOnAFullDisk)}", "-explicit", "only", "-showLiveOutput", "-noColor"),
        };
        child.StartInfo.Environment[Folder] = folder;
        // the runtime maps its code twice through a file that the limit would hold for as well
        child.StartInfo.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        child.Start();
        var text = ChildProcess.Finish(child);
        Assert.Contains("could not be written", text);
        Assert.Contains("ran to the end", text);
        Assert.Empty(Files());
    }

    [Fact(Explicit = true)]
    public void RunsOnAFullDisk()
    {
        ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                Console.WriteLine(entry.Message);
        };
        // eight weights for each hidden unit are 64 KB, where the limit is 40
        var options = Options with { Checkpoints = new CheckpointPolicy(Environment.GetEnvironmentVariable(Folder)!) };
        using var model = Blobs.Pipeline(ml, options, new Mlp { HiddenSizes = [2000] }).Fit(Blobs.View(ml, 60)).LastTransformer;
        Console.WriteLine(model.History.Epochs.Count == 4 ? "ran to the end" : "stopped early");
    }

    private sealed class AtStep(long step, Action action) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.Step == step)
                action();
        }
    }
}
