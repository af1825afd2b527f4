using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Writes a row for each epoch, and if asked for after every so many steps, to a file that can be read while the run goes on. A new run replaces the file; one that goes on from a checkpoint
/// adds to it, and what the interrupted run had written after that checkpoint goes, so that no row is there twice.
/// </summary>
/// <remarks>
/// Each row has <c>kind</c> (<c>epoch</c> or <c>step</c>), <c>epoch</c>, <c>step</c>, <c>learning_rate</c>, the metrics over the training rows (<c>loss</c>, <c>accuracy</c>, …; those of a
/// step: its loss alone), those over the validation rows (<c>validation_loss</c>, …), <c>rows</c> and <c>seconds</c> (of the epoch, validation included). What a row has not is left empty.
/// </remarks>
public abstract class RowLog : Callback
{
    private AppendedFile? file;
    private IReadOnlyList<string> columns = [];

    private protected RowLog(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FilePath = path;
    }

    /// <summary>Gets the file.</summary>
    public string FilePath { get; }

    /// <summary>Gets after how many steps a row is written, beside those of the epochs. On a GPU it waits for that step.</summary>
    /// <value>At least 1. The default, null, writes epochs alone.</value>
    [Range(1, int.MaxValue)]
    public int? EverySteps { get; init; }

    /// <summary>What stands at the beginning of the file.</summary>
    private protected abstract byte[] Header(IReadOnlyList<string> columns);

    /// <summary>A row as it is written, its end included: text, whole numbers, doubles and nulls in the order of the columns.</summary>
    private protected abstract byte[] Line(IReadOnlyList<string> columns, IReadOnlyList<object?> values);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file's folder does not exist, or the file is in use or must not be written.</exception>
    public override void OnTrainBegin(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (EverySteps is < 1)
            throw new ArgumentException($"EverySteps must be at least 1, but is {EverySteps}.");
        var metrics = state.Metrics.Select(metric => metric.Name).Prepend("loss").ToList();
        columns = ["kind", "epoch", "step", "learning_rate", .. metrics, .. state.HasValidation ? metrics.Select(Validation) : [], "rows", "seconds"];
        file = new AppendedFile(FilePath, Header(columns));
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (EverySteps is { } every && state.Step % every == 0)
            Write("step", state.Epoch, state.Step, state.Optimizer.LearningRate, name => name == "loss" ? state.LastLoss : null);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var values = new Dictionary<string, object?> { ["rows"] = report.Rows, ["seconds"] = report.Duration.TotalSeconds };
        foreach (var (name, value) in report.Validation ?? new Dictionary<string, double>())
            values[Validation(name)] = value;
        foreach (var (name, value) in report.Train)
            values[name] = value;
        Write("epoch", report.Epoch, report.Step, report.LearningRate, values.GetValueOrDefault);
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingState state) => file!.End();

    /// <inheritdoc/>
    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        saved["length"] = file!.Length;
    }

    /// <inheritdoc/>
    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        file!.GoOn((long)saved["length"]);
    }

    private static string Validation(string metric) => "validation_" + metric;

    private void Write(string kind, int epoch, long step, double learningRate, Func<string, object?> value) =>
        file!.Append(Line(columns, [kind, epoch, step, learningRate, .. columns.Skip(4).Select(value)]));
}
