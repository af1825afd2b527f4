using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Batches of texts in which some tokens are hidden or replaced (Devlin et al. 2018): the network is asked about these steps alone, and the targets are the tokens that stood there.
/// The dice depend on seed, epoch and batch alone.
/// </summary>
internal sealed class MaskedBatches : IBatchSource
{
    private readonly IBatchSource texts;
    private readonly TokenMasking masking;
    private readonly int mask;
    private readonly HashSet<long> special;
    private readonly long[] ordinary;
    private readonly int seed;
    private readonly bool isFixed;

    /// <param name="texts">Tokens, as the network takes them: one column.</param>
    /// <param name="masking">What happens to them.</param>
    /// <param name="tokens">How many tokens there are.</param>
    /// <param name="special">Those that are never hidden, and never stand for others; the mask among them.</param>
    /// <param name="seed">Seeds the dice.</param>
    /// <param name="isFixed">Whether each epoch hides the same tokens, as validation must.</param>
    public MaskedBatches(IBatchSource texts, TokenMasking masking, int tokens, SpecialTokens special, int seed, bool isFixed)
    {
        (this.texts, this.masking, mask, this.seed, this.isFixed) = (texts, masking, special.Mask!.Value, seed, isFixed);
        this.special = [.. special.All];
        ordinary = [.. Enumerable.Range(0, tokens).Select(token => (long)token).Where(token => !this.special.Contains(token))];
    }

    public long Rows => texts.Rows;

    public int BatchSize => texts.BatchSize;

    public IEnumerable<Batch> Read(int epoch, int skip = 0)
    {
        var number = skip;
        foreach (var batch in texts.Read(epoch, skip))
            yield return Masked(batch, new SeededRandom(unchecked(seed * 397 ^ (isFixed ? 0 : epoch) * 1_000_003 ^ number++)));
    }

    private Batch Masked(Batch batch, SeededRandom random)
    {
        var column = batch.Input.Columns[0];
        var (rows, steps) = ((int)column.Values.shape[0], (int)column.Values.shape[1]);
        var ids = column.Values.to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();
        var lengths = column.Lengths?.cpu().data<long>().ToArray();
        List<long> asked = [], targets = [];
        var candidates = new List<int>(steps);
        for (var row = 0; row < rows; row++)
        {
            candidates.Clear();
            for (var step = 0; step < (lengths?[row] ?? steps); step++)
                if (!special.Contains(ids[row * steps + step]))
                    candidates.Add(row * steps + step);
            var count = candidates.Count == 0 ? 0 : Math.Max(1, (int)Math.Round(masking.Share * candidates.Count));
            for (var i = 0; i < count; i++)
            {
                var drawn = i + (int)random.Below(candidates.Count - i);
                (candidates[i], candidates[drawn]) = (candidates[drawn], candidates[i]);
                var place = candidates[i];
                asked.Add(place);
                targets.Add(ids[place]);
                var die = random.Fraction();
                if (die < masking.Hidden)
                    ids[place] = mask;
                else if (die < masking.Hidden + masking.Replaced)
                    ids[place] = ordinary[random.Below(ordinary.Length)];
            }
        }
        var device = column.Values.device;
        return batch with
        {
            Input = new ModelInput([column with { Values = tensor(ids, [rows, steps], device: device) }]) { Asked = tensor(asked.ToArray(), device: device) },
            Target = tensor(targets.ToArray(), device: device),
            // so that losses and metrics are means over tokens, however many a batch has
            Weight = ones(targets.Count, device: device),
        };
    }
}
