using System.ComponentModel.DataAnnotations;
using MLNet.DeepExtensions;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace FaceVerification;

/// <summary>
/// A network for faces that stand upright in the middle, and for few of them: it sees each together with its mirror image, so that a face turned to the left and to the right is the same,
/// keeps where in the picture something is, and has several small branches side by side, which err differently. An architecture of the application's own, registered by its name.
/// </summary>
internal sealed record MirrorNet : ModelConfig
{
    /// <summary>Gets the channels of each stage; a stage halves the picture.</summary>
    [Required, MinLength(1), MaxLength(6)]
    public IReadOnlyList<int> Widths { get; init; } = [16, 32, 64];

    /// <summary>Gets the branches; the vector's numbers are shared out among them.</summary>
    [Range(1, 64)]
    public int Branches { get; init; } = 4;

    /// <summary>Gets the probability of zeroing a feature while training.</summary>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.3;

    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        if (input is not ImageShape picture || outputs % Branches != 0)
            throw new ArgumentException($"MirrorNet takes pictures and makes vectors of a multiple of {Branches} numbers, but the input is {input} and the vector has {outputs}.");
        return Sequential(
            ("branches", new SideBySide([.. Enumerable.Range(0, Branches).Select(_ => new WithMirror(Branch(picture, outputs / Branches, device)))])),
            ("norm", BatchNorm1d(outputs, device: device)));
    }

    private Module<Tensor, Tensor> Branch(ImageShape picture, int outputs, Device? device)
    {
        List<(string, Module<Tensor, Tensor>)> layers = [];
        long channels = picture.Channels;
        foreach (var (width, stage) in Widths.Select((width, stage) => (width, stage)))
        {
            layers.AddRange([($"conv{stage}", Conv2d(channels, width, 3, padding: 1, bias: false, device: device)), ($"norm{stage}", BatchNorm2d(width, device: device)),
                ($"relu{stage}", ReLU()), ($"pool{stage}", MaxPool2d(2))]);
            channels = width;
        }
        var features = channels * (picture.Height >> Widths.Count) * (picture.Width >> Widths.Count);
        layers.AddRange([("flatten", Flatten()), ("dropout", nn.Dropout(Dropout)), ("fc", Linear(features, outputs, hasBias: false, device: device))]);
        return Sequential(layers);
    }

    private sealed class WithMirror : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> face;

        public WithMirror(Module<Tensor, Tensor> face) : base(nameof(WithMirror))
        {
            this.face = face;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var both = face.call(cat([x, x.flip(3)], 0)).chunk(2, 0);           // [2 N, outputs] → two of [N, outputs]
            return (both[0] + both[1]).MoveToOuterDisposeScope();
        }
    }

    private sealed class SideBySide : Module<Tensor, Tensor>
    {
        private readonly ModuleList<Module<Tensor, Tensor>> branches;

        public SideBySide(Module<Tensor, Tensor>[] parts) : base(nameof(SideBySide))
        {
            branches = ModuleList(parts);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return cat([.. branches.Select(branch => branch.call(x))], 1).MoveToOuterDisposeScope();
        }
    }
}
