using System.ComponentModel.DataAnnotations;
using MLNet.DeepExtensions;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace FaceVerification;

/// <summary>
/// A network for faces that stand upright in the middle, and for few of them. Its first layer is given, not learnt: how strong waves of some lengths and directions are at each place
/// (Gabor filters; Daugman 1985, for faces Lades et al. 1993), which light and small shifts change little. One layer learns which of that tells people apart.
/// An architecture of the application's own, registered by its name.
/// </summary>
internal sealed record GaborNet : ModelConfig
{
    /// <summary>Gets the lengths of the waves, in pixels.</summary>
    [Required, MinLength(1), MaxLength(8)]
    public IReadOnlyList<double> Wavelengths { get; init; } = [3, 4.5, 6.5, 9.5];

    /// <summary>Gets the directions of the waves.</summary>
    [Range(1, 32)]
    public int Orientations { get; init; } = 6;

    /// <summary>Gets the rows of places.</summary>
    [Range(1, 64)]
    public int Rows { get; init; } = 8;

    /// <summary>Gets the columns of places.</summary>
    [Range(1, 64)]
    public int Columns { get; init; } = 7;

    /// <summary>Gets the probability of zeroing a feature while training.</summary>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; } = 0.3;

    public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        if (input is not ImageShape)
            throw new ArgumentException($"GaborNet takes pictures, but the input is {input}.");
        var features = Wavelengths.Count * Orientations * Rows * Columns;
        return Sequential(
            ("waves", new Waves(this, device)),
            ("norm", BatchNorm1d(features, affine: false, device: device)),
            ("dropout", nn.Dropout(Dropout)),
            ("fc", Linear(features, outputs, hasBias: false, device: device)));
    }

    /// <summary>The strength of each wave at each place, of the face and its mirror image together, so that a face turned to the left and to the right is the same.</summary>
    private sealed class Waves : Module<Tensor, Tensor>
    {
        private readonly GaborNet config;

        public Waves(GaborNet config, Device? device) : base(nameof(Waves))
        {
            this.config = config;
            foreach (var (length, scale) in config.Wavelengths.Select((length, scale) => (length, scale)))
                register_buffer($"filters{scale}", Filters(length, config.Orientations).to(device ?? CPU));
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var grey = x.mean([1], keepdim: true);
            var both = cat([grey, grey.flip(3)], 0);
            var strengths = cat([.. config.Wavelengths.Select((_, scale) => Strength(both, get_buffer($"filters{scale}")!))], 1);      // [2 N, scales · directions, rows, columns]
            var halves = strengths.chunk(2, 0);
            return (halves[0] + halves[1]).sqrt().flatten(1).MoveToOuterDisposeScope();
        }

        // where even and odd waves are both asked, it does not matter where exactly a wave begins
        private Tensor Strength(Tensor pictures, Tensor filters)
        {
            var reach = filters.shape[3] / 2;
            var answers = functional.conv2d(functional.pad(pictures, [reach, reach, reach, reach], PaddingModes.Replicate), filters).chunk(2, 1);
            return functional.adaptive_avg_pool2d((answers[0].square() + answers[1].square()).sqrt(), [config.Rows, config.Columns]);
        }

        /// <summary>The even waves of all directions, then the odd ones: [2 · directions, 1, side, side]. A patch of one grey has none.</summary>
        private static Tensor Filters(double length, int orientations)
        {
            using var scope = NewDisposeScope();
            var reach = (int)(0.9 * length);
            var across = arange(-reach, reach + 1).to(ScalarType.Float32).reshape(1, -1);
            var window = (-(across.square() + across.t().square()) / (0.5 * length * length)).exp();          // a bell half as wide as the wave is long
            window /= window.sum();
            var directions = Enumerable.Range(0, orientations).Select(number => Math.PI * number / orientations);
            var phases = directions.Select(angle => (across * Math.Cos(angle) + across.t() * Math.Sin(angle)) * (2 * Math.PI / length)).ToArray();
            var even = phases.Select(phase => window * (phase.cos() - (window * phase.cos()).sum()));
            var odd = phases.Select(phase => window * phase.sin());
            return stack([.. even, .. odd], 0).unsqueeze(1).MoveToOuterDisposeScope();
        }
    }
}
