using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What training makes small, with whatever tensors it needs on the device.</summary>
public abstract class Loss : IDisposable
{
    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="output">What the network gave, [N, outputs].</param>
    /// <param name="target">What it should have given.</param>
    /// <param name="weight">How much each row counts, [N]; null counts all alike.</param>
    /// <returns>The mean, and what it was divided by.</returns>
    public abstract LossValue Compute(Tensor output, Tensor target, Tensor? weight);

    /// <summary>
    /// Gets what of the loss itself is learnt, such as a vector for each class: the optimizer changes it with the network's parameters, under <c>loss.</c> and its name, and checkpoints keep it.
    /// It is not part of the model.
    /// </summary>
    public virtual IReadOnlyList<(string Name, Parameter Parameter)> Parameters => [];

    /// <summary>Called when a checkpoint is written: keep what the next steps depend on. Unless overridden, that is <see cref="Parameters"/>.</summary>
    /// <param name="saved">Takes it.</param>
    public virtual void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        foreach (var (name, parameter) in Parameters)
            saved.Set(name, parameter);
    }

    /// <summary>Called when a run is resumed: take back what <see cref="SaveState"/> kept.</summary>
    /// <param name="saved">Holds it.</param>
    public virtual void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        using var _ = no_grad();
        foreach (var (name, parameter) in Parameters)
            parameter.copy_(saved.Get(name));
    }

    /// <summary>Frees the tensors.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A batch's loss as a mean, and its divisor, so that an epoch's loss is one mean over rows and no mean of means.</summary>
/// <param name="Mean">A scalar with a gradient.</param>
/// <param name="Normalizer">A scalar, what the sum was divided by; null where that is the number of rows.</param>
public readonly record struct LossValue(Tensor Mean, Tensor? Normalizer);
