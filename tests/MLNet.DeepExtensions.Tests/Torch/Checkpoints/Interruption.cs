using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Checkpoints;

/// <summary>When a run is interrupted.</summary>
internal enum Moment { BatchEnd, ValidationBegin, EpochEnd, EpochBegin }

/// <summary>How a run is interrupted: by its token, by a limit that a callback sets, or by an exception, as if the process had died.</summary>
internal enum Means { Cancel, Limit, Crash }

/// <summary>An interruption at the first such moment after so many steps.</summary>
internal sealed record Interruption(long Step, Moment Moment = Moment.BatchEnd, Means Means = Means.Cancel);

/// <summary>What a run came to, to the bit.</summary>
internal sealed record Outcome(byte[] Weights, byte[]? Optimizer, List<string> Figures, int BestEpoch, StopReason Stopped)
{
    public static Outcome Of(Func<DeepTrainerOptions, DeepTransformer> fit, DeepTrainerOptions options)
    {
        var end = new KeepOptimizer();
        using var model = fit(options with { Callbacks = [.. options.Callbacks, end] });
        return new(Bits(model), end.State, FiguresOf(model.History), model.History.BestEpoch, model.History.Stopped);
    }

    /// <summary>Runs with these interruptions, one after the other, and then to the end.</summary>
    public static Outcome OfInterrupted(Func<DeepTrainerOptions, DeepTransformer> fit, Func<DeepTrainerOptions> options, CheckpointPolicy checkpoints, params IEnumerable<Interruption> interruptions)
    {
        foreach (var interruption in interruptions)
        {
            using var cancellation = new CancellationTokenSource();
            var with = options();
            try
            {
                fit(with with { Checkpoints = checkpoints, CancellationToken = cancellation.Token, Callbacks = [.. with.Callbacks, new Interrupt(interruption, cancellation)] }).Dispose();
            }
            catch (CrashException)
            {
                // as if the process had died: what was not written is lost
            }
        }
        return Of(fit, options() with { Checkpoints = checkpoints });
    }

    public void AssertSame(Outcome other)
    {
        Assert.Equal(Figures, other.Figures);
        Assert.Equal(Weights, other.Weights);
        // one that had already ended gives its model without an optimizer
        if (Optimizer is not null && other.Optimizer is not null)
            Assert.Equal(Optimizer, other.Optimizer);
        Assert.Equal(BestEpoch, other.BestEpoch);
        Assert.Equal(Stopped, other.Stopped);
    }

    private static byte[] Bits(DeepTransformer transformer)
    {
        var path = Path.GetTempFileName();
        transformer.SaveWeights(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private static List<string> FiguresOf(TrainingHistory history) => [.. history.Epochs.Select(epoch =>
        $"{epoch.Epoch} {epoch.Step} {epoch.LearningRate:R} {epoch.Rows} {Values(epoch.Train)} | {Values(epoch.Validation ?? new Dictionary<string, double>())}")];

    private static string Values(IReadOnlyDictionary<string, double> values) => string.Join(" ", values.Select(item => $"{item.Key} {item.Value:R}"));

    private sealed class KeepOptimizer : Callback
    {
        public byte[]? State { get; private set; }

        public override void OnTrainEnd(TrainingState state)
        {
            using var scope = NewDisposeScope();
            State = [.. state.Optimizer.CopyState().OrderBy(item => item.Key, StringComparer.Ordinal).SelectMany(item => System.Text.Encoding.UTF8.GetBytes(item.Key).Concat(item.Value.contiguous().bytes.ToArray()))];
        }
    }
}

internal sealed class CrashException() : Exception("as if the process had died");

internal sealed class Interrupt(Interruption when, CancellationTokenSource cancellation) : Callback
{
    private bool isDone;

    public override void OnEpochBegin(TrainingState state) => At(Moment.EpochBegin, state);

    public override void OnBatchEnd(TrainingState state) => At(Moment.BatchEnd, state);

    public override void OnValidationBegin(TrainingState state) => At(Moment.ValidationBegin, state);

    public override void OnEpochEnd(TrainingState state, EpochReport report) => At(Moment.EpochEnd, state);

    private void At(Moment moment, TrainingState state)
    {
        if (isDone || moment != when.Moment || state.Step < when.Step)
            return;
        isDone = true;
        if (when.Means == Means.Crash)
            throw new CrashException();
        if (when.Means == Means.Limit)
            state.RequestStop(StopReason.LimitReached);
        else
            cancellation.Cancel();
    }
}
