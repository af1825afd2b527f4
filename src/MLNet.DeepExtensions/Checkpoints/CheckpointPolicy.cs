using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Where and when a run writes down where it stands. A run with the same folder and the same settings goes on from there, with the same bits as if it had never stopped:
/// after a power cut, a cancelled token, or with more epochs. A folder that cannot be written is refused before the first row is read; if a checkpoint cannot be written later, because the disk
/// is full or the folder has gone, the log warns of it, training goes on and the next one is tried.
/// Steps go on while a checkpoint is being written from a copy of the run's state, which takes memory as large as weights and optimizer; a process that dies meanwhile has the one before.
/// </summary>
/// <param name="Folder">The folder, one for each run; it is made if it does not exist.</param>
public sealed record CheckpointPolicy([property: Required, MinLength(1)] string Folder)
{
    /// <summary>Gets after how many epochs a checkpoint is written.</summary>
    /// <value>At least 1. The default is 1.</value>
    [Range(1, int.MaxValue)]
    public int EveryEpochs { get; init; } = 1;

    /// <summary>Gets after how many steps one is written, also within epochs.</summary>
    /// <value>At least 1. The default, null, is only after epochs.</value>
    [Range(1, int.MaxValue)]
    public int? EverySteps { get; init; }

    /// <summary>Gets how many of the latest are kept; the older ones are there for the day the newest is damaged.</summary>
    /// <value>At least 1. The default is 2.</value>
    [Range(1, 1000)]
    public int KeepLast { get; init; } = 2;

    /// <summary>Gets how many with the lowest validation loss (training loss without validation) are kept besides.</summary>
    /// <value>0 or more. The default is 0.</value>
    [Range(0, 1000)]
    public int KeepBest { get; init; }

    /// <summary>Gets whether a run that finds checkpoints in the folder goes on from them.</summary>
    /// <value>The default is true; with false it is an error to find some, so that nothing is lost.</value>
    public bool Resume { get; init; } = true;
}
