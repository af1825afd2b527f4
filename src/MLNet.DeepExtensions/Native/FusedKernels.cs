using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Native;

/// <summary>
/// libtorch's fused optimizer kernels: one pass over all parameters, where TorchSharp makes about ten for each. TorchSharp does not bind them,
/// so they are called by their C++ names. A C++ exception on this way ends the process: whoever calls has checked types, devices, shapes and strides.
/// </summary>
internal sealed unsafe class FusedKernels
{
    public const string SgdExport = "_ZN2at4_ops11_fused_sgd_4callEN3c108ArrayRefINS_6TensorEEES5_S5_ddddbbbRKSt8optionalIS4_ES9_";
    public const string AdagradExport = "_ZN2at4_ops15_fused_adagrad_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_ddddbRKSt8optionalIS4_ES9_";
    public const string AdamExport = "_ZN2at4_ops12_fused_adam_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_";
    public const string AdamWExport = "_ZN2at4_ops13_fused_adamw_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_";

    private readonly delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, double, double, double, double, byte, byte, byte, Optional*, Optional*, void> sgd;
    private readonly delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, ArrayRef, double, double, double, double, byte, Optional*, Optional*, void> adagrad;
    private readonly delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef, double, double, double, double, double, byte, byte, Optional*, Optional*, void> adam, adamW;

    /// <param name="export">The address of a function of libtorch_cpu by its exported name, 0 where there is none.</param>
    public FusedKernels(Func<string, nint> export)
    {
        sgd = (delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, double, double, double, double, byte, byte, byte, Optional*, Optional*, void>)export(SgdExport);
        adagrad = (delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, ArrayRef, double, double, double, double, byte, Optional*, Optional*, void>)export(AdagradExport);
        adam = (delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef, double, double, double, double, double, byte, byte, Optional*, Optional*, void>)export(AdamExport);
        adamW = (delegate* unmanaged[Cdecl]<ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef, double, double, double, double, double, byte, byte, Optional*, Optional*, void>)export(AdamWExport);
    }

    /// <summary>Gets the kernels of the libtorch that TorchSharp runs on.</summary>
    public static FusedKernels Loaded { get; } = new(LibTorch.Export);

    /// <summary>Gets a set that has no kernel.</summary>
    public static FusedKernels None { get; } = new(_ => 0);

    public bool HasSgd => sgd is not null;

    public bool HasAdagrad => adagrad is not null;

    public bool HasAdam => adam is not null;

    public bool HasAdamW => adamW is not null;

    /// <summary>What a list of tensors is made of. The tensor must stay alive as long as the address is in use.</summary>
    public static nint AddressOf(Tensor tensor) => *(nint*)tensor.Handle;

    /// <summary>
    /// One step of SGD. Momentum buffers: none where the momentum is 0. At the first step they hold nothing yet and take the gradient as it is.
    /// </summary>
    public void Sgd(ReadOnlySpan<nint> parameters, ReadOnlySpan<nint> gradients, ReadOnlySpan<nint> momentumBuffers,
        double weightDecay, double momentum, double learningRate, double dampening, bool nesterov, bool isFirstStep)
    {
        Optional nothing = default;
        fixed (nint* p = parameters, g = gradients, m = momentumBuffers)
            sgd(new(p, parameters), new(g, gradients), new(m, momentumBuffers), weightDecay, momentum, learningRate, dampening,
                Byte(nesterov), Byte(false), Byte(isFirstStep), &nothing, &nothing);
    }

    /// <summary>One step of Adagrad. Steps: one float32 scalar per parameter, on its device, with the number of this step; the first is 1.</summary>
    public void Adagrad(ReadOnlySpan<nint> parameters, ReadOnlySpan<nint> gradients, ReadOnlySpan<nint> sums, ReadOnlySpan<nint> steps,
        double learningRate, double learningRateDecay, double weightDecay, double epsilon)
    {
        Optional nothing = default;
        fixed (nint* p = parameters, g = gradients, u = sums, s = steps)
            adagrad(new(p, parameters), new(g, gradients), new(u, sums), new(s, steps), learningRate, learningRateDecay, weightDecay, epsilon, Byte(false), &nothing, &nothing);
    }

    /// <summary>
    /// One step of Adam, or of AdamW where decay is decoupled. Largest squares: none unless AMSGrad. Steps: one float32 scalar per parameter,
    /// on its device, with the number of this step; the first is 1.
    /// </summary>
    public void Adam(bool decoupled, ReadOnlySpan<nint> parameters, ReadOnlySpan<nint> gradients, ReadOnlySpan<nint> averages, ReadOnlySpan<nint> squares,
        ReadOnlySpan<nint> largestSquares, ReadOnlySpan<nint> steps, double learningRate, double beta1, double beta2, double weightDecay, double epsilon, bool amsGrad)
    {
        Optional nothing = default;
        var kernel = decoupled ? adamW : adam;
        fixed (nint* p = parameters, g = gradients, a = averages, q = squares, l = largestSquares, s = steps)
            kernel(new(p, parameters), new(g, gradients), new(a, averages), new(q, squares), new(l, largestSquares), new(s, steps),
                learningRate, beta1, beta2, weightDecay, epsilon, Byte(amsGrad), Byte(false), &nothing, &nothing);
    }

    private static byte Byte(bool value) => Unsafe.BitCast<bool, byte>(value);

    /// <summary><c>c10::ArrayRef&lt;at::Tensor&gt;</c>; an <c>at::Tensor</c> is one pointer.</summary>
    private readonly struct ArrayRef(nint* data, ReadOnlySpan<nint> list)
    {
        public readonly nint* Data = data;
        public readonly nint Length = list.Length;
    }

    /// <summary><c>std::optional&lt;at::Tensor&gt;</c>; all zero means empty.</summary>
    private struct Optional
    {
        public nint Value;
        public nint HasValue;
    }
}
