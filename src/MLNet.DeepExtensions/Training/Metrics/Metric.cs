using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A figure over the rows of an epoch, kept as sums and counts: never a mean of means.</summary>
public abstract class Metric : IDisposable
{
    /// <summary>Gets the name in reports.</summary>
    public abstract string Name { get; }

    /// <summary>Gets whether a higher figure is better, which early stopping goes by.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>Adds a batch. It must not wait for the device.</summary>
    /// <param name="output">What the network gave, [N, outputs], without a gradient.</param>
    /// <param name="target">What it should have given.</param>
    /// <param name="weight">How much each row counts, [N]; null counts all alike.</param>
    public abstract void Update(Tensor output, Tensor target, Tensor? weight);

    /// <summary>Gets the figure over all rows since the last reset; NaN where there were none.</summary>
    public abstract double Value { get; }

    /// <summary>Forgets all rows.</summary>
    public abstract void Reset();

    /// <summary>Called when a checkpoint is written in the midst of an epoch: keep the sums. Without it, the epoch that is resumed is measured from there on.</summary>
    /// <param name="saved">Takes them.</param>
    public virtual void SaveState(SavedState saved) { }

    /// <summary>Takes back what <see cref="SaveState"/> kept; it comes after <see cref="Reset"/>.</summary>
    /// <param name="saved">Holds them.</param>
    public virtual void LoadState(SavedState saved) { }

    /// <summary>Frees the sums.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A metric's settings: a record that can build it.</summary>
[ConfigFamily]
public abstract record MetricConfig
{
    /// <summary>Gets the registered metrics in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<MetricConfig>().Types;

    /// <summary>Makes a metric of your own known. Call it once, when the application starts.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="name">The name, lower case with hyphens.</param>
    public static void Register<T>(string name) where T : MetricConfig => ConfigFamily.Of<MetricConfig>().Add(typeof(T), name);

    /// <summary>Gets which targets the metric takes.</summary>
    public abstract TargetKind Targets { get; }

    /// <summary>Says whether the metric takes targets of some kind: of <see cref="Targets"/>, unless overridden.</summary>
    /// <param name="targets">The kind.</param>
    /// <returns>Whether it does.</returns>
    public virtual bool Takes(TargetKind targets) => targets == Targets;

    /// <summary>Builds the metric.</summary>
    /// <param name="outputs">The number of the network's outputs.</param>
    /// <param name="device">Where the network is.</param>
    /// <returns>The metric; whoever built it disposes it.</returns>
    public abstract Metric Build(int outputs, Device device);
}
