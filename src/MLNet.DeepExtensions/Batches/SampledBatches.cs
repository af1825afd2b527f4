using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>How many items that a user did not choose stand beside each that the user chose.</summary>
/// <param name="UserColumns">How many of the columns, the first ones, describe the user; the first column and the first behind them are keys.</param>
/// <param name="PerPositive">How many items for each row.</param>
internal sealed record NegativeSampling(int UserColumns, int PerPositive);

/// <summary>
/// Batches of chosen items, each followed by items drawn from all those of the training rows, each as likely as the next, that its user did not choose (He et al. 2017, section 4.1).
/// The dice depend on seed, epoch and batch alone.
/// </summary>
internal sealed class SampledBatches : IBatchSource
{
    // a user who chose nearly all is soon given what was drawn
    private const int Attempts = 20;

    private readonly IBatchSource chosen;
    private readonly NegativeSampling sampling;
    private readonly SeenItems seen;
    private readonly int seed;
    private readonly bool isFixed;

    /// <param name="chosen">Rows of users and the items that they chose, as the network takes them.</param>
    /// <param name="sampling">What is wanted.</param>
    /// <param name="seen">All items, and who chose which.</param>
    /// <param name="seed">Seeds the dice.</param>
    /// <param name="isFixed">Whether each epoch gets the same items, as validation must.</param>
    public SampledBatches(IBatchSource chosen, NegativeSampling sampling, SeenItems seen, int seed, bool isFixed) =>
        (this.chosen, this.sampling, this.seen, this.seed, this.isFixed) = (chosen, sampling, seen, seed, isFixed);

    public long Rows => chosen.Rows;

    public int BatchSize => chosen.BatchSize;

    public IEnumerable<Batch> Read(int epoch, int skip = 0)
    {
        var number = skip;
        foreach (var batch in chosen.Read(epoch, skip))
            yield return With(batch, new SeededRandom(unchecked(seed * 397 ^ (isFixed ? 0 : epoch) * 1_000_003 ^ number++)));
    }

    private Batch With(Batch batch, SeededRandom random)
    {
        var (users, items) = (batch.Input.Columns.Take(sampling.UserColumns), batch.Input.Columns.Skip(sampling.UserColumns).ToList());
        var userKeys = SeenItems.Keys(batch.Input.Columns[0]);
        var itemKeys = SeenItems.Keys(items[0]);
        var rows = 1 + sampling.PerPositive;
        var places = new long[batch.Count * rows];
        for (var row = 0; row < batch.Count; row++)
            places[row] = seen.PlaceOf(itemKeys[row]);
        for (var draw = batch.Count; draw < places.Length; draw++)
        {
            var place = random.Below(seen.Count);
            for (var attempt = 1; attempt < Attempts && seen.Has(userKeys[draw % batch.Count], place); attempt++)
                place = random.Below(seen.Count);
            places[draw] = place;
        }
        var repeated = users.Select(column => column with
        {
            Values = column.Values.repeat([rows, .. Enumerable.Repeat(1L, (int)column.Values.dim() - 1)]), Lengths = column.Lengths?.repeat(rows),
        });
        var drawn = seen.Take(tensor(places, device: batch.Target.device)).Columns;
        // what was chosen stands as it came: an item that only validation has is in no table
        var joined = items.Zip(drawn, (own, other) => Joined(own, other, batch.Count));
        return batch with
        {
            Input = new ModelInput([.. repeated, .. joined]), Target = cat([batch.Target, zeros_like(batch.Target).repeat(sampling.PerPositive, 1)], 0), Weight = batch.Weight?.repeat(rows),
        };
    }

    private static InputTensor Joined(InputTensor own, InputTensor drawn, int count)
    {
        var rest = drawn.Values.narrow(0, count, drawn.Values.shape[0] - count);
        var lengths = own.Lengths is null ? null : cat([own.Lengths, drawn.Lengths!.narrow(0, count, drawn.Lengths.shape[0] - count)], 0);
        return own with { Values = cat(SeenItems.ToOneWidth([own.Values, rest]), 0), Lengths = lengths };
    }
}
