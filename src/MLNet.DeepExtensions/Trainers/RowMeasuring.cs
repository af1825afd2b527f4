using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Learns of the training rows what an architecture wants to know before it is built.</summary>
internal static class RowMeasuring
{
    // numbers of one feature that quantiles are taken from: with so many, a bin's end is sure to a fraction of a percent of the rows
    private const int MostInSample = 1 << 17;

    /// <summary>Goes through the rows once, as the network will see them.</summary>
    /// <param name="columns">The columns with their stages.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="seed">Decides which rows are in a sample, where they are many.</param>
    public static RowStatistics Measure(IReadOnlyList<NetworkColumn> columns, IBatchSource train, int seed)
    {
        var measured = columns.Select(column => column.Shape is VectorShape vector ? new Feature(vector) : null).ToList();
        var sample = new Sample(seed);
        // not inference mode: a slab that is made meanwhile feeds the training, too
        using var _ = no_grad();
        using var batches = train.Read(epoch: 0).GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();        // a batch is made by asking for it
            if (!batches.MoveNext())
                break;
            var places = sample.Take(batches.Current.Count);
            for (var i = 0; i < columns.Count; i++)
                measured[i]?.Add(columns[i].Apply(batches.Current.Input.Columns[i]), places);
        }
        return new RowStatistics([.. measured.Select(feature => feature?.Statistics())]);
    }

    /// <summary>Which rows are kept, and where: each row has the same chance, however many come (Vitter 1985, algorithm R).</summary>
    private sealed class Sample(int seed)
    {
        private readonly SeededRandom random = new(unchecked(seed * 397 ^ 0x7AB1E));
        private long seen;

        public int[] Take(int count)
        {
            var places = new int[count];
            for (var i = 0; i < count; i++)
            {
                var place = seen < MostInSample ? seen : random.Below(seen + 1);
                places[i] = place < MostInSample ? (int)place : -1;
                seen++;
            }
            return places;
        }
    }

    private sealed class Feature(VectorShape shape)
    {
        private readonly Moments moments = new(shape.Length);
        private readonly List<float>[] kept = [.. Enumerable.Range(0, shape.Length).Select(_ => new List<float>())];

        public void Add(InputTensor column, int[] places)
        {
            moments.Add(column, shape);
            var values = column.Values.cpu().contiguous().data<float>().ToArray();
            for (var row = 0; row < places.Length; row++)
                for (var c = 0; c < kept.Length && places[row] >= 0; c++)
                    if (places[row] < kept[c].Count)
                        kept[c][places[row]] = values[row * kept.Length + c];
                    else
                        kept[c].Add(values[row * kept.Length + c]);
        }

        public IReadOnlyList<NumberStatistics> Statistics() => [.. kept.Select((values, c) =>
            new NumberStatistics(moments.Mean[c], moments.Std[c], moments.HasMissing[c], [.. values.Where(float.IsFinite).Order()]))];
    }
}
