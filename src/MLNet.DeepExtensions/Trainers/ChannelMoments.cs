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
        // not inference mode: a slab that is made meanwhile feeds the training, too
        using var _ = no_grad();
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
}
