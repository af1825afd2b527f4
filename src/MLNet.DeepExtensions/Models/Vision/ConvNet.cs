using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// A small convolutional network for little data and small machines. Each stage widens by a 3 × 3 convolution, halves the picture by max pooling, and looks again through
/// a residual block of two 3 × 3 convolutions, all with batch norm and ReLU; then the mean over the picture, dropout and one fully connected layer.
/// With the default widths it has 0.4 million parameters. Parameters are named <c>stages.0.widen.weight</c>, … , <c>fc.weight</c>.
/// </summary>
[ConfigName("conv-net")]
public sealed record ConvNet : ModelConfig
{
    /// <summary>Gets the channels of each stage. A stage halves the picture, so a picture takes at most log₂ of its smaller side of them.</summary>
    /// <value>Each between 1 and 4,096, at most 8 stages. The default is 32, 64, 128: right for pictures of 28 × 28; add 256 for photos of about 100 × 100.</value>
    [Required, MinLength(1), MaxLength(8), Widths]
    public IReadOnlyList<int> Widths { get; init; } = [32, 64, 128];

    /// <summary>Gets the probability of zeroing one of the last features while training.</summary>
    /// <value>In [0, 1). The default is 0.2.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.2;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "fc";

    /// <inheritdoc/>
    protected internal override string? FeatureMap => "stages";

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, nameof(ConvNet), Math.Min(1 << Widths.Count, 1 << 16));
        var stages = new List<Module<Tensor, Tensor>>();
        long channels = image.Channels;
        foreach (var width in Widths)
        {
            stages.Add(Sequential(
                ("widen", ConvLayers.Conv(channels, width, device: device)), ("norm", BatchNorm2d(width, device: device)), ("relu", ReLU(inplace: true)), ("pool", MaxPool2d(2)),
                ("block", new BasicBlock(width, width, 1, null, device))));
            channels = width;
        }
        return Sequential(("stages", ConvLayers.Numbered(stages)), ("pool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()),
            ("dropout", new SeededDropout(Dropout)), ("fc", Linear(channels, outputs, device: device)));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { Widths = [4, 8], Dropout = 0 }, new ImageShape(8, 8), 3);

    /// <summary>Compares the settings, the widths one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(ConvNet? other) => other is not null && Widths.SequenceEqual(other.Widths) && Dropout == other.Dropout;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Widths.Count, Dropout);
}
