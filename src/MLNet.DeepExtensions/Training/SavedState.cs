using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What a callback, a metric or the loop itself must remember so that a resumed run goes on with the same bits: numbers and tensors by name.</summary>
public sealed class SavedState : IDisposable
{
    private readonly Dictionary<string, double> numbers;
    private readonly Dictionary<string, Tensor> tensors;

    internal SavedState() : this([], []) { }

    internal SavedState(Dictionary<string, double> numbers, Dictionary<string, Tensor> tensors) => (this.numbers, this.tensors) = (numbers, tensors);

    internal IReadOnlyDictionary<string, double> Numbers => numbers;

    internal IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>Gets or sets a number; NaN and the infinities are numbers too.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name: the checkpoint was written by another version of this code.</exception>
    public double this[string name]
    {
        get => numbers.TryGetValue(name, out var value) ? value : throw Missing(name);
        set => numbers[name] = value;
    }

    /// <summary>Keeps a copy of a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The tensor; it stays the caller's.</param>
    public void Set(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var _ = no_grad();
        tensors[name] = value.detach().to(CPU, copy: true).contiguous().DetachFromDisposeScope();
    }

    /// <summary>Gets a tensor, on the CPU; it stays this object's.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public Tensor Get(string name) => tensors.TryGetValue(name, out var value) ? value : throw Missing(name);

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
        tensors.Clear();
    }

    private KeyNotFoundException Missing(string name) => new($"The checkpoint has no '{name}'; it has {string.Join(", ", numbers.Keys.Concat(tensors.Keys).Take(10))}.");
}
