using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// One batch as a network takes it: a tensor for each column. A network of one column whose rows have one length is any <see cref="Module{T, TResult}"/> of tensors
/// and sees nothing of this; all others derive from <c>Module&lt;ModelInput, Tensor&gt;</c>.
/// </summary>
public sealed class ModelInput
{
    /// <summary>Puts columns together.</summary>
    /// <param name="columns">At least one, each of the same number of rows.</param>
    public ModelInput(IReadOnlyList<InputTensor> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        Columns = columns;
    }

    /// <summary>Gets the columns, in the order in which the trainer was given them.</summary>
    public IReadOnlyList<InputTensor> Columns { get; }

    /// <summary>Gets the only column's values.</summary>
    /// <exception cref="InvalidOperationException">There are several columns.</exception>
    public Tensor Values => Only.Values;

    /// <summary>Gets the only column's lengths; null where all rows have one.</summary>
    /// <exception cref="InvalidOperationException">There are several columns.</exception>
    public Tensor? Lengths => Only.Lengths;

    /// <summary>Gets the steps that are asked about, by their numbers among all steps of all rows, [asked]; null asks about each.</summary>
    internal Tensor? Asked { get; init; }

    /// <summary>Gets the rows in the batch.</summary>
    public long Count => Columns[0].Values.shape[0];

    /// <summary>Takes of what stands at each step what is asked about.</summary>
    /// <param name="steps">[N, steps, width].</param>
    /// <returns>[asked, width]; all of it, as it is, where nothing else is asked.</returns>
    internal Tensor TakeAsked(Tensor steps) => Asked is null ? steps : steps.flatten(0, 1).index_select(0, Asked);

    private InputTensor Only => Columns.Count == 1 ? Columns[0]
        : throw new InvalidOperationException($"This batch has {Columns.Count} columns: {string.Join(", ", Columns.Select(column => column.Name))}. Take them one by one from Columns.");

    /// <summary>Wraps the values of one column.</summary>
    /// <param name="values">[N, …].</param>
    public static implicit operator ModelInput(Tensor values) => new([new InputTensor("", values)]);
}

/// <summary>One column of a batch.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Values">[N, …shape]; where rows differ in length, those that are shorter than the longest end with padding, whose values mean nothing.</param>
/// <param name="Lengths">The steps in each row, [N] in int64, on the values' device; null where all rows have one length.</param>
public sealed record InputTensor(string Name, Tensor Values, Tensor? Lengths = null)
{
    /// <summary>Says where steps are and where padding.</summary>
    /// <returns>[N, steps], true at each step of a row; null where all rows have one length.</returns>
    public Tensor? Mask() => Lengths is null ? null : arange(Values.shape[1], device: Values.device).unsqueeze(0) < Lengths.unsqueeze(1);

    /// <summary>Makes what a network says of padding a certain blank, so that neither <see cref="Ctc"/> nor reading the steps sees it.</summary>
    /// <param name="output">[N, steps, outputs], of which the first is the blank, for as many steps as the values have.</param>
    /// <returns>The same, where all rows have one length.</returns>
    public Tensor BlankPadding(Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (Mask() is not { } mask)
            return output;
        // finite, or a gradient of nothing times infinity would be no number
        var blank = full(output.shape[2], -1e4f, output.dtype, output.device);
        blank[0] = 0;
        return where(mask.unsqueeze(2), output, blank);
    }
}

/// <summary>Runs any network that this library knows to call.</summary>
internal static class NetworkCall
{
    /// <exception cref="ArgumentException">The network takes something else.</exception>
    public static Tensor Call(this Module network, ModelInput input) => network switch
    {
        Module<ModelInput, Tensor> whole => whole.call(input),
        Module<Tensor, Tensor> plain when input.Columns is [{ Lengths: null }] => plain.call(input.Values),
        Module<Tensor, Tensor, Tensor> ragged when input.Columns is [{ Lengths: not null }] => ragged.call(input.Values, input.Lengths!),
        _ => throw new ArgumentException(
            $"The network {network.GetType().Name} cannot take {(input.Columns.Count > 1 ? $"{input.Columns.Count} columns ({string.Join(", ", input.Columns.Select(column => column.Name))})" : $"the column '{input.Columns[0].Name}', {(input.Columns[0].Lengths is null ? "whose rows have one length" : "whose rows differ in length")}")}. " +
            "Derive it from Module<ModelInput, Tensor>, " + (input.Columns is [{ Lengths: null }] ? "or Module<Tensor, Tensor>." : input.Columns.Count == 1 ? "or from Module<Tensor, Tensor, Tensor> of values and lengths." : "which gets all columns."), nameof(network)),
    };
}
