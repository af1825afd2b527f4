using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>What a checkpoint says of its run, beside the tensors.</summary>
internal sealed record RunRecord
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Gets the settings of the run, to compare with those of the run that goes on.</summary>
    [Required]
    public required JsonNode Settings { get; init; }

    public required int Epoch { get; init; }

    /// <summary>Gets the steps done in the epoch; 0 where it had ended.</summary>
    public required int StepInEpoch { get; init; }

    public required long Step { get; init; }

    public required int StepsPerEpoch { get; init; }

    public required long RowsPerEpoch { get; init; }

    public required int BestEpoch { get; init; }

    public required double LearningRate { get; init; }

    [Required]
    public required IReadOnlyList<EpochReport> Epochs { get; init; }

    /// <summary>Gets the figures over the training rows, where they were all gone through but the epoch's validation had not ended.</summary>
    public Dictionary<string, double>? TrainFigures { get; init; }

    /// <summary>Gets the names of the parameters that were trained at that moment.</summary>
    [Required]
    public required IReadOnlyList<string> TrainedParameters { get; init; }

    /// <summary>Gets the numbers that callbacks, metrics and others keep, by owner and name.</summary>
    [Required]
    public required Dictionary<string, Dictionary<string, double>> Numbers { get; init; }

    /// <summary>Gets the names of all tensors beside this record: a file that lacks one is damaged.</summary>
    [Required]
    public required IReadOnlyList<string> Tensors { get; init; }

    /// <summary>Gets why the run was about to end, where a callback had asked for it.</summary>
    public StopReason? Stopping { get; init; }

    /// <summary>Gets why the run ended; null where it had not.</summary>
    public StopReason? Stopped { get; init; }

    /// <summary>Gets the validation loss of the last epoch, or the training loss where there is no validation; infinite before the first.</summary>
    public double LossOfLastEpoch => Epochs.Count == 0 ? double.PositiveInfinity : (Epochs[^1].Validation ?? Epochs[^1].Train).GetValueOrDefault("loss", double.PositiveInfinity);
}
