using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>How a network is trained. Every setting has a default that works; a record, so that <c>with</c> makes variants.</summary>
public sealed record DeepTrainerOptions : IValidatableObject
{
    /// <summary>Gets how often the training rows are gone through.</summary>
    /// <value>At least 1. The default is 10.</value>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 10;

    /// <summary>Gets the rows in one training step.</summary>
    /// <value>At least 1. The default is 64.</value>
    [Range(1, 1 << 24)]
    public int BatchSize { get; init; } = 64;

    /// <summary>Gets how many batches are gathered into one step, for batches that are larger than the memory allows.</summary>
    /// <value>At least 1. The default is 1. The gradients are those of one batch of that many times the rows, except where batch norm looks at a batch.</value>
    [Range(1, 1 << 16)]
    public int BatchesPerStep { get; init; } = 1;

    /// <summary>Gets the largest norm of all gradients together; longer ones are shortened.</summary>
    /// <value>Above 0. The default, null, is no bound; 1 is usual for recurrent networks and Transformers.</value>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double? ClipGradientNorm { get; init; }

    /// <summary>Gets the largest size of each number in a gradient.</summary>
    /// <value>Above 0. The default, null, is no bound.</value>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double? ClipGradientValue { get; init; }

    /// <summary>Gets after how many steps the run ends, if its epochs have not ended before.</summary>
    /// <value>At least 1. The default, null, is no limit.</value>
    [Range(1L, long.MaxValue)]
    public long? MaxSteps { get; init; }

    /// <summary>Gets after how much time the run ends, after the step that is being made then.</summary>
    /// <value>The default, null, is no limit.</value>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Gets where and when the run writes down where it stands, so that it can go on after an interruption.</summary>
    /// <value>The default, null, writes nothing.</value>
    public CheckpointPolicy? Checkpoints { get; init; }

    /// <summary>
    /// Gets the weights that the network starts from: a file's, <c>new PretrainedWeights("resnet18.pth")</c>, or a fitted transformer's, <c>InitialWeights = model</c>.
    /// A last layer with another number of outputs, or for other classes, starts anew.
    /// </summary>
    /// <value>The default, null, starts from random weights.</value>
    public PretrainedWeights? InitialWeights { get; init; }

    /// <summary>Gets what changes the weights after each step.</summary>
    /// <value>The default is Adam with a learning rate of 0.001.</value>
    [Required]
    public OptimizerConfig Optimizer { get; init; } = new Adam();

    /// <summary>
    /// Gets the factor of the learning rate from one layer to the one below it, so that what was learnt before, near the input, changes least: layer-wise learning-rate decay (Howard and Ruder 2018; Clark et al. 2020).
    /// The last layer has the optimizer's own rate, the highest of the others this factor of it, the next one its square; groups of the optimizer multiply into it.
    /// </summary>
    /// <value>Above 0, at most 1; 0.8 to 0.95 are usual for Transformers. The default, null, trains all layers alike. The architecture must say its layers: Transformers and <see cref="ResNet"/> do, and yours by <c>LayersFromInput</c>.</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double? LayerDecay { get; init; }

    /// <summary>Gets the small matrices that are trained in place of the network's own, which stay as they are.</summary>
    /// <value>The default, null, trains the network itself.</value>
    public Lora? Adapter { get; init; }

    /// <summary>Gets how the learning rate moves from step to step.</summary>
    /// <value>The default, null, keeps the optimizer's.</value>
    public ScheduleConfig? Schedule { get; init; }

    /// <summary>
    /// Gets the parameters that stay as they are, by name or pattern: <c>["features"]</c>, <c>["layer1", "layer2", "*.bias"]</c>.
    /// Batch norm among them keeps its running mean and variance too.
    /// </summary>
    /// <value>The default is none.</value>
    [Required]
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Gets in which numbers the network is trained; the model is saved, and scores, in single precision.</summary>
    /// <value>The default is single precision.</value>
    [EnumDataType(typeof(Precision))]
    public Precision Precision { get; init; }

    /// <summary>Gets whether convolutional networks keep the channels of a pixel beside each other in memory while training.</summary>
    /// <value>The default, null, does so where it is faster. It changes results in the last bits only.</value>
    public bool? ChannelsLast { get; init; }

    /// <summary>Gets what the training makes small.</summary>
    /// <value>The default, null, is the task's own: cross-entropy for classes, binary cross-entropy for yes and no, mean squared error for numbers, triplets for embeddings.</value>
    public LossConfig? Loss { get; init; }

    /// <summary>Gets whether targets that are numbers are moved and scaled to mean 0 and standard deviation 1 over the training rows, and scores back.</summary>
    /// <value>The default, null, does so where the loss allows it. Metrics are always in the targets' own unit; the loss is in the scaled one.</value>
    public bool? ScaleTargets { get; init; }

    /// <summary>Gets what else is measured in each epoch, beside the loss.</summary>
    /// <value>The default, null, is the task's own: accuracy for classes, root mean squared and mean absolute error for numbers, the equal error rate for embeddings.</value>
    public IReadOnlyList<MetricConfig>? Metrics { get; init; }

    /// <summary>Gets what takes part in the run: early stopping, your own.</summary>
    /// <value>The default is none.</value>
    [Required]
    public IReadOnlyList<Callback> Callbacks { get; init; } = [];

    /// <summary>
    /// Gets the share of the training rows that is set aside for validation where <c>Fit</c> is given no validation set; classes keep their shares.
    /// Steps before the trainer have then seen these rows: split first, and call <c>pipeline.Fit(train, validation)</c>, where that matters.
    /// </summary>
    /// <value>In [0, 1). The default is 0: no validation.</value>
    [Range(0.0, 0.999)]
    public double ValidationFraction { get; init; }

