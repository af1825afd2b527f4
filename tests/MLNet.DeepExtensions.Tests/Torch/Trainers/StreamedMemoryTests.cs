using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Counts what lives in managed memory, so nothing else may run meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class StreamedMemoryTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;
    private readonly List<string> log = [];

    public StreamedMemoryTests() => ml.Log += (_, entry) => log.Add(entry.Message);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Fit_MoreThanTheBudget_StreamsInBoundedMemoryAndLearnsTheSameThing()
    {
        const int side = 64, count = 2000, budget = 2_400_000;                   // 2,000 pictures of 12,288 bytes: ten times the budget
        ColouredSquares.Draw(folder, count, side);
        var data = ml.Data.LoadImageFolder(folder, shuffleSeed: 1);
        long most = 0, steps = 0;
        var baseline = Settled();
        var options = new DeepTrainerOptions { Epochs = 2, BatchSize = 8, Seed = 5, CacheBudget = budget, Callbacks = [new EachBatch(() => most = Math.Max(most, steps++ % 10 == 0 ? Live() - baseline : 0))] };
        using var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = side, Width = side }))
            .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [8] }, options, featureColumnName: "Image")).Fit(data);
        // the pool takes half of the budget, and each core has up to four blocks of 32 rows on their way: 6.7 MB on two cores, where all rows are 24.6 MB
        Assert.InRange(most, budget / 2, budget / 2 + (4 * Environment.ProcessorCount + 1) * 32L * side * side * 3 + 1_000_000);
        Assert.Equal(1, ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy, 1);
        Assert.Contains(log, line => line.Contains("take more than the CacheBudget of 2,400,000 bytes"));
        Assert.Equal(count, model.LastTransformer.History.Epochs[0].Rows);

        static long Live() => GC.GetTotalMemory(forceFullCollection: true);

        // what earlier tests started may end in its own time
        static long Settled()
        {
            var (before, now) = (0L, Live());
            for (var look = 0; look < 50 && Math.Abs(now - before) > 100_000; look++)
            {
                Thread.Sleep(100);
                (before, now) = (now, Live());
            }
            return now;
        }
    }

    private sealed class EachBatch(Action look) : Callback
    {
        public override void OnBatchEnd(TrainingState state) => look();
    }
}
