using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Dropout (Srivastava et al. 2014) whose mask is computed from a seed, many numbers at once. libtorch draws one number after the other on one core, which takes as long as the matrix product before it.
/// The seed comes from torch's generator, so that a run can be repeated and resumed as with libtorch's own.
/// </summary>
internal sealed class SeededDropout : Module<Tensor, Tensor>, IOnnxExportable
{
    // a span has no more bytes
    private const long MostNumbers = int.MaxValue / sizeof(float);

    private readonly double probability;

    /// <param name="probability">The share that is zeroed while training, 0 to below 1; the others grow by 1 / (1 - probability).</param>
    public SeededDropout(double probability) : base(nameof(Dropout))
    {
        this.probability = probability;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => Apply(input, training ? probability : 0);

    public GraphValue Export(OnnxGraph graph, GraphInput input) => input.Values;

    /// <summary>Zeroes a share of numbers at random.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="probability">The share; 0 changes nothing.</param>
    public static Tensor Apply(Tensor input, double probability)
    {
        if (probability <= 0)
            return input.alias();
        if (!Takes(input))
            return functional.dropout(input, probability);
        using var mask = Mask(input.shape, probability, input.dtype);
        return input * mask;
    }

    /// <summary>Says whether masks are computed here: on the CPU. GPUs have their own kernels.</summary>
    public static bool Takes(Tensor input) => input.device_type == DeviceType.CPU && input.dtype is ScalarType.Float32 or ScalarType.BFloat16 && input.numel() <= MostNumbers;

    /// <summary>0 or 1 / (1 - probability) for each number.</summary>
    private static Tensor Mask(long[] shape, double probability, ScalarType type)
    {
        using var seed = randint(0, long.MaxValue, [1], ScalarType.Int64);
        var dice = new Dice((ulong)seed.item<long>(), probability);
        var mask = empty(shape, type);
        var kept = BitConverter.SingleToUInt32Bits((float)(1 / (1 - probability)));
        if (type == ScalarType.Float32)
            dice.Fill(MemoryMarshal.Cast<byte, uint>(mask.bytes), kept);
        else
            dice.Fill(MemoryMarshal.Cast<byte, ushort>(mask.bytes), (ushort)(kept >> 16));
        return mask;
    }

    /// <summary>Random bits of a counter: MurmurHash3's finalizer (Appleby 2011) over counter and seed, each bit of which depends on all bits of both.</summary>
    private ref struct Dice(ulong seed, double probability)
    {
        private readonly Vector<uint> low = new((uint)seed);
        private readonly Vector<uint> high = new((uint)(seed >> 32));
        private readonly Vector<uint> dropped = new((uint)Math.Min(uint.MaxValue, probability * (1L << 32)));
        private Vector<uint> counter = Vector.CreateSequence(0u, 1u);

        public void Fill(Span<uint> mask, uint kept)
        {
            var keep = new Vector<uint>(kept);
            var whole = MemoryMarshal.Cast<uint, Vector<uint>>(mask);
            for (var i = 0; i < whole.Length; i++)
                whole[i] = IsKept() & keep;
            var rest = IsKept() & keep;
            for (var i = whole.Length * Vector<uint>.Count; i < mask.Length; i++)
                mask[i] = rest[i % Vector<uint>.Count];
        }

        public void Fill(Span<ushort> mask, ushort kept)
        {
            var keep = new Vector<ushort>(kept);
            var whole = MemoryMarshal.Cast<ushort, Vector<ushort>>(mask);
            for (var i = 0; i < whole.Length; i++)
                whole[i] = Vector.Narrow(IsKept(), IsKept()) & keep;
            var rest = Vector.Narrow(IsKept(), IsKept()) & keep;
            for (var i = whole.Length * Vector<ushort>.Count; i < mask.Length; i++)
                mask[i] = rest[i % Vector<ushort>.Count];
        }

        // all bits set, or none
        private Vector<uint> IsKept()
        {
            var x = (counter + low) * new Vector<uint>(0x9E3779B9);
            x ^= Vector.ShiftRightLogical(x, 16) ^ high;
            x *= new Vector<uint>(0x85EBCA6B);
            x ^= Vector.ShiftRightLogical(x, 13);
            x *= new Vector<uint>(0xC2B2AE35);
            x ^= Vector.ShiftRightLogical(x, 16);
            counter += new Vector<uint>((uint)Vector<uint>.Count);
            return Vector.GreaterThanOrEqual(x, dropped);
        }
    }
}