    /// <summary>Gets whether the model gets the weights of the epoch with the best validation instead of the last one's. Without validation it has no effect.</summary>
    /// <value>The default is true.</value>
    public bool KeepBestWeights { get; init; } = true;

    /// <summary>Gets the validation figure by which <see cref="KeepBestWeights"/> chooses.</summary>
    /// <value>The name of a metric, or <c>loss</c>. The default, null, is the loss; for embeddings it is the first metric, since what a loss over pairs gives depends on how rows meet in batches.</value>
    public string? BestWeightsMonitor { get; init; }

    /// <summary>Gets whether each epoch takes the rows in a new order.</summary>
    /// <value>The default is true.</value>
    public bool Shuffle { get; init; } = true;

    /// <summary>Gets whether rows of like length share a batch, where rows differ in length, so that little of a batch is padding. Rows that are read anew in each epoch stay as they come.</summary>
    /// <value>The default is true.</value>
    public bool BucketByLength { get; init; } = true;

    /// <summary>
    /// Gets which rows each epoch takes and how batches are made of them, by classes: <see cref="ClassBalanced"/> where some classes are rare, <see cref="ClassesPerBatch"/> for losses over pairs.
    /// It decides the order, whatever <see cref="Shuffle"/> says, and needs the rows in memory or in <see cref="CacheFolder"/>.
    /// </summary>
    /// <value>The default, null, is the loss's own: each row once, except that losses over pairs and triplets take <see cref="ClassesPerBatch"/>.</value>
    public Sampling? Sampling { get; init; }

    /// <summary>Gets what to do with training and validation rows whose features hold NaN, or no step at all. Scoring answers such a row with NaN.</summary>
    /// <value>The default, null, is what the network can do: one for tables gets NaN as it is; for others it is an error that names the row.</value>
    [EnumDataType(typeof(MissingFeatures))]
    public MissingFeatures? MissingFeatures { get; init; }

    /// <summary>Gets what to do with training and validation rows whose picture cannot be read.</summary>
    /// <value>The default is an error that names the file.</value>
    public BrokenImages BrokenImages { get; init; }

    /// <summary>
    /// Gets the bytes of rows that are kept in memory; pictures are kept as bytes, 3 × height × width for each. Rows that are more are read, and decoded, anew in each epoch
    /// and mixed by a pool that takes half of this; or they are kept in a file, see <see cref="CacheFolder"/>.
    /// </summary>
    /// <value>At least 0. The default, null, is half of the memory that is free when <c>Fit</c> begins.</value>
    [Range(0, long.MaxValue)]
    public long? CacheBudget { get; init; }

    /// <summary>Gets the folder for a file that takes the rows beyond <see cref="CacheBudget"/>, mapped into memory; it is deleted when <c>Fit</c> ends.</summary>
    /// <value>The default, null, keeps nothing on disk.</value>
    public string? CacheFolder { get; init; }

    /// <summary>Gets how channels are normalised between the column and the network; the numbers are saved with the model.</summary>
    /// <value>
    /// <see cref="Normalization.ImageNet"/>, <see cref="Normalization.Measured"/> or <see cref="Normalization.Given"/>. The default, null, normalises nothing:
    /// bytes are divided by 255 and numbers stay as they are.
    /// </value>
    public Normalization? Normalization { get; init; }

    /// <summary>Gets the seed of weights, order, dropout and augmentation: the same seed gives the same bits on the same machine with the same number of threads.</summary>
    /// <value>The default, null, is the seed of the MLContext, and chance where that has none.</value>
    public int? Seed { get; init; }

    /// <summary>
    /// Gets whether libtorch may only use algorithms that give the same bits each time: <c>torch.use_deterministic_algorithms(True)</c>, with cuDNN's choice of algorithms fixed.
    /// One that has no such form stops the run with libtorch's message. The setting is the process's; it is put back when <c>Fit</c> ends.
    /// </summary>
    /// <value>
    /// The default is false. On the CPU a run repeats to the bit without it, on one machine with one number of threads; on a GPU sums whose order is left to chance differ in the last bits.
    /// </value>
    public bool Deterministic { get; init; }

    /// <summary>Gets where to train and score: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>, or <c>auto</c> for a GPU if there is one.</summary>
    /// <value>The default, null, follows <c>MLContext.GpuDeviceId</c>: CPU where that is null.</value>
    public string? Device { get; init; }

    /// <summary>Gets the rows that one forward pass takes when a data view is scored.</summary>
    /// <value>At least 1. The default, null, is chosen by the size of a row. Scores do not depend on it.</value>
    [Range(1, 1 << 24)]
    public int? ScoringBatchSize { get; init; }

    /// <summary>Gets who is told of each epoch when it ends, on the training thread.</summary>
    public IProgress<EpochReport>? Progress { get; init; }

    /// <summary>Gets the token that ends the run early: <c>Fit</c> then returns the model with the best weights so far, and its history says so.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks that callbacks do not contradict each other.</summary>
    /// <param name="validationContext">Names the options.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var averages = Callbacks?.Where(callback => callback is ExponentialMovingAverage or StochasticWeightAveraging).Select(callback => callback.GetType().Name).ToList() ?? [];
        if (averages.Count > 1)
            yield return new ValidationResult($"Callbacks has {string.Join(" and ", averages)}, but only one average of the weights can be the model. Choose one.");
    }
}
