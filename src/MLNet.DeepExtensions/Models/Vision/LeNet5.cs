using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// LeNet-5 for small pictures (LeCun et al. 1998, "Gradient-based learning applied to document recognition"), in today's form: ReLU and max pooling,
/// a first convolution with padding 2 so that 28 × 28 pictures need no border. Parameters are named <c>conv1</c>, <c>conv2</c>, <c>fc1</c>, <c>fc2</c>, <c>fc3</c>.
/// </summary>
[ConfigName("lenet5")]
public sealed record LeNet5 : ModelConfig
{
    // the second convolution needs 5 of what the first pooling halves
    private const int SmallestSide = 12;

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var image = ImageInput.Require(input, nameof(LeNet5), SmallestSide);
        // 28 → 28 (conv1) → 14 (pool1) → 10 (conv2) → 5 (pool2)
        var features = 16L * ((image.Height / 2 - 4) / 2) * ((image.Width / 2 - 4) / 2);
        return Sequential(
            ("conv1", Conv2d(image.Channels, 6, 5, padding: 2, device: device)), ("relu1", ReLU()), ("pool1", MaxPool2d(2)),
            ("conv2", Conv2d(6, 16, 5, device: device)), ("relu2", ReLU()), ("pool2", MaxPool2d(2)),
            ("flatten", Flatten()),
            ("fc1", Linear(features, 120, device: device)), ("relu3", ReLU()),
            ("fc2", Linear(120, 84, device: device)), ("relu4", ReLU()),
            ("fc3", Linear(84, outputs, device: device)));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this, new ImageShape(SmallestSide, SmallestSide), 3);
}
