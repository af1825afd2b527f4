using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A mean over rows, by weight where they have one, kept as sums on the device: adding to it waits for nothing.</summary>
internal sealed class RunningMean(Device device) : IDisposable
{
    private readonly Tensor sum = zeros(1, SumsOn(device), device).DetachFromDisposeScope();
    private readonly Tensor weights = zeros(1, SumsOn(device), device).DetachFromDisposeScope();
    private long rows;

    /// <summary>Gets the mean; NaN where there were no rows.</summary>
    public double Value => (rows + weights.ToDouble()) is var total && total > 0 ? sum.ToDouble() / total : double.NaN;

    /// <summary>Adds a number for each row.</summary>
    /// <param name="values">[N].</param>
    /// <param name="weight">[N]; null counts all alike.</param>
    public void Add(Tensor values, Tensor? weight)
    {
        if (weight is null)
        {
            rows += values.shape[0];
            sum.add_(values.sum());
            return;
        }
        weights.add_(weight.sum());
        sum.add_((values * weight).sum());
    }

    public void Reset()
    {
        rows = 0;
        sum.zero_();
        weights.zero_();
    }

    public void Save(SavedState saved) => (saved["rows"], saved["sum"], saved["weights"]) = (rows, sum.ToDouble(), weights.ToDouble());

    public void Load(SavedState saved)
    {
        rows = (long)saved["rows"];
        sum.fill_(saved["sum"]);
        weights.fill_(saved["weights"]);
    }

    public void Dispose()
    {
        sum.Dispose();
        weights.Dispose();
    }

    // float32 counts single rows up to 16.7 million; Apple's GPUs know nothing longer
    private static ScalarType SumsOn(Device device) => device.type == DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;
}

/// <summary>A metric that is a mean over rows of one number for each, or what a function makes of that mean. Where there is a target for each step, a step is a row of its own.</summary>
internal sealed class RowMetric(string name, Device device, Func<Tensor, Tensor, Tensor> ofRows, bool higherIsBetter = true, Func<double, double>? ofMean = null) : Metric
{
    private readonly RunningMean mean = new(device);

    public override string Name => name;

    public override bool HigherIsBetter => higherIsBetter;

    public override double Value => ofMean is null ? mean.Value : ofMean(mean.Value);

    public override void Update(Tensor output, Tensor target, Tensor? weight)
    {
        if (output.dim() == 3)
            (output, target, weight) = StepRows.Of(output, target, weight);
        mean.Add(ofRows(output, target), weight);
    }

    public override void Reset() => mean.Reset();

    public override void SaveState(SavedState saved) => mean.Save(saved);

    public override void LoadState(SavedState saved) => mean.Load(saved);

    public override void Dispose()
    {
        mean.Dispose();
        base.Dispose();
    }
}
