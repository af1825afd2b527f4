using System.Runtime.Intrinsics.X86;
using MLNet.DeepExtensions.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Finds how to compute with what is wanted on what there is.</summary>
internal static class ArithmeticChoice
{
    public static Arithmetic Find(Precision precision, Device device, Action<string> say)
    {
        if (precision == Precision.Float32)
            return new Arithmetic();
        if (!Autocast.IsAvailable)
        {
            say($"Precision = {precision} needs functions that the libtorch in use does not export under the names of libtorch 2.10 for Linux (TorchSharp 0.107): training runs in Float32.");
            return new Arithmetic();
        }
        if (device.type == DeviceType.CPU && !HasHalfUnits(precision))
            say($"This CPU has no units for {(precision == Precision.BFloat16Mixed ? "bfloat16 (avx512_bf16, amx_bf16)" : "float16 (avx512_fp16)")}: Precision = {precision} computes right, but slower than Float32.");
        return precision == Precision.BFloat16Mixed ? new MixedArithmetic(device.type, ScalarType.BFloat16) : new ScaledArithmetic(device.type);
    }

    /// <summary>
    /// Whether channels-last is worth it unless said otherwise: on GPUs, and where bfloat16 has matrix units. With AVX-512 alone libtorch's own blocked order is faster (docs/benchmarks.md).
    /// </summary>
    public static bool PrefersChannelsLast(bool? wanted, nn.Module module, Precision precision, Device device) =>
        (wanted ?? (device.type != DeviceType.CPU || precision == Precision.BFloat16Mixed && HasMatrixUnits)) && ChannelsLast.Suits(module);

    private static bool HasMatrixUnits => X86Base.IsSupported && (X86Base.CpuId(7, 0).Edx & 1 << 22) != 0;

    // CPUID leaf 7: bf16 is bit 5 of EAX in subleaf 1; amx_bf16 is bit 22 and avx512_fp16 bit 23 of EDX in subleaf 0
    private static bool HasHalfUnits(Precision precision)
    {
        if (!X86Base.IsSupported)
            return true;                        // ARM's and Apple's cannot be asked this way; they mostly have them
        var (_, _, _, edx) = X86Base.CpuId(7, 0);
        var (eax, _, _, _) = X86Base.CpuId(7, 1);
        return precision == Precision.BFloat16Mixed ? (eax & 1 << 5) != 0 || (edx & 1 << 22) != 0 : (edx & 1 << 23) != 0;
    }
}
