using Microsoft.ML.Data;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Torch.Checkpoints;

[Collection(nameof(Alone))]
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"checkpoints-{Guid.NewGuid():N}");
    private readonly List<string> log = [];

    public CheckpointFolderTests() => ml.Log += (_, entry) =>
    {
        lock (log)
            log.Add(entry.Message);
    };

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private DeepTrainerOptions Options => new() { Epochs = 4, BatchSize = 16, Optimizer = new Sgd { LearningRate = 0.1 }, Checkpoints = new CheckpointPolicy(folder) };

    private DeepTransformer Fit(DeepTrainerOptions options, ModelConfig? model = null) => Blobs.Pipeline(ml, options, model).Fit(Blobs.View(ml, 60)).LastTransformer;

    private List<string> Files() => [.. Directory.GetFiles(folder, "*.checkpoint").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void LatestAreKept_AndTheFinishedModel()
    {
        Fit(Options).Dispose();
        // four steps in an epoch
        Assert.Equal(["finished.checkpoint", "step-0000000012.checkpoint", "step-0000000016.checkpoint"], Files());
    }

    [Fact]
    public void BestAreKeptBesides()
    {
        using var model = Fit(Options with { Epochs = 6, Optimizer = new Sgd { LearningRate = 0.5 }, Checkpoints = new CheckpointPolicy(folder) { KeepLast = 1, KeepBest = 2 } });
        var best = model.History.Epochs.OrderBy(epoch => epoch.Train["loss"]).Take(2).Select(epoch => epoch.Step).Append(24).Distinct().Order();
        Assert.Equal(best.Select(step => $"step-{step:0000000000}.checkpoint").Prepend("finished.checkpoint"), Files());
    }

    [Fact]
    public void FinishedRun_GivesItsModelWithoutTraining()
    {
        using var first = Fit(Options);
        var steps = new Counter();
        using var second = Fit(Options with { Callbacks = [steps] });
        Assert.Equal(0, steps.Steps);
        Assert.Equal(Scores(first), Scores(second));
        Assert.Equal(first.History.Epochs.Count, second.History.Epochs.Count);
    }

    [Fact]
    public void MoreEpochs_GoOnFromTheLastStep()
    {
        using var whole = Fit(Options with { Epochs = 6, Checkpoints = null });
        Fit(Options).Dispose();
        var steps = new Counter();
        using var longer = Fit(Options with { Epochs = 6, Callbacks = [steps] });
        Assert.Equal(8, steps.Steps);
        Assert.Equal(Scores(whole), Scores(longer));
    }

    [Fact]
    public void AllAreDamaged_SaysSo()
    {
        Fit(Options).Dispose();
        foreach (var file in Directory.GetFiles(folder, "*.checkpoint"))
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        Assert.Contains("No checkpoint in", Assert.Throws<InvalidModelFileException>(() => Fit(Options)).Message);
    }

    [Fact]
    public void OtherSettings_SaysWhichDiffer()
    {
        Fit(Options).Dispose();
        var message = Assert.Throws<InvalidOperationException>(() => Fit(Options with { BatchSize = 20, Optimizer = new Sgd { LearningRate = 0.2 } })).Message;
        Assert.Contains("batchSize was 16 and is 20", message);
        Assert.Contains("optimizer.learningRate was 0.1 and is 0.2", message);
        Assert.Contains("model.hiddenSizes was", Assert.Throws<InvalidOperationException>(() => Fit(Options, new Mlp { HiddenSizes = [5] })).Message);
    }

    [Fact]
    public void FolderInUse_IsRefused()
    {
        using var held = new CheckpointFolder(new CheckpointPolicy(folder), _ => { });
        Assert.Contains("Another run uses the checkpoint folder", Assert.Throws<IOException>(() => Fit(Options)).Message);
    }

    [Fact]
    public void ResumeFalse_LosesNothing()
    {
        Fit(Options).Dispose();
        Assert.Contains("Resume = true", Assert.Throws<InvalidOperationException>(() => Fit(Options with { Checkpoints = new CheckpointPolicy(folder) { Resume = false } })).Message);
        Assert.Equal(3, Files().Count);
    }

    [Fact]
    public void RunWithoutASeedOfItsOwn_GoesOnWithTheFirstOnes()
    {
        var unseeded = new MLContext();
        var data = Blobs.View(unseeded, 60);
        using var source = new CancellationTokenSource();
        Blobs.Pipeline(unseeded, Options with { CancellationToken = source.Token, Callbacks = [new Interrupt(new Interruption(5), source)] }).Fit(data).Dispose();
        using var resumed = Blobs.Pipeline(new MLContext(), Options).Fit(data);
        Assert.Equal(4, resumed.LastTransformer.History.Epochs.Count);
    }

    [Fact]
    public void StepLimit_IsReached_AndAHigherOneGoesOn()
    {
        using var whole = Fit(Options with { Checkpoints = null });
        using (var limited = Fit(Options with { MaxSteps = 6 }))
            Assert.Equal(StopReason.LimitReached, limited.History.Stopped);
        using var rest = Fit(Options);
        Assert.Equal(Scores(whole), Scores(rest));
    }

    [Fact]
    public void TimeLimit_EndsTheRun()
    {
        using var model = Fit(Options with { Epochs = 1_000_000, MaxTime = TimeSpan.FromMilliseconds(300), Checkpoints = null });
        Assert.Equal(StopReason.LimitReached, model.History.Stopped);
        Assert.InRange(model.History.Epochs.Count, 1, 999_999);
    }

    private static readonly string me = typeof(CheckpointFolderTests).FullName!;
    private const string Folder = "DEEPEXTENSIONS_TEST_CHECKPOINTS";

    [Fact]
    public void FolderInUseByAnotherProcess_IsRefused_AndFreeWhenThatHasDied()
    {
        using (var child = StartRun())
        {
            Wait(child, () => Newest() > 0);
            Assert.Contains("Another run uses the checkpoint folder", Assert.Throws<IOException>(() => Fit(LongRun(folder))).Message);
            child.Kill();
            child.WaitForExit();
        }
        using var rest = Fit(LongRun(folder) with { MaxSteps = Newest() + 2 });
        Assert.Equal(StopReason.LimitReached, rest.History.Stopped);
    }

    [SlowFact]
    public void KilledAtRandom_TwentyTimes_AtMostTheStepsSinceTheLastCheckpointAreLost_AndTheEndIsTheSame()
    {
        using var whole = Fit(LongRun(null));
        var random = new Random(3);
        var left = 2;
        for (var kills = 1; kills <= 20; kills++)
        {
            var before = Newest();
            Directory.CreateDirectory(folder);
            File.Delete(StepsFile);
            using var child = StartRun();
            // a moment after it has written something new: within steps, while writing, between files
            Wait(child, () => Newest() > before);
            Thread.Sleep(random.Next(0, 60));
            Assert.False(child.HasExited, "the run ended before it was killed");
            child.Kill();
            child.WaitForExit();
            var (after, steps) = (Newest(), StepsMade());
            // it went on where the last one had written, with no step left out; each even step is written before the next even one is, beside the step between
            Assert.Equal(before + 1, steps[0]);
            Assert.Equal(Enumerable.Range(0, steps.Count).Select(i => before + 1 + i), steps);
            Assert.InRange(after, Math.Max(before, (steps[^1] - 1) / 2 * 2 - 2), steps[^1]);
            // the newest can be read, and so can the one before
            var files = Directory.GetFiles(folder, "step-*.checkpoint").Order(StringComparer.Ordinal).ToList();
            // at first one, and one more while the oldest is about to be deleted: which the next run does, if it lives to write
            Assert.InRange(files.Count, kills == 1 ? 1 : 2, left + 1);
            left = Math.Max(2, files.Count);
            foreach (var file in files)
            {
                using var checkpoint = Checkpoint.Load(file);
                Assert.EndsWith($"step-{checkpoint.Run.Step:0000000000}.checkpoint", file);
            }
            Assert.InRange(Directory.GetFiles(folder, ".*.tmp").Length, 0, 1);
        }
        using var resumed = Fit(LongRun(folder));
        Assert.Equal(Scores(whole), Scores(resumed));
        Assert.Empty(Directory.GetFiles(folder, ".*.tmp"));
        Assert.InRange(Directory.GetFiles(folder, "step-*.checkpoint").Length, 1, 2 + 1);       // the last two, and the best where it is neither
    }

    private System.Diagnostics.Process StartRun()
    {
        var child = ChildProcess.StartTest($"{me}.{nameof(RunsUntilKilled)}", (Folder, folder));
        _ = child.StandardOutput.ReadToEndAsync();
        _ = child.StandardError.ReadToEndAsync();
        return child;
    }

    private static void Wait(System.Diagnostics.Process child, Func<bool> until)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!until() && !child.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60))
            Thread.Sleep(1);
        Assert.True(until(), "the run wrote no checkpoint");
    }

    private string StepsFile => Path.Combine(folder, "steps");

    private List<long> StepsMade()
    {
        var bytes = File.ReadAllBytes(StepsFile);
        return [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BitConverter.ToInt64(bytes, i * 8))];
    }

    [Fact(Explicit = true)]
    public void RunsUntilKilled() => Fit(LongRun(Environment.GetEnvironmentVariable(Folder)!) with { Callbacks = [new SlowSteps(Path.Combine(Environment.GetEnvironmentVariable(Folder)!, "steps"))] }).Dispose();

    // 4 steps in an epoch, a checkpoint every other one
    private static DeepTrainerOptions LongRun(string? into) => new()
    {
        Epochs = 400, BatchSize = 16, Seed = 5, Optimizer = new AdamW { LearningRate = 0.001 }, Checkpoints = into is null ? null : new CheckpointPolicy(into) { EverySteps = 2 },
    };

    private long Newest() => Directory.Exists(folder)
        ? Directory.GetFiles(folder, "step-*.checkpoint").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)["step-".Length..])).DefaultIfEmpty(0).Max() : 0;

    private List<float> Scores(DeepTransformer model) => [.. model.Transform(Blobs.View(ml, 30, seed: 9)).GetColumn<float[]>("Score").SelectMany(row => row)];

    private sealed class Counter : Callback
    {
        public int Steps { get; private set; }

        public override void OnBatchEnd(TrainingState state) => Steps++;
    }

    // slow, and each step written down before the checkpoint is
    private sealed class SlowSteps(string path) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            using (var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0))
                file.Write(BitConverter.GetBytes(state.Step));
            Thread.Sleep(10);
        }
    }
}
