using System.ComponentModel.DataAnnotations;
using Tensorboard;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Writes event files for TensorBoard: <c>tensorboard --logdir runs</c> shows each folder below <c>runs</c> as a run. A run that goes on from a checkpoint begins a new file in the same folder,
/// whose first event tells TensorBoard to forget what the interrupted run wrote after that checkpoint.
/// </summary>
/// <remarks>
/// Tags: <c>loss/train</c>, <c>loss/validation</c> and so for each metric, at the end of each epoch; <c>step/loss</c> and <c>step/learning_rate</c> after every so many steps;
/// <c>weights/NAME</c> for the histograms. The horizontal axis is the number of the step.
/// </remarks>
public sealed class TensorBoardLog : Callback
{
    private const double SecondsBetweenWrites = 2;
    private const int Bins = 64;

    private readonly string folder;
    private readonly TimeProvider clock;
    private EventFile? file;
    private long written;
    private long step;

    /// <summary>Names the folder.</summary>
    /// <param name="folder">The run's folder, such as <c>runs/first</c>; it is made if it does not exist.</param>
    public TensorBoardLog(string folder) : this(folder, TimeProvider.System) { }

    internal TensorBoardLog(string folder, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        (this.folder, this.clock) = (folder, clock);
    }

    /// <summary>Gets after how many steps loss and learning rate are written. On a GPU it waits for that step.</summary>
    /// <value>At least 1. The default is 50; null writes epochs alone.</value>
    [Range(1, int.MaxValue)]
    public int? EverySteps { get; init; } = 50;

    /// <summary>Gets after how many epochs a histogram of each weight is written.</summary>
    /// <value>At least 1. The default, null, writes none.</value>
    [Range(1, int.MaxValue)]
    public int? HistogramsEveryEpochs { get; init; }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingState state)
    {
        if (EverySteps is < 1 || HistogramsEveryEpochs is < 1)
            throw new ArgumentException($"EverySteps and HistogramsEveryEpochs must be at least 1 or null, but are {EverySteps} and {HistogramsEveryEpochs}.");
        (file, written, step) = (new EventFile(folder, clock), clock.GetTimestamp(), 0);
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        step = state.Step;
        if (EverySteps is not { } every || state.Step % every != 0)
            return;
        Add(state.Step, ("step/loss", state.LastLoss), ("step/learning_rate", state.Optimizer.LearningRate));
        if (clock.GetElapsedTime(written).TotalSeconds >= SecondsBetweenWrites)
            Write();
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(report);
        Add(report.Step, [.. report.Train.Select(item => ($"{item.Key}/train", item.Value)), .. report.Validation?.Select(item => ($"{item.Key}/validation", item.Value)) ?? [],
            ("epoch", report.Epoch), ("learning_rate", report.LearningRate), ("rows_per_second", report.Rows / report.Duration.TotalSeconds)]);
        if (HistogramsEveryEpochs is { } every && report.Epoch % every == 0)
            foreach (var (name, parameter) in state.Module.named_parameters())
                if (Histogram(parameter) is { } histogram)
                    Add(report.Step, new Summary.Types.Value { Tag = $"weights/{name}", Histo = histogram });
        Write();
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingState state) => Write();

    /// <inheritdoc/>
    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        saved["step"] = step;
    }

    /// <inheritdoc/>
    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        step = (long)saved["step"];
        file!.Add(new Event { Step = step + 1, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });
    }

    private void Write()
    {
        file!.Write();
        written = clock.GetTimestamp();
    }

    private void Add(long at, params ReadOnlySpan<(string Tag, double Value)> scalars)
    {
        foreach (var (tag, value) in scalars)
            Add(at, new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });
    }

    private void Add(long at, Summary.Types.Value value) => file!.Add(new Event { Step = at, Summary = new Summary { Value = { value } } });

    // nothing where a weight is no number: it has no place in a histogram
    private static HistogramProto? Histogram(Tensor parameter)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var values = parameter.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        if (values.Length == 0)
            return null;
        var (least, most, sum, squares) = (double.PositiveInfinity, double.NegativeInfinity, 0.0, 0.0);
        foreach (var value in values)
            (least, most, sum, squares) = (Math.Min(least, value), Math.Max(most, value), sum + value, squares + value * value);
        if (!double.IsFinite(sum) || !double.IsFinite(most - least))
            return null;
        var width = Math.Max((most - least) / Bins, 1e-12);
        var counts = new double[Bins];
        foreach (var value in values)
            counts[Math.Min((int)((value - least) / width), Bins - 1)]++;
        return new HistogramProto
        {
            Min = least, Max = most, Num = values.Length, Sum = sum, SumSquares = squares,
            BucketLimit = { Enumerable.Range(1, Bins).Select(bin => least + bin * width) }, Bucket = { counts },
        };
    }
}
