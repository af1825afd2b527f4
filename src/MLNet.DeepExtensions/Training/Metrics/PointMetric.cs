using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Measures numbers as people read them: scaled back, one for each target.</summary>
internal sealed class PointMetric : Metric
{
    private readonly Metric inner;
    private readonly OutputForm form;
    private readonly Tensor? mean, std;
    private readonly int middle;

    public PointMetric(Metric inner, RegressionTask task, Device device)
    {
        (this.inner, form) = (inner, task.Form);
        if (task.Scale?.Over(task.Width) is { } scale)
            (mean, std) = (tensor(scale.Mean, device: device).DetachFromDisposeScope(), tensor(scale.Std, device: device).DetachFromDisposeScope());
        middle = form.Quantiles is { } quantiles ? Enumerable.Range(0, quantiles.Count).MinBy(i => Math.Abs(quantiles[i] - 0.5)) : 0;
    }

    public override string Name => inner.Name;

    public override bool HigherIsBetter => inner.HigherIsBetter;

    public override double Value => inner.Value;

    public override void Update(Tensor output, Tensor target, Tensor? weight)
    {
        using var scope = NewDisposeScope();
        var points = form.OutputsPerTarget == 1 ? output : output.reshape(target.shape[0], target.shape[1], -1).select(2, middle);     // [N, targets]
        points = form.Activation switch { OutputActivation.Exponential => points.exp(), OutputActivation.Softmax => points.softmax(1), _ => points };
        inner.Update(Unscaled(points), Unscaled(target), weight);
    }

    public override void Reset() => inner.Reset();

    public override void SaveState(SavedState saved) => inner.SaveState(saved);

    public override void LoadState(SavedState saved) => inner.LoadState(saved);

    public override void Dispose()
    {
        inner.Dispose();
        mean?.Dispose();
        std?.Dispose();
        base.Dispose();
    }

    private Tensor Unscaled(Tensor values) => mean is null ? values : values * std! + mean;
}
