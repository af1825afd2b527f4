using Google.Protobuf;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>An ONNX graph out of a model file that nobody need trust: it stands for itself, reads no other file, and uses ONNX's own operators alone.</summary>
internal static class OnnxFile
{
    // what a graph of ours nests, and far less than a stack takes
    private const int MaxDepth = 32;

    /// <exception cref="InvalidModelFileException">The bytes are no such graph.</exception>
    public static void Check(byte[] bytes)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(CodedInputStream.CreateWithLimits(new MemoryStream(bytes), sizeLimit: int.MaxValue, recursionLimit: MaxDepth));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidModelFileException($"{Interop.SavedTransformer.OnnxWeights} is damaged: {e.Message}", e);
        }
        if (model.Graph is not { Node.Count: > 0 } graph)
            throw new InvalidModelFileException($"{Interop.SavedTransformer.OnnxWeights} has no graph.");
        if (graph.Initializer.FirstOrDefault(IsOutside) is { } outside)
            throw new InvalidModelFileException($"{Interop.SavedTransformer.OnnxWeights} keeps '{outside.Name}' in another file, which a portable model never does.");
        if (graph.Initializer.FirstOrDefault(tensor => !HasItsBytes(tensor)) is { } broken)
            throw new InvalidModelFileException($"{Interop.SavedTransformer.OnnxWeights} says that '{broken.Name}' is [{string.Join(", ", broken.Dims)}] of type {broken.DataType}, which its {broken.RawData.Length:N0} bytes are not.");
        if (graph.Node.FirstOrDefault(node => node.Domain is not ("" or "ai.onnx") || node.Attribute.Any(attribute => attribute.T is { } tensor && IsOutside(tensor))) is { } foreign)
            throw new InvalidModelFileException($"{Interop.SavedTransformer.OnnxWeights} has a node '{foreign.Name}' ({foreign.OpType}{(foreign.Domain.Length > 0 ? $" of {foreign.Domain}" : "")}) that no portable model has.");
    }

    private static bool IsOutside(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0;

    // what a runtime allocates follows from what a file says, so it must be true
    private static bool HasItsBytes(TensorProto tensor)
    {
        var size = tensor.DataType switch { 1 or 6 => 4, 2 or 3 or 9 => 1, 7 or 11 => 8, 10 or 16 => 2, _ => 0 };
        var left = size == 0 ? -1 : tensor.RawData.Length / size;
        foreach (var dim in tensor.Dims)
        {
            if (dim < 0 || left < 0 || dim > 0 && left % dim != 0)
                return false;
            left = dim == 0 ? 0 : (int)(left / dim);
        }
        return left is 0 or 1 && tensor.RawData.Length % size == 0 && (left == 1) == (tensor.RawData.Length > 0);
    }
}
