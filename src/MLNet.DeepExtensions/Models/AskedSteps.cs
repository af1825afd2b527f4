using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The steps of a batch that are asked about, and what a network says of them.</summary>
internal static class AskedSteps
{
    /// <summary>Finds the steps at which a token stands.</summary>
    /// <returns>Their numbers among all steps, row by row; and how many each row has.</returns>
    public static (Tensor Asked, long[] Counts) Find(InputTensor column, int token)
    {
        var here = column.Values.eq(token);                                                     // [N, steps]
        if (column.Mask() is { } mask)
            here = here.logical_and(mask);
        return (here.flatten().nonzero().flatten(), here.sum(1).cpu().data<long>().ToArray());
    }

    /// <summary>Asks a network.</summary>
    /// <returns>[asked, classes].</returns>
    /// <exception cref="InvalidOperationException">It answers something else.</exception>
    public static Tensor Answer(Module network, ModelInput input, Tensor asked, int classes)
    {
        var output = network.Call(new ModelInput(input.Columns) { Asked = asked });
        return output.dim() == 2 && output.shape[0] == asked.shape[0] && output.shape[1] == classes ? output
            : throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}] for {asked.shape[0]} steps that were asked about, but must give [{asked.shape[0]}, {classes}].");
    }

    /// <summary>The likeliest classes and their probabilities, the likeliest first.</summary>
    /// <returns>For each step so many pairs of a class and its probability.</returns>
    public static float[] Likeliest(Tensor output, int count)
    {
        using var scope = NewDisposeScope();
        var (probabilities, classes) = functional.softmax(output, -1, ScalarType.Float32).topk(count, -1);
        // a class is exact in single precision up to 2^24
        return MemoryMarshal.Cast<byte, float>(stack([classes.to(ScalarType.Float32), probabilities], -1).cpu().contiguous().bytes).ToArray();
    }
}
