using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>How a tensor lies in memory: what a native kernel takes on trust.</summary>
internal sealed class TensorLayout
{
    private readonly int deviceIndex;
    private readonly long[] shape;
    private readonly long[] strides;

    public TensorLayout(Tensor tensor)
    {
        Type = tensor.dtype;
        DeviceType = tensor.device_type;
        deviceIndex = tensor.device_index;
        shape = tensor.shape;
        strides = tensor.stride();
    }

    public ScalarType Type { get; }

    public DeviceType DeviceType { get; }

    /// <summary>Gets whether the elements fill one block of memory, each once and in whatever order: a kernel walks over the block.</summary>
    public bool IsDense
    {
        get
        {
            var expected = 1L;
            foreach (var (size, stride) in shape.Zip(strides).Where(dimension => dimension.First != 1).OrderBy(dimension => dimension.Second))
            {
                if (stride != expected)
                    return false;
                expected *= size;
            }
            return true;
        }
    }

    /// <summary>Whether type, device and shape are these. Asks without allocating, since every step asks for every tensor.</summary>
    public bool FitsButForStrides(Tensor tensor)
    {
        if (tensor.dtype != Type || tensor.device_type != DeviceType || tensor.device_index != deviceIndex || tensor.ndim != shape.Length)
            return false;
        for (var i = 0; i < shape.Length; i++)
            if (tensor.size(i) != shape[i])
                return false;
        return true;
    }

    /// <summary>Whether the strides are these; the tensor already fits but for them.</summary>
    public bool StridesFit(Tensor tensor)
    {
        for (var i = 0; i < strides.Length; i++)
            // the stride of a single element leads nowhere; CUDA's kernels compare it all the same
            if (tensor.stride(i) != strides[i] && (shape[i] != 1 || DeviceType != DeviceType.CPU))
                return false;
        return true;
    }

    public bool SameTypeAndDevice(TensorLayout other) => Type == other.Type && DeviceType == other.DeviceType && deviceIndex == other.deviceIndex;

    public override string ToString() => Describe(Type, shape, new Device(DeviceType, deviceIndex));

    public static string Describe(Tensor tensor) => Describe(tensor.dtype, tensor.shape, tensor.device);

    private static string Describe(ScalarType type, long[] shape, Device device) => $"{type} [{string.Join(", ", shape)}] on {device}";
}
