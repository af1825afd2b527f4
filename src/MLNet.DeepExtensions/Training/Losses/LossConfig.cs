using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A loss's settings: a record that can build it. Names and meanings are PyTorch's.</summary>
[ConfigFamily]
public abstract record LossConfig
{
    /// <summary>Gets the registered losses in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<LossConfig>().Types;

    /// <summary>Makes a loss of your own known, so that options with it can be saved and loaded. Call it once, when the application starts.</summary>
    /// <typeparam name="T">The record; its properties are written as JSON.</typeparam>
    /// <param name="name">The name in the file, lower case with hyphens. Never change it.</param>
    public static void Register<T>(string name) where T : LossConfig => ConfigFamily.Of<LossConfig>().Add(typeof(T), name);

    /// <summary>Gets which targets the loss takes.</summary>
    public abstract TargetKind Targets { get; }

    /// <summary>Says whether the loss takes targets of some kind: of <see cref="Targets"/>, unless overridden.</summary>
    /// <param name="targets">The kind.</param>
    /// <returns>Whether it does.</returns>
    public virtual bool Takes(TargetKind targets) => targets == Targets;

    /// <summary>Gets whether targets that are numbers may be moved and scaled to mean 0 and standard deviation 1, which makes them easier to learn; scores are scaled back.</summary>
    public virtual bool TakesScaledTargets => true;

    /// <summary>Gets how batches are drawn where the options do not say.</summary>
    /// <value>The default, null, takes each row once in each epoch.</value>
    public virtual Sampling? UsualSampling => null;

    /// <summary>Tells a loss that learns something for each class how many there are.</summary>
    /// <param name="classes">The number of classes of the training set's label, whether or not the network has an output for each.</param>
    /// <returns>The loss to build: this one, unless overridden.</returns>
    public virtual LossConfig ForClasses(int classes) => this;

    /// <summary>Gets what the outputs are, where that is more than one number for each target.</summary>
    internal virtual OutputForm Form => OutputForm.Plain;

    /// <summary>Gets whether the loss wants to know how often each target occurs before it is built.</summary>
    internal virtual bool LearnsFromTargets => false;

    /// <summary>The loss with what it learns from the training targets, as numbers.</summary>
    internal virtual LossConfig Fit(TargetCounts counts) => this;

    /// <summary>Builds the loss.</summary>
    /// <param name="outputs">The number of the network's outputs.</param>
    /// <param name="device">Where the network is.</param>
    /// <returns>The loss; whoever built it disposes it.</returns>
    /// <exception cref="ArgumentException">A setting does not fit the number of outputs.</exception>
    public abstract Loss Build(int outputs, Device device);
}
