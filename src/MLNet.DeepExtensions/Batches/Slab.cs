using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Native memory for the rows of some batches: tensors of each feature column, of targets and of weights.</summary>
internal sealed class Slab : IDisposable
{
    private readonly IReadOnlyList<SlabColumn> inputs;
    private readonly SlabColumn target;
    private readonly SlabColumn? weight;

    /// <param name="like">Rows of the kind that it will hold.</param>
    /// <param name="rows">How many.</param>
    public Slab(TrainingRows like, int rows) : this(
        [.. like.Inputs.Columns.Select(column => SlabColumn.For(column, rows))], SlabColumn.For(like.Targets, rows), like.Weights is null ? null : SlabColumn.For(like.Weights, rows), rows)
    {
    }

    private Slab(IReadOnlyList<SlabColumn> inputs, SlabColumn target, SlabColumn? weight, int rows) => (this.inputs, this.target, this.weight, Rows) = (inputs, target, weight, rows);

    public int Rows { get; }

    /// <summary>Copies a row into one of the slab's places; they are filled one after the other.</summary>
    public void Put(int place, TrainingRows rows, long row)
    {
        for (var i = 0; i < inputs.Count; i++)
            inputs[i].Put(place, rows.Inputs.Columns[i], row);
        target.Put(place, rows.Targets, row);
        weight?.Put(place, rows.Weights!, row);
    }

    /// <summary>Says that the first rows are all there, and how they will be looked at.</summary>
    public void Seal(int count, int batchSize)
    {
        foreach (var input in inputs)
            input.Seal(count, batchSize);
        target.Seal(count, batchSize);
    }

    public Slab To(Device device) => new([.. inputs.Select(input => input.To(device))], target.To(device), weight?.To(device), Rows);

    /// <summary>A batch of the rows: its first one is a multiple of the batch size.</summary>
    public Batch View(int first, int count) => new(
        new ModelInput([.. inputs.Select((input, number) => Named(input.View(first, count), number))]), target.View(first, count).Values, weight?.View(first, count).Values.view(count), count);

    public void Dispose()
    {
        foreach (var input in inputs)
            input.Dispose();
        target.Dispose();
        weight?.Dispose();
    }

    // who makes batches ready for the network knows the columns' names
    private static InputTensor Named((Tensor Values, Tensor? Lengths) view, int number) => new($"{number}", view.Values, view.Lengths);
}
