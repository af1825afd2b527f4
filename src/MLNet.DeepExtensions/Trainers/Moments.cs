using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Mean and standard deviation of each channel over many batches, by combining those of the batches (Chan, Golub and LeVeque 1979): sums of squares would lose what matters.
/// Numbers that are missing do not count.
/// </summary>
internal sealed class Moments(int channels)
{
    private readonly double[] mean = new double[channels];
    private readonly double[] spread = new double[channels];
    private readonly double[] count = new double[channels];
    private readonly bool[] hasMissing = new bool[channels];

    public IReadOnlyList<float> Mean => [.. mean.Select(value => (float)value)];

    // a channel that never changes has nothing to scale
    public IReadOnlyList<float> Std => [.. spread.Zip(count, (value, rows) => (float)Math.Sqrt(value / rows)).Select(value => value > 0 ? value : 1)];

    /// <summary>Gets for each channel whether a number was missing.</summary>
    public IReadOnlyList<bool> HasMissing => hasMissing;

    /// <param name="column">Raw values of the column.</param>
    /// <param name="shape">The shape of one example.</param>
    public void Add(InputTensor column, InputShape shape)
    {
        var values = InputStage.Scale(column.Values, shape);
        if (column.Mask() is { } mask)
            values = values[mask];                                                          // [steps, width]
        else if (shape is SequenceShape)
            values = values.flatten(0, 1);
        long[] dimensions = shape is ImageShape ? [0, 2, 3] : [0];
        double[] numbers = [.. Enumerable.Repeat((double)values.numel() / channels, channels)];
        Tensor batchMean, batchVariance;
        if (column.Values.dtype == ScalarType.Float32 && values.isnan() is var missing && missing.any().item<bool>())
        {
            numbers = [.. Numbers(missing.logical_not().sum(dimensions, type: ScalarType.Float32)).Select(value => (double)value)];
            var rows = tensor(numbers, dtype: ScalarType.Float32, device: values.device).clamp_min(1);
            batchMean = values.masked_fill(missing, 0).sum(dimensions) / rows;
            var channelwise = shape is ImageShape ? batchMean.view(-1, 1, 1) : batchMean;
            batchVariance = (values - channelwise).pow(2).masked_fill(missing, 0).sum(dimensions) / rows;
        }
        else
            (batchMean, batchVariance) = (values.mean(dimensions), values.var(dimensions, unbiased: false));
        var (means, variances) = (Numbers(batchMean), Numbers(batchVariance));
        var full = (double)values.numel() / channels;
        for (var c = 0; c < channels; c++)
        {
            hasMissing[c] |= numbers[c] < full;
            if (numbers[c] == 0)
                continue;
            var (ahead, total) = (means[c] - mean[c], count[c] + numbers[c]);
            spread[c] += variances[c] * numbers[c] + ahead * ahead * count[c] * numbers[c] / total;
            mean[c] += ahead * numbers[c] / total;
            count[c] = total;
        }
    }

    private static float[] Numbers(Tensor values) => values.cpu().data<float>().ToArray();
}
