using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Native;

/// <summary>
/// libtorch's automatic mixed precision for the current thread: inside, matrix products and convolutions run in half precision, what needs range in float32.
/// TorchSharp does not bind it, so it is called by its C++ names; all arguments are plain numbers.
/// </summary>
internal static unsafe class Autocast
{
    private static readonly delegate* unmanaged[Cdecl]<sbyte, byte, void> setEnabled = (delegate* unmanaged[Cdecl]<sbyte, byte, void>)LibTorch.Export("_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb");
    private static readonly delegate* unmanaged[Cdecl]<sbyte, sbyte, void> setType = (delegate* unmanaged[Cdecl]<sbyte, sbyte, void>)LibTorch.Export("_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE");
    private static readonly delegate* unmanaged[Cdecl]<int> enter = (delegate* unmanaged[Cdecl]<int>)LibTorch.Export("_ZN2at8autocast17increment_nestingEv");
    private static readonly delegate* unmanaged[Cdecl]<int> leave = (delegate* unmanaged[Cdecl]<int>)LibTorch.Export("_ZN2at8autocast17decrement_nestingEv");
    private static readonly delegate* unmanaged[Cdecl]<void> clear = (delegate* unmanaged[Cdecl]<void>)LibTorch.Export("_ZN2at8autocast11clear_cacheEv");

    /// <summary>Gets whether the libtorch in use exports what is needed; libtorch 2.10 for Linux does.</summary>
    public static bool IsAvailable => setEnabled is not null && setType is not null && enter is not null && leave is not null && clear is not null;

    /// <summary>Runs a forward pass in mixed precision.</summary>
    public static Tensor Run(DeviceType device, ScalarType type, Func<Tensor> forward)
    {
        setType((sbyte)device, (sbyte)type);
        setEnabled((sbyte)device, 1);
        enter();
        try
        {
            return forward();
        }
        finally
        {
            // weights are cast once in a pass, and after the step they are others
            if (leave() == 0)
                clear();
            setEnabled((sbyte)device, 0);
        }
    }
}
