using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Where a run of training stands. A closed set of fields: the loop writes them, callbacks read them.</summary>
public sealed class TrainingState
{
    internal TrainingState(Module module, Loss loss, Optimizer optimizer, IReadOnlyList<Metric> metrics, Device device, int epochs) =>
        (Module, Loss, Optimizer, Metrics, Device, Epochs, Frozen) = (module, loss, optimizer, metrics, device, epochs, new FrozenLayers(module, []));

    /// <summary>How a step computes.</summary>
    internal Arithmetic Arithmetic { get; init; } = new();

    /// <summary>How many batches make a step.</summary>
    internal int BatchesPerStep { get; init; } = 1;

    /// <summary>The sums of the current epoch's loss, once the run has begun.</summary>
    internal LossMeter? Losses { get; set; }

    /// <summary>The figures over the training rows of the current epoch, once they have all been gone through.</summary>
    internal Dictionary<string, double>? TrainFigures { get; set; }

    /// <summary>What training leaves as it is.</summary>
    internal FrozenLayers Frozen { get; init; }

    /// <summary>Gets the network.</summary>
    public Module Module { get; }

    /// <summary>Gets what is made small.</summary>
    public Loss Loss { get; }

    /// <summary>Gets what changes the weights. Its learning rate may be set between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Gets what is measured beside the loss; holds an epoch's sums while it runs.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Gets where the network is.</summary>
    public Device Device { get; }

    /// <summary>Gets how many epochs are asked for.</summary>
    public int Epochs { get; }

    /// <summary>Gets the current epoch, from 1; 0 before the first.</summary>
    public int Epoch { get; internal set; }

    /// <summary>Gets the optimizer steps since the start of the run.</summary>
    public long Step { get; internal set; }

    /// <summary>Gets the steps done in the current epoch.</summary>
    public int StepInEpoch { get; internal set; }

    /// <summary>Gets the steps in an epoch.</summary>
    public int StepsPerEpoch { get; internal set; }

    /// <summary>Gets whether an epoch has begun and not ended.</summary>
    internal bool IsMidway { get; set; }

    /// <summary>Gets the training rows of an epoch.</summary>
    public long RowsPerEpoch { get; internal set; }

    /// <summary>Gets the training rows gone through in the current epoch.</summary>
    public long RowsInEpoch { get; internal set; }

    /// <summary>Gets after how many steps the run ends, if its epochs have not ended before; null for no limit.</summary>
    public long? MaxSteps { get; internal init; }

    /// <summary>Gets after how much time the run ends, counted from its beginning or from its going on; null for no limit.</summary>
    public TimeSpan? MaxTime { get; internal init; }

    /// <summary>Gets the training rows as the network takes them, for a callback that goes through them once more: between epochs or at the end, never within an epoch.</summary>
    /// <remarks>An epoch number of 0 gives an order, and augmentations, that no epoch of the run has.</remarks>
    /// <exception cref="InvalidOperationException">The run has not begun.</exception>
    public IBatchSource TrainingBatches
    {
        get => trainingBatches ?? throw new InvalidOperationException("The run has not begun: training batches are there from OnTrainBegin on.");
        internal set => trainingBatches = value;
    }

    /// <summary>Gets whether there is a validation set.</summary>
    public bool HasValidation { get; internal set; }

    /// <summary>Gets the loss of the last step; NaN before the first. On a GPU it is read off the device when asked for, which waits for the step.</summary>
    public double LastLoss => lastLoss ??= lossOnDevice!.ToDouble();

    /// <summary>
    /// Gets the mean loss over the rows of the current epoch so far, or over those validated so far while that goes on; NaN before the first. Unlike <see cref="LastLoss"/> it never waits:
    /// on a GPU it may be up to 32 steps behind.
    /// </summary>
    public double MeanLoss => Losses?.Value ?? double.NaN;

    /// <summary>Gets the epochs that have ended.</summary>
    public IReadOnlyList<EpochReport> History => history;

    /// <summary>Gets or sets the epoch that the weights come from; 0 where no epoch has ended.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Gets why the run ends, once a stop was asked for.</summary>
    public StopReason? Stopping { get; private set; }

    private readonly List<EpochReport> history = [];
    private IBatchSource? trainingBatches;
    private double? lastLoss = double.NaN;
    private Tensor? lossOnDevice;

    /// <summary>Ends the run after the current batch; the first reason stays.</summary>
    /// <param name="reason">Why.</param>
    public void RequestStop(StopReason reason = StopReason.Requested)
    {
        IsStopRequested |= reason == StopReason.Requested;
        Stopping ??= reason;
    }

    /// <summary>Gets whether somebody wants the run to end here for good, whatever else ended it first: one who goes on after a limit must know.</summary>
    internal bool IsStopRequested { get; private set; }

    /// <summary>Trains from now on what the options' Freeze held back.</summary>
    /// <param name="patterns">Names or patterns of parameters, such as <c>layer4</c>.</param>
    /// <exception cref="ArgumentException">A pattern fits no parameter.</exception>
    public void Unfreeze(params IReadOnlyList<string> patterns) => Frozen.Release(patterns);

    /// <summary>Puts the run where another one stood.</summary>
    internal void GoTo(int epoch, int stepInEpoch, long step, int bestEpoch, IEnumerable<EpochReport> epochs)
    {
        (Epoch, StepInEpoch, Step, IsMidway) = (epoch, stepInEpoch, step, stepInEpoch > 0);
        history.Clear();
        history.AddRange(epochs);
        BestEpoch = bestEpoch;
    }

    internal void Add(EpochReport report)
    {
        history.Add(report);
        (BestEpoch, IsMidway) = (report.Epoch, false);
    }

    // the tensor holds the loss until the next step, or until the epoch ends and its value is set
    internal void SetLoss(double value) => (lastLoss, lossOnDevice) = (value, null);

    internal void SetLoss(Tensor onDevice) => (lastLoss, lossOnDevice) = (null, onDevice);
}
