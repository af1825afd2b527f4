using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// A network layer by layer, in the style of Python's torchinfo: what each gives, how many parameters it has, how often it multiplies and adds. <see cref="ToString"/> is the table.
/// </summary>
public sealed class ModelSummary
{
    private ModelSummary(string name, InputShape input, IReadOnlyList<ModelSummaryRow> rows, long bufferBytes)
    {
        (Name, Input, Rows) = (name, input, rows);
        Parameters = rows.Sum(row => row.Parameters);
        TrainableParameters = rows.Sum(row => row.TrainableParameters);
        MultAdds = rows.Sum(row => row.MultAdds);
        InputBytes = sizeof(float) * ModuleCalls.CountOf(input);
        // what a layer gives is kept for the way back, and its gradient comes beside it
        ActivationBytes = 2 * sizeof(float) * rows.Where(row => row.IsLeaf).Sum(row => row.Calls * row.OutputCount);
        ParameterBytes = sizeof(float) * Parameters + bufferBytes;
    }

    /// <summary>Gets the network's name.</summary>
    public string Name { get; }

    /// <summary>Gets the shape of one example.</summary>
    public InputShape Input { get; }

    /// <summary>Gets the modules, each before those that it is made of; the first is the network.</summary>
    public IReadOnlyList<ModelSummaryRow> Rows { get; }

    /// <summary>Gets the number of parameters; those that stand in several places count once.</summary>
    public long Parameters { get; }

    /// <summary>Gets the number of parameters that training changes.</summary>
    public long TrainableParameters { get; }

    /// <summary>
    /// Gets the multiplications with a number of a weight matrix or a kernel, each with its addition, that one example takes on its way through. Norms, activation functions and
    /// products of activations with each other, as attention's, are not counted.
    /// </summary>
    public long MultAdds { get; }

    /// <summary>Gets the bytes of one example in float32.</summary>
    public long InputBytes { get; }

    /// <summary>Gets the bytes, about, that one example's activations and their gradients take while training in float32.</summary>
    public long ActivationBytes { get; }

    /// <summary>Gets the bytes of the parameters, in float32, and of the buffers, such as running means.</summary>
    public long ParameterBytes { get; }

    /// <summary>Looks at a network by sending an example of zeros through it, in evaluation mode. It is as before afterwards; nobody else may use it meanwhile.</summary>
    /// <param name="module">The network, from [N, …] or from a <see cref="ModelInput"/>; it stays the caller's.</param>
    /// <param name="input">The shape of one example; where rows differ in length, one of 16 steps is taken.</param>
    /// <param name="name">The network's name; null takes its own.</param>
    /// <returns>The summary.</returns>
    public static ModelSummary Of(nn.Module module, InputShape input, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        using var calls = ModuleCalls.Watch(module, input);
        var rows = new List<ModelSummaryRow>();
        var (countedParameters, countedModules) = (new HashSet<nint>(), new HashSet<nn.Module>(ReferenceEqualityComparer.Instance));
        Add("", name ?? module.GetName(), module, 0);
        return new ModelSummary(rows[0].Name, input, rows, module.buffers().Sum(buffer => buffer.numel() * buffer.element_size()));

        void Add(string path, string ownName, nn.Module part, int depth)
        {
            var parameters = part.named_parameters(recurse: false).Select(item => item.parameter).Where(parameter => countedParameters.Add(parameter.Handle)).ToList();
            var children = part.named_children().ToList();
            var isNew = countedModules.Add(part);
            var call = calls.Of(part);
            rows.Add(new ModelSummaryRow
            {
                Path = path, Name = ownName, Type = part.GetType().Name.Split('`')[0], Depth = depth, IsLeaf = children.Count == 0, IsRepeated = !isNew, Output = call?.Output,
                Calls = isNew ? call?.Count ?? 0 : 0, MultAdds = isNew ? call?.MultAdds ?? 0 : 0,
                Parameters = parameters.Sum(parameter => parameter.numel()),
                TrainableParameters = parameters.Where(parameter => parameter.requires_grad).Sum(parameter => parameter.numel()),
            });
            foreach (var (childName, child) in children)
                Add(path.Length == 0 ? childName : $"{path}.{childName}", childName, child, depth + 1);
        }
    }

    /// <summary>Writes the table, in numbers that are written alike everywhere.</summary>
    public override string ToString() => ModelSummaryTable.Write(this);
}

/// <summary>A module in a <see cref="ModelSummary"/>.</summary>
public sealed record ModelSummaryRow
{
    /// <summary>Gets where it stands, as the names of its parameters begin: <c>layer1.0.conv1</c>; empty for the network itself.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the last part of that; for the network itself its name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its class.</summary>
    public required string Type { get; init; }

    /// <summary>Gets how deep it lies: 0 for the network itself.</summary>
    public required int Depth { get; init; }

    /// <summary>Gets whether it is made of no other modules.</summary>
    public required bool IsLeaf { get; init; }

    /// <summary>Gets whether the same module stands further up already; its numbers are counted there.</summary>
    public required bool IsRepeated { get; init; }

    /// <summary>Gets the shape of what it gives for one example, the batch's dimension of 1 included; null where nobody calls it, or not by <c>call</c>, or what it gives is no tensor.</summary>
    public required IReadOnlyList<long>? Output { get; init; }

    /// <summary>Gets how often an example passes through it.</summary>
    public required int Calls { get; init; }

    /// <summary>Gets the number of its own parameters, without those of the modules that it is made of.</summary>
    public required long Parameters { get; init; }

    /// <summary>Gets how many of them training changes.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Gets the multiplications with its own weights that one example takes, over all calls.</summary>
    public required long MultAdds { get; init; }

    internal long OutputCount => Output?.Aggregate(1L, (product, size) => product * size) ?? 0;
}
