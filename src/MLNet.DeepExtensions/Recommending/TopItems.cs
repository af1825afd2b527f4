using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>An item that is recommended.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">The value behind the key as text; empty where the column named none.</param>
/// <param name="Score">What the network says: a rating, or the log-odds that the user chooses it.</param>
public sealed record RecommendedItem(uint Key, string Name, float Score);

/// <summary>
/// Finds the items that suit a user best among all those of some rows, without the ones that the user has seen. All of the catalogue is scored at once, many users in a batch.
/// Made by <c>mlContext.DeepRecommendation().TopItems</c>. One thread at a time may ask.
/// </summary>
public sealed class TopItems : IDisposable
{
    // pairs that one pass scores, where each pair costs a pass through the network
    private const int PairsInPass = 1 << 17;

    private readonly DeepTransformer transformer;
    private readonly RecommenderNetwork network;
    private readonly Dictionary<uint, int> rowOfUser = [];
    private readonly Dictionary<uint, HashSet<int>> seen = [];
    private readonly List<uint> items = [];
    private readonly InputRows rows;
    private readonly ModelInput itemInput;
    private readonly int userColumns;
    private readonly IReadOnlyList<string>? itemNames;
    private readonly Dictionary<string, uint> keyOfUser = new(StringComparer.Ordinal);
    private readonly DataViewSchema.Column userColumn;

