using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// An architecture that says how well an item suits a user. The first columns describe the user, the first of them by a key; the others describe the item, the first of them by a key.
/// The trainers of <c>mlContext.DeepRecommendation()</c> set how many are the user's.
/// </summary>
public abstract record RecommenderConfig : ModelConfig
{
    private protected RecommenderConfig() { }

    /// <summary>Gets how many of the columns, the first ones, describe the user.</summary>
    /// <value>At least 1. The default is 1.</value>
    [Range(1, int.MaxValue)]
    public int UserColumns { get; init; } = 1;

    /// <summary>The users' and the items' columns.</summary>
    /// <exception cref="ArgumentException">There are not both, or one does not begin with a key.</exception>
    private protected (TableColumns Users, TableColumns Items) Sides(InputShape input, bool keysAlone = false)
    {
        var name = GetType().Name;
        if (input is not ColumnsShape columns || columns.Columns.Count <= UserColumns)
            throw new ArgumentException($"{name} takes the users' columns, {UserColumns} of them, and then the items', but an example is {input}.", nameof(input));
        var (users, items) = (columns.Columns.Take(UserColumns).ToList(), columns.Columns.Skip(UserColumns).ToList());
        foreach (var (side, what) in new[] { (users, "users'"), (items, "items'") })
            if (side[0].Shape is not IdsShape { Length: 1 })
                throw new ArgumentException($"The first of the {what} columns, '{side[0].Name}', must be a key, but is {side[0].Shape.GetType().Name} {side[0].Shape}. " +
                    $"Add mlContext.Transforms.Conversion.MapValueToKey(\"{side[0].Name}\") before the trainer.", nameof(input));
        if (keysAlone && columns.Columns.Count > 2)
            throw new ArgumentException($"{name} knows users and items by their keys alone, but there are {columns.Columns.Count} columns. Use NeuralMatrixFactorization or TwoTower.", nameof(input));
        return (new TableColumns(new ColumnsShape(users), name), new TableColumns(new ColumnsShape(items), name));
    }

    private protected static InputShape ExampleShape => new ColumnsShape([new("User", new IdsShape(60, 1)), new("Age", new VectorShape(1)), new("Item", new IdsShape(50, 1)), new("Words", new IdsShape(9))]);

    /// <summary>Compares the settings.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both are the same.</returns>
    public virtual bool Equals(RecommenderConfig? other) => other is not null && EqualityContract == other.EqualityContract && UserColumns == other.UserColumns;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EqualityContract.Name.Length, UserColumns);
}

/// <summary>A network that scores pairs of a user and an item, and also each user with each item.</summary>
internal abstract class RecommenderNetwork(string name, int userColumns) : Module<ModelInput, Tensor>(name), IOnnxExportable
{
    public override Tensor forward(ModelInput input)
    {
        using var scope = NewDisposeScope();
        return ScorePairs(new ModelInput([.. input.Columns.Take(userColumns)]), new ModelInput([.. input.Columns.Skip(userColumns)])).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input) => ExportPairs(graph, new GraphInput([.. input.Columns.Take(userColumns)]), new GraphInput([.. input.Columns.Skip(userColumns)]));

    /// <summary>The users' columns and the items', row by row → [N, outputs].</summary>
    protected abstract Tensor ScorePairs(ModelInput users, ModelInput items);

    /// <inheritdoc cref="ScorePairs"/>
    protected abstract GraphValue ExportPairs(OnnxGraph graph, GraphInput users, GraphInput items);

    /// <summary>Some users and some items → [users, items], the first output.</summary>
    public virtual Tensor ScoreAll(ModelInput users, ModelInput items)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (users.Count, items.Count);
        var everyUser = arange(rows, device: users.Columns[0].Values.device).repeat_interleave(columns);
        return ScorePairs(Taken(users, everyUser), Taken(items, arange(columns, device: everyUser.device).repeat(rows))).select(1, 0).view(rows, columns).MoveToOuterDisposeScope();
    }

    public static ModelInput Taken(ModelInput input, Tensor rows) => new([.. input.Columns.Select(column =>
        column with { Values = column.Values.index_select(0, rows), Lengths = column.Lengths?.index_select(0, rows) })]);
}
