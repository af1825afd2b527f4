using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Steps as rows of their own: what a loss or a metric takes that knows rows only.</summary>
internal static class StepRows
{
    /// <summary>Lays the steps of all rows behind each other. A step without a target weighs nothing.</summary>
    /// <param name="output">[N, steps, classes].</param>
    /// <param name="target">[N, steps], <see cref="StepTargets.None"/> where there is none.</param>
    /// <param name="weight">How much each row counts, [N]; null counts all alike.</param>
    /// <returns>[N · steps, classes], [N · steps] and [N · steps].</returns>
    public static (Tensor Output, Tensor Target, Tensor Weight) Of(Tensor output, Tensor target, Tensor? weight)
    {
        var counts = target.ne(StepTargets.None).to(ScalarType.Float32);
        if (weight is not null)
            counts = counts * weight.unsqueeze(1);
        return (output.reshape(-1, output.shape[2]), target.reshape(-1).clamp_min(0), counts.reshape(-1));
    }
}
