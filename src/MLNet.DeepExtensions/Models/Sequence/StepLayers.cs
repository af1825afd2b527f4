using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The layers between what is read at a step and what is made of the steps.</summary>
/// <param name="Name">Their name in the network, as their parameters' names begin.</param>
/// <param name="Module">They, with their parameters.</param>
/// <param name="Width">The features of a step that come out.</param>
/// <param name="IsBidirectional">Whether the second half of the features is read from the end to the beginning.</param>
/// <param name="Run">[N, steps, numbers] and lengths, null where all rows have one, to [N, steps, <paramref name="Width"/>]. No step sees padding, what comes out for padding means nothing.</param>
internal sealed record StepLayers(string Name, Module Module, long Width, bool IsBidirectional, Func<Tensor, Tensor?, Tensor> Run)
{
    /// <summary>Gets what <see cref="Run"/> does, as a graph; unless it is given, the module's own nodes.</summary>
    public Func<OnnxGraph, GraphColumn, GraphValue>? Export { get; init; }
}
