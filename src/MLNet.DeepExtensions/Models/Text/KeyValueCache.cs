using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The keys and values of the tokens that a causal network has read, so that the next token costs one step and not all of them again. Rows end at the same column, whatever their lengths:
/// the next token of each stands beside the others'. Used in inference mode only.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Device device;
    private readonly int capacity;
    private Tensor[] keys, values;                      // of each layer, [rows, heads, capacity, width]
    private int[] lengths;

    /// <param name="config">The network's settings.</param>
    /// <param name="rows">How many texts.</param>
    /// <param name="capacity">How many tokens of each are kept at most.</param>
    /// <param name="device">Where the network is.</param>
    public KeyValueCache(Gpt config, int rows, int capacity, Device device)
    {
        (this.device, this.capacity, lengths) = (device, capacity, new int[rows]);
        keys = New();
        values = New();

        // zeros, since a column that a row does not have weighs nothing, but nothing times infinity would be no number
        Tensor[] New() => [.. Enumerable.Range(0, config.Layers).Select(_ => zeros(rows, config.Heads, capacity, config.HiddenSize / config.Heads, device: device).DetachFromDisposeScope())];
    }

    /// <summary>Gets the columns that are in use: as many as the longest row has tokens.</summary>
    public int Longest { get; private set; }

    /// <summary>Gets how many tokens of each row are kept.</summary>
    public IReadOnlyList<int> Lengths => lengths;

    /// <summary>The positions of the steps that come, [rows, steps].</summary>
    public Tensor Positions(long steps) => tensor(lengths.Select(length => (long)length).ToArray(), device: device).unsqueeze(1) + arange(steps, device: device);

    /// <summary>Which columns a row has once so many steps have come, [rows, columns]; null where every row has all.</summary>
    public Tensor? Mask(long steps) => lengths.All(length => length == Longest) ? null
        : arange(Longest + steps, device: device).unsqueeze(0) >= tensor(lengths.Select(length => (long)(Longest - length)).ToArray(), device: device).unsqueeze(1);

    /// <summary>Writes the keys and values of steps that come, and gives all that there are: views, valid until the next steps.</summary>
    /// <param name="layer">The layer's number.</param>
    /// <param name="key">[rows, heads, steps, width].</param>
    /// <param name="value">As the keys.</param>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor key, Tensor value)
    {
        var steps = key.shape[2];
        return (Write(keys[layer], key), Write(values[layer], value));

        Tensor Write(Tensor store, Tensor come)
        {
            using var place = store.narrow(2, Longest, steps);
            place.copy_(come);
            return store.narrow(2, 0, Longest + steps);
        }
    }

    /// <summary>Counts steps that all layers have been given.</summary>
    public void Advance(int steps)
    {
        Longest += steps;
        for (var row = 0; row < lengths.Length; row++)
            lengths[row] += steps;
    }

    /// <summary>Gives rows what another cache has read: all its rows are of one length.</summary>
    /// <param name="other">The other cache.</param>
    /// <param name="rows">Which row each of its rows becomes.</param>
    public void Take(KeyValueCache other, IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        var length = other.Longest;
        if (length > Longest)
            Shift(length - Longest);
        foreach (var row in rows)
            lengths[row] = length;
        for (var layer = 0; length > 0 && layer < keys.Length; layer++)
            for (var i = 0; i < rows.Count; i++)
            {
                Place(keys[layer], rows[i]).copy_(other.keys[layer][i].narrow(1, 0, length));
                Place(values[layer], rows[i]).copy_(other.values[layer][i].narrow(1, 0, length));
            }

        Tensor Place(Tensor store, int row) => store[row].narrow(1, Longest - length, length);
    }

    /// <summary>Gives back columns that no row has any more.</summary>
    public void Trim() => Shift(lengths.Max() - Longest);

    /// <summary>Keeps some of the rows, in the order that is given.</summary>
    public void Keep(IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        var which = tensor(rows.Select(row => (long)row).ToArray(), device: device);
        keys = Chosen(keys);
        values = Chosen(values);
        lengths = [.. rows.Select(row => lengths[row])];

        Tensor[] Chosen(Tensor[] stores) => [.. stores.Select(store =>
        {
            using (store)
                return store.index_select(0, which).DetachFromDisposeScope();
        })];
    }

    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values))
            tensor.Dispose();
    }

    // rows end at one column: what they have moves with it
    private void Shift(int by)
    {
        if (by == 0)
            return;
        using var scope = NewDisposeScope();
        var (kept, from, to) = by > 0 ? (Longest, 0, by) : (Longest + by, -by, 0);
        if (kept > 0)
            foreach (var store in keys.Concat(values))
                store.narrow(2, to, kept).copy_(store.narrow(2, from, kept).clone());
        Longest += by;
    }
}
