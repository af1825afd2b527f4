using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>How many tensors something leaves alive. What earlier tests left to the garbage collector is taken away first, so that it cannot go in between.</summary>
internal static class LiveTensors
{
    public static long LeftBy(Action action)
    {
        Settle();
        var before = Tensor.TotalCount;
        action();
        return Tensor.TotalCount - before;
    }

    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
