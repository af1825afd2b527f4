using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Changes parameters by their gradients: <see cref="ZeroGrad"/>, forward, backward, <see cref="Step"/>.
/// Derive from it to write your own; <see cref="OptimizerConfig.From"/> wraps one of TorchSharp's.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private double learningRate;

    /// <param name="parameters">What to train; the optimizer keeps the parameters but does not own them.</param>
    /// <param name="learningRate">The learning rate of the first step, 0 or more.</param>
    protected Optimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, double learningRate)
    {
        Parameters = parameters;
        LearningRate = learningRate;
    }

    /// <summary>Gets what is trained, with the names that the module gives.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>Gets or sets the learning rate of the next step. A schedule sets it; it is not part of the state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, infinite or not a number.</exception>
    public double LearningRate
    {
        get => learningRate;
        set
        {
            if (!double.IsFinite(value) || value < 0)
                throw new ArgumentOutOfRangeException(nameof(value), value, "The learning rate must be a finite number, 0 or more.");
            learningRate = value;
        }
    }

    /// <summary>
    /// Takes the gradients away, as PyTorch's <c>zero_grad(set_to_none=True)</c> does: the next backward pass hands over its own tensors,
    /// which is cheaper than zeroing and adding, and a parameter that it does not reach is skipped by the next step.
    /// </summary>
    public void ZeroGrad()
    {
        foreach (var (_, parameter) in Parameters)
            parameter.grad = null;
    }

    /// <summary>Changes every parameter that has a gradient.</summary>
    public abstract void Step();

    /// <summary>Gets why steps are slower than they could be, for the log; nothing where they are not.</summary>
    internal virtual string? Slowdown => null;

    /// <summary>Copies everything that the next steps depend on besides parameters and learning rate, such as moments and step counts.</summary>
    /// <returns>New tensors by name (<c>fc1.weight/exp_avg</c>), on the CPU; the caller disposes them.</returns>
    public abstract IReadOnlyDictionary<string, Tensor> CopyState();

    /// <summary>Goes on where <see cref="CopyState"/> was taken, with the same bits.</summary>
    /// <param name="state">What <see cref="CopyState"/> gave for the same parameters and options; the tensors stay the caller's.</param>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or of another shape or type.</exception>
    public abstract void LoadState(IReadOnlyDictionary<string, Tensor> state);

    /// <summary>Frees the state; the parameters stay.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the state.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
