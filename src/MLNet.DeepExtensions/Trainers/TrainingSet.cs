using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A training or validation set as the trainer holds it: read once and kept, or, where it is too large for that, read again in each epoch.</summary>
internal sealed class TrainingSet
{
    private readonly RowSource? source;
    private readonly RowSet? kept;
    private readonly string name;
    private StreamedBatchSource? stream;

    private TrainingSet(RowSource? source, RowSet? kept, string name) => (this.source, this.kept, this.name) = (source, kept, name);

    public long? Rows => kept?.Count ?? source!.Data.GetRowCount();

    public bool IsKept => kept is not null;

    /// <summary>Gets the rows that are kept; null where they are read again in each epoch.</summary>
    public RowSet? Held => kept;

    /// <summary>Takes rows that were read already.</summary>
    public static TrainingSet Of(TrainingRows rows, string name) => new(null, RowSet.All(rows), name);

    /// <summary>Reads a set and keeps it, if it fits.</summary>
    /// <exception cref="InvalidOperationException">It has no rows to use.</exception>
    public static TrainingSet Read(RowSource source, string name, RowMemory memory, bool onDisk, IHost host, IChannel channel)
    {
        var skipped = new SkippedRows();
        TrainingRows rows;
        try
        {
            // pictures are all of one size: what will not fit need not be read to know it
            if (!onDisk && source.RowBytes is { } bytes && source.Data.GetRowCount() * bytes > memory.Budget - memory.Taken)
                throw new RowMemorySpentException(memory.Budget);
            rows = TrainingRows.Read(source, memory, skipped, Environment.ProcessorCount, () => HostDoors.CheckAlive(host));
        }
        catch (RowMemorySpentException)
        {
            HostDoors.Info(channel, $"The {name} rows take more than the CacheBudget of {memory.Budget:N0} bytes leaves: they are read again in each epoch. " +
                "Set CacheFolder to keep them in a file instead.");
            return new TrainingSet(source, null, name);
        }
        if (skipped.Describe(name, rows.Count) is { } what)
            HostDoors.Warn(channel, what);
        return rows.Count > 0 ? new TrainingSet(source, RowSet.All(rows), name)
            : throw new InvalidOperationException($"The {name} set has no rows to use{(skipped.Describe(name, 0) is { } why ? ": " + why : ".")}");
    }

    /// <summary>Sets a share of the rows aside for validation.</summary>
    public (TrainingSet Remaining, TrainingSet Aside) Split(double fraction, int seed)
    {
        if (kept is null)
            throw new InvalidOperationException($"ValidationFraction = {fraction} needs all rows in memory or on disk, but they take more than CacheBudget allows. " +
                "Set CacheFolder, or split before: mlContext.Data.TrainTestSplit and pipeline.Fit(train, validation).");
        if (kept.Rows is TokenRows text)
        {
            var (beginning, end) = text.Split(fraction);
            return (Of(beginning, name), Of(end, "validation"));
        }
        var (remaining, aside) = kept.Split(fraction, seed);
        return (new TrainingSet(source, remaining, name), new TrainingSet(source, aside, "validation"));
    }

    /// <summary>Measures targets that are numbers; a set that is not kept is read once more for it.</summary>
    public TargetScale MeasureTargets(int width, IBatchSource batches) => TargetScale.Measure(Targets(width, batches).Select(row => row.Target), width);

    /// <summary>Counts classes, or positive targets, by the rows' weights; a set that is not kept is read once more for it.</summary>
    public TargetCounts CountTargets(DeepTask task, IBatchSource batches)
    {
        var isClass = task.Targets == TargetKind.ClassIndex;
        var (counts, rows) = (new double[task.OutputWidth], 0.0);
        foreach (var (target, weight) in Targets(isClass ? 1 : task.OutputWidth, batches))
        {
            rows += weight;
            if (isClass)
                counts[(int)target[0]] += weight;
            else
                for (var i = 0; i < counts.Length; i++)
                    counts[i] += weight * target[i];
        }
        return new TargetCounts(counts, rows);
    }

    // numbers of classes, of which there are at most 2^24, are exact in single precision too
    private IEnumerable<(float[] Target, float Weight)> Targets(int width, IBatchSource batches) => kept is null ? Streamed(width, batches) : Kept(kept);

    // the row is the same array each time
    private static IEnumerable<(float[] Target, float Weight)> Kept(RowSet set)
    {
        var (indices, row, weight) = (new int[set.Count], new float[set.Rows.Targets.RowLength], new float[] { 1 });
        var number = new long[row.Length];
        set.CopyIndices(indices);
        foreach (var index in indices)
        {
            if (set.Rows.Targets is RowStore<long> classes)
            {
                classes.CopyTo(index, number);
                row[0] = number[0];
            }
            else
                ((EqualStore<float>)set.Rows.Targets).CopyTo(index, row);
            set.Rows.Weights?.CopyTo(index, weight);
            yield return (row, weight[0]);
        }
    }

    private static IEnumerable<(float[] Target, float Weight)> Streamed(int width, IBatchSource batches)
    {
        using var read = batches.Read(epoch: 0).GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();
            if (!read.MoveNext())
                yield break;
            var values = read.Current.Target.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
            var weights = read.Current.Weight?.cpu().contiguous().data<float>().ToArray();
            foreach (var (row, i) in values.Chunk(width).Select((row, i) => (row, i)))
                yield return (row, weights?[i] ?? 1);
        }
    }

    /// <summary>Makes batches of the set as a sampling draws them.</summary>
    /// <exception cref="InvalidOperationException">The set is not kept, so its rows cannot be had one by one.</exception>
    public SlabBatchSource Open(Sampling sampling, int batchSize, int seed, Device device) => kept is not null
        ? new CachedBatchSource(kept, new SampledOrder(kept, sampling, batchSize, seed), device)
        : throw new InvalidOperationException($"{sampling.GetType().Name} draws rows one by one, which needs all of them in memory or on disk, but they take more than CacheBudget allows. " +
            "Set CacheFolder to keep them in a file.");

    /// <summary>Makes batches of the set.</summary>
    public SlabBatchSource Open(int batchSize, int? shuffleSeed, bool byLength, Device device, long poolBytes, IHost host, IChannel channel)
    {
        if (kept?.Rows is TokenRows text)
            return new TokenBatchSource(kept, text, batchSize, shuffleSeed, device);
        if (kept?.Rows is WindowRows)
            return new WindowBatchSource(kept, batchSize, shuffleSeed, device);
        if (kept is not null)
            return new CachedBatchSource(kept, batchSize, shuffleSeed, byLength, device);
        stream = new StreamedBatchSource(source!, source!.Data.GetRowCount(), poolBytes, batchSize, shuffleSeed, Environment.ProcessorCount, device, () => HostDoors.CheckAlive(host));
        if (shuffleSeed is not null && !source.Data.CanShuffle)
            HostDoors.Warn(channel, $"The {name} rows come in the source's own order and are mixed by a pool of {stream.PoolRows:N0} rows only. " +
                "If like rows stand together (class after class), shuffle the source first, for example by LoadImageFolder's shuffleSeed.");
        return stream;
    }

    /// <summary>Says what was left out of the last epoch, where that was not known before.</summary>
    public void Report(IChannel channel)
    {
        if (stream?.Skipped.Describe(name, stream.Rows) is { } what)
            HostDoors.Warn(channel, what);
    }
}
