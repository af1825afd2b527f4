using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>All items of some rows with what is known of them, as their first row says it, and who chose which.</summary>
internal sealed class SeenItems : IDisposable
{
    private readonly Dictionary<long, int> places = [];
    private readonly HashSet<(long User, long Place)> pairs = [];
    private readonly InputTensor[] items;

    /// <summary>Goes through the rows once.</summary>
    /// <param name="rows">Rows of users and items, as the network takes them.</param>
    /// <param name="userColumns">How many of the columns describe the user.</param>
    public SeenItems(IBatchSource rows, int userColumns)
    {
        List<List<Tensor>>? values = null;
        List<List<Tensor?>>? lengths = null;
        List<InputTensor> last = [];
        using var keep = NewDisposeScope();
        using var _ = no_grad();
        using var batches = rows.Read(epoch: 0).GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();
            if (!batches.MoveNext())
                break;
            var batch = batches.Current;
            last = [.. batch.Input.Columns.Skip(userColumns)];
            var (userKeys, itemKeys) = (Keys(batch.Input.Columns[0]), Keys(last[0]));
            var fresh = new List<long>();
            for (var row = 0; row < itemKeys.Length; row++)
            {
                if (places.TryAdd(itemKeys[row], places.Count))
                    fresh.Add(row);
                pairs.Add((userKeys[row], places[itemKeys[row]]));
            }
            values ??= [.. last.Select(_ => new List<Tensor>())];
            lengths ??= [.. last.Select(_ => new List<Tensor?>())];
            if (fresh.Count == 0)
                continue;
            var which = tensor(fresh.ToArray(), device: batch.Target.device);
            for (var i = 0; i < last.Count; i++)
            {
                values[i].Add(last[i].Values.index_select(0, which).MoveToOuterDisposeScope());
                lengths[i].Add(last[i].Lengths?.index_select(0, which).MoveToOuterDisposeScope());
            }
        }
        items = [.. last.Select((column, i) => column with
        {
            Values = cat(ToOneWidth(values![i]), 0).DetachFromDisposeScope(),
            Lengths = column.Lengths is null ? null : cat([.. lengths![i].OfType<Tensor>()], 0).DetachFromDisposeScope(),
        })];
    }

    /// <summary>Gets how many items there are.</summary>
    public int Count => places.Count;

    /// <summary>Where an item stands; 0 where the rows had none of that key.</summary>
    public long PlaceOf(long itemKey) => places.GetValueOrDefault(itemKey);

    /// <summary>Says whether a user chose an item.</summary>
    public bool Has(long userKey, long place) => pairs.Contains((userKey, place));

    /// <summary>What is known of some items.</summary>
    public ModelInput Take(Tensor which) => new([.. items.Select(column => column with { Values = column.Values.index_select(0, which), Lengths = column.Lengths?.index_select(0, which) })]);

    /// <summary>The keys of a column of one key a row.</summary>
    public static long[] Keys(InputTensor column) => column.Values.to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();

    /// <summary>Pads what differs in length to the longest.</summary>
    public static IList<Tensor> ToOneWidth(IReadOnlyList<Tensor> parts)
    {
        if (parts[0].dim() < 2)
            return [.. parts];
        var widest = parts.Max(part => part.shape[1]);
        return [.. parts.Select(part => part.shape[1] == widest ? part
            : cat([part, zeros([part.shape[0], widest - part.shape[1], .. part.shape[2..]], part.dtype, part.device)], 1))];
    }

    public void Dispose()
    {
        foreach (var column in items)
        {
            column.Values.Dispose();
            column.Lengths?.Dispose();
        }
    }
}
