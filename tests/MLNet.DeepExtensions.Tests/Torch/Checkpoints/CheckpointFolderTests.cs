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
    public void NewestIsDamaged_ThePreviousServes_AndOneIsTold()
    {
        using var whole = Fit(Options);
        File.Delete(Path.Combine(folder, "finished.checkpoint"));
        var newest = Path.Combine(folder, "step-0000000016.checkpoint");
        var bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(newest, bytes);
        var steps = new Counter();
        using var again = Fit(Options with { Callbacks = [steps] });
        Assert.Equal(4, steps.Steps);
        Assert.Equal(Scores(whole), Scores(again));
        lock (log)
            Assert.Contains(log, line => line.Contains("damaged and was passed over") && line.Contains("checksum"));
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
        using var held = new CheckpointFolder(new CheckpointPolicy(folder));
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
        Blobs.Pipeline(unseeded, Options with { CancellationToken = source.Token, Callbacks = [new ResumeTests.CancelAt(5, source)] }).Fit(data).Dispose();
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

    [SlowFact]
    public void KilledAtRandom_TwentyTimes_TheFolderIsReadable_AndTheEndIsTheSame()
    {
        using var whole = Fit(LongRun(null));
        var (random, kills) = (new Random(3), 0);
        while (kills < 20)
        {
            using var child = ChildProcess.StartTest($"{me}.{nameof(RunsUntilKilled)}", (Folder, folder));
            _ = child.StandardOutput.ReadToEndAsync();
            _ = child.StandardError.ReadToEndAsync();
            var before = Newest();
            // a moment after it has written something new: within steps, while writing, between files
            var clock = System.Diagnostics.Stopwatch.StartNew();
            while (Newest() == before && !child.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60))
                Thread.Sleep(1);
            Thread.Sleep(random.Next(0, 60));
            Assert.False(child.HasExited, "the run ended before it was killed");
            child.Kill();
            child.WaitForExit();
            kills++;
            var after = Newest();
            Assert.True(after > before, $"kill {kills}: {before} → {after}");
            using var checkpoint = Checkpoint.Load(Path.Combine(folder, $"step-{after:0000000000}.checkpoint"));
            Assert.Equal(after, checkpoint.Run.Step);
        }
        using var resumed = Fit(LongRun(folder));
        Assert.Equal(Scores(whole), Scores(resumed));
    }

    [Fact(Explicit = true)]
    public void RunsUntilKilled() => Fit(LongRun(Environment.GetEnvironmentVariable(Folder)!) with { Callbacks = [new Slow()] }).Dispose();

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

    private sealed class Slow : Callback
    {
        public override void OnBatchEnd(TrainingState state) => Thread.Sleep(10);
    }
}