    internal TopItems(DeepTransformer transformer, IDataView interactions)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(interactions);
        this.transformer = transformer;
        network = transformer.Module as RecommenderNetwork ?? throw new ArgumentException(
            $"TopItems asks a recommender (NeuralMatrixFactorization, TwoTower, MatrixFactorization), but the network is {transformer.Module.GetName()}.", nameof(transformer));
        userColumns = ((RecommenderConfig)transformer.Model.Config).UserColumns;
        var inputs = transformer.Model.Saved.Inputs;
        var columns = inputs.Select(input => input.Features.Bind(interactions.Schema)).ToList();
        rows = InputRows.For(inputs.Select(input => input.Features), null, null);
        var itemRows = new List<int>();
        using (var cursor = interactions.GetRowCursor(columns))
        {
            var reader = new InputReader([.. inputs.Select(input => input.Features)], cursor, columns);
            var placeOfItem = new Dictionary<uint, int>();
            var number = 0;
            while (cursor.MoveNext())
            {
                reader.AddTo(rows);
                var (user, item) = (KeyAt(0, number), KeyAt(userColumns, number));
                // the missing user likes nothing, and the missing item is none
                if (user > 0)
                    rowOfUser.TryAdd(user, number);
                if (item > 0 && placeOfItem.TryAdd(item, items.Count))
                {
                    items.Add(item);
                    itemRows.Add(number);
                }
                if (user > 0 && item > 0)
                    (seen.TryGetValue(user, out var known) ? known : seen[user] = []).Add(placeOfItem[item]);
                number++;
            }
        }
        if (items.Count == 0)
            throw new ArgumentException("The rows have no item at all, so there is none to recommend.", nameof(interactions));
        itemNames = LabelValues.Of(columns[userColumns])?.Values;
        userColumn = columns[0];
        if (LabelValues.Of(userColumn)?.Values is { } names)
            for (var i = 0; i < names.Count; i++)
                keyOfUser[names[i]] = (uint)i + 1;
        using var scope = NewDisposeScope();
        itemInput = new ModelInput([.. Input(itemRows).Columns.Skip(userColumns).Select(column =>
            column with { Values = column.Values.DetachFromDisposeScope(), Lengths = column.Lengths?.DetachFromDisposeScope() })]);
    }

    /// <summary>Gets how many items there are to recommend.</summary>
    public int ItemCount => items.Count;

    /// <summary>Gets the keys of the users in the rows.</summary>
    public IReadOnlyCollection<uint> Users => rowOfUser.Keys;

    /// <summary>Recommends to a user by name.</summary>
    /// <param name="user">The value behind the user's key, as text.</param>
    /// <param name="count">How many items, at least 1; fewer where the user has seen nearly all.</param>
    /// <returns>The items, the best first.</returns>
    /// <exception cref="ArgumentException">The rows have no such user.</exception>
    public IReadOnlyList<RecommendedItem> For(string user, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(user);
        return keyOfUser.TryGetValue(user, out var key) ? For([key], count)[0] : throw new ArgumentException($"Column '{userColumn.Name}' has no value '{user}': a user must be among the rows that the model was trained on.", nameof(user));
    }

    /// <summary>Recommends to many users at once.</summary>
    /// <param name="users">Their keys.</param>
    /// <param name="count">How many items for each, at least 1; fewer where a user has seen nearly all.</param>
    /// <returns>For each user the items, the best first.</returns>
    /// <exception cref="ArgumentException">The rows have no such user.</exception>
    public IReadOnlyList<IReadOnlyList<RecommendedItem>> For(IReadOnlyList<uint> users, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var lists = new List<IReadOnlyList<RecommendedItem>>();
        foreach (var part in users.Chunk(Math.Max(1, PairsInPass / items.Count)))
        {
            var scores = Scores(part);
            for (var i = 0; i < part.Length; i++)
                lists.Add(Best(part[i], scores.AsSpan(i * items.Count, items.Count), count));
        }
        return lists;
    }

    /// <summary>Judges the recommendations by what users chose later: all items compete, but for those that the user had seen.</summary>
    /// <param name="later">Rows that the network never saw, with the users' and the items' key columns.</param>
    /// <param name="count">How long the lists are, K, at least 1.</param>
    /// <returns>HR@K and NDCG@K over the users of these rows; users that the network does not know are left out, and items that it does not know are missed.</returns>
    public RecommendationMetrics Evaluate(IDataView later, int count = 10)
    {
        ArgumentNullException.ThrowIfNull(later);
        var chosen = Pairs(later).Where(pair => rowOfUser.ContainsKey(pair.User)).GroupBy(pair => pair.User).ToDictionary(group => group.Key, group => group.Select(pair => pair.Item).ToHashSet());
        uint[] users = [.. chosen.Keys.Order()];
        return RecommendationMetrics.Of(users.Zip(For(users, count), (user, list) => ((IReadOnlyList<uint>)[.. list.Select(item => item.Key)], (IReadOnlyCollection<uint>)chosen[user])), count);
    }

    /// <summary>Frees the items' tensors; the transformer stays.</summary>
    public void Dispose()
    {
        foreach (var column in itemInput.Columns)
        {
            column.Values.Dispose();
            column.Lengths?.Dispose();
        }
    }

    private IEnumerable<(uint User, uint Item)> Pairs(IDataView data)
    {
        var (user, item) = (transformer.Model.Saved.Inputs[0].Features, transformer.Model.Saved.Inputs[userColumns].Features);
        DataViewSchema.Column[] columns = [user.Bind(data.Schema), item.Bind(data.Schema)];
        using var cursor = data.GetRowCursor(columns);
        var reader = new InputReader([user, item], cursor, columns);
        var one = reader.NewRows(1);
        while (cursor.MoveNext())
        {
            one.Clear();
            reader.AddTo(one);
            yield return (Key(one.Columns[0], 0), Key(one.Columns[1], 0));
        }
    }

    private uint KeyAt(int column, int row) => Key(rows.Columns[column], row);

    private static uint Key(RowStore store, int row)
    {
        Span<int> key = stackalloc int[1];
        ((RowStore<int>)store).CopyTo(row, key);
        return (uint)key[0];
    }

    private ModelInput Input(IReadOnlyList<int> which) => NetworkColumn.Apply(transformer.Model.Saved.Inputs, InputTensors.Of(rows, [.. which], transformer.Model.Device));

    private float[] Scores(uint[] users)
    {
        foreach (var user in users)
            if (!rowOfUser.ContainsKey(user))
                throw new ArgumentException($"The rows have no user of key {user}.", nameof(users));
        transformer.Model.Enter();
        try
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            var userInput = new ModelInput([.. Input([.. users.Select(user => rowOfUser[user])]).Columns.Take(userColumns)]);
            var scores = network.ScoreAll(userInput, itemInput);                                                // [users, items]
            if (transformer.Model.Saved.Task is RegressionTask { Scale: { } scale })
                scores = scores * scale.Std[0] + scale.Mean[0];
            return scores.cpu().contiguous().data<float>().ToArray();
        }
        finally
        {
            transformer.Model.Leave();
        }
    }

    private IReadOnlyList<RecommendedItem> Best(uint user, ReadOnlySpan<float> scores, int count)
    {
        var known = seen.GetValueOrDefault(user);
        var best = new PriorityQueue<int, (float Score, int Place)>();
        for (var place = 0; place < scores.Length; place++)
        {
            if (known?.Contains(place) == true)
                continue;
            // of equal ones the one that came first
            best.Enqueue(place, (scores[place], -place));
            if (best.Count > count)
                best.Dequeue();
        }
        var list = new RecommendedItem[best.Count];
        for (var i = list.Length - 1; i >= 0; i--)
        {
            var place = best.Dequeue();
            list[i] = new RecommendedItem(items[place], itemNames is { } names && items[place] <= names.Count ? names[(int)items[place] - 1] : "", scores[place]);
        }
        return list;
    }
}
