using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Mean and standard deviation of each channel of each column over the training rows.</summary>
internal static class ChannelMoments
{
    /// <summary>Goes through the rows once. Columns of categories have nothing to measure; padding does not count.</summary>
    /// <returns>The columns, with stages that normalise by what was found.</returns>
    public static List<NetworkColumn> Measure(IReadOnlyList<NetworkColumn> columns, IBatchSource train)
    {
        var sums = columns.Select(column => column.Features.Shape is IdsShape ? null : new Moments((int)column.Features.Shape.ChannelCount)).ToList();
        using var inference = inference_mode();
        using var batches = train.Read(epoch: 0).GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();        // a batch is made by asking for it
            if (!batches.MoveNext())
                break;
            for (var i = 0; i < sums.Count; i++)
                sums[i]?.Add(batches.Current.Input.Columns[i], columns[i].Features.Shape);
        }
        return [.. columns.Zip(sums, (column, sum) => sum is null ? column : column with { Stage = column.Stage with { Mean = sum.Mean, Std = sum.Std } })];
    }

    // one mean over all rows, by combining those of the batches (Chan, Golub and LeVeque 1979): sums of squares would lose what matters
    private sealed class Moments(int channels)
    {
        private readonly double[] mean = new double[channels];
        private readonly double[] spread = new double[channels];
        private double count;

        public IReadOnlyList<float> Mean => [.. mean.Select(value => (float)value)];

        // a channel that never changes has nothing to scale
        public IReadOnlyList<float> Std => [.. spread.Select(value => (float)Math.Sqrt(value / count)).Select(value => value > 0 ? value : 1)];

        public void Add(InputTensor column, InputShape shape)
        {
            var values = InputStage.Scale(column.Values, shape);
            if (column.Mask() is { } mask)
                values = values[mask];                                                          // [steps, width]
            else if (shape is SequenceShape)
                values = values.flatten(0, 1);
            long[] dimensions = shape is ImageShape ? [0, 2, 3] : [0];
            var numbers = values.numel() / channels;
            var (batchMean, batchVariance) = (Numbers(values.mean(dimensions)), Numbers(values.var(dimensions, unbiased: false)));
            var total = count + numbers;
            for (var c = 0; c < channels; c++)
            {
                var ahead = batchMean[c] - mean[c];
                spread[c] += batchVariance[c] * numbers + ahead * ahead * count * numbers / total;
                mean[c] += ahead * numbers / total;
            }
            count = total;
        }

        private static float[] Numbers(Tensor values) => values.cpu().data<float>().ToArray();
    }
}
