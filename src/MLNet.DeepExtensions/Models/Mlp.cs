using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A multi-layer perceptron: fully connected layers, each but the last followed by batch norm (if asked for), activation and dropout. Takes any input and flattens it.
/// Parameters are named <c>fc1.weight</c>, <c>fc1.bias</c>, <c>bn1.weight</c>, … , the last layer's after its number.
/// </summary>
[ConfigName("mlp")]
public sealed record Mlp : ModelConfig
{
    /// <summary>Gets the widths of the hidden layers, from the input to the output.</summary>
    /// <value>Each between 1 and 65,536, at most 100 layers; none makes a linear model. The default is one layer of 128.</value>
    [Required, MaxLength(100), Widths(Most = 65_536)]
    public IReadOnlyList<int> HiddenSizes { get; init; } = [128];

    /// <summary>Gets the function behind each hidden layer.</summary>
    /// <value>The default is ReLU.</value>
    [EnumDataType(typeof(Activation))]
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Gets the probability of zeroing a hidden activation while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; }

    /// <summary>Gets whether each hidden layer is normalised over the batch before its activation (Ioffe and Szegedy 2015).</summary>
    /// <value>The default is false.</value>
    public bool BatchNorm { get; init; }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is ColumnsShape or IdsShape || input.IsVariable)
            throw new ArgumentException($"{nameof(Mlp)} takes one column of numbers, or pictures, of one length in every row, but an example is {input}.", nameof(input));
        var layers = new List<(string, Module<Tensor, Tensor>)> { ("flatten", Flatten()) };
        var width = input.Count;
        for (var i = 1; i <= HiddenSizes.Count; i++)
        {
            layers.Add(($"fc{i}", Linear(width, HiddenSizes[i - 1], device: device)));
            width = HiddenSizes[i - 1];
            if (BatchNorm)
                layers.Add(($"bn{i}", BatchNorm1d(width, device: device)));
            layers.Add(($"act{i}", Activation.Build()));
            if (Dropout > 0)
                layers.Add(($"drop{i}", new SeededDropout(Dropout)));
        }
        layers.Add(($"fc{HiddenSizes.Count + 1}", Linear(width, outputs, device: device)));
        return Sequential(layers);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { HiddenSizes = [16] }, new VectorShape(8), 3);

    /// <summary>Compares the settings, the hidden sizes one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(Mlp? other) => other is not null && HiddenSizes.SequenceEqual(other.HiddenSizes) &&
        (Activation, Dropout, BatchNorm) == (other.Activation, other.Dropout, other.BatchNorm);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(HiddenSizes.Count, Activation, Dropout, BatchNorm);
}
