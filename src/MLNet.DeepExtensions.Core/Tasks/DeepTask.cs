using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>
/// What is to be predicted: which label column fits, how labels become targets, how wide the network's output is,
/// which columns come out and what they hold. One record, one file per task.
/// </summary>
[ConfigFamily]
internal abstract record DeepTask
{
    /// <summary>Gets the number of raw outputs per row; known once the task is fitted.</summary>
    public abstract int OutputWidth { get; }

    /// <summary>Gets whether a row has that many outputs at each of its steps.</summary>
    public virtual bool IsSequence => false;

    /// <summary>Gets what a network must give, for messages.</summary>
    public string OutputShape => IsSequence ? $"[rows, steps, {OutputWidth}]" : $"[rows, {OutputWidth}]";

    /// <summary>Gets what scoring does with the raw outputs before anyone sees them.</summary>
    public abstract OutputActivation Activation { get; }

    /// <summary>Gets what the targets are, which decides the losses and metrics that fit.</summary>
    public abstract TargetKind Targets { get; }

    /// <summary>Gets the token whose steps alone are answered in scoring, with the likeliest class of each and its probability; null answers all that the network gives.</summary>
    public virtual int? AskedToken => null;

    /// <summary>Says whether a network's output is as it must be.</summary>
    public bool Takes(ReadOnlySpan<long> shape, int rows) => shape.Length == (IsSequence ? 3 : 2) && shape[0] == rows && shape[^1] == OutputWidth;

    /// <summary>Checks the label column that an estimator's schema promises.</summary>
    public abstract void CheckLabel(SchemaShape.Column label);

    /// <summary>The columns that scoring will add, as an estimator promises them.</summary>
    public abstract IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label);

    /// <summary>The task with what it learns from the label column: class names, their number.</summary>
    /// <param name="label">The column.</param>
    /// <param name="form">What the loss wants of the network for each target.</param>
    public abstract DeepTask Fit(DataViewSchema.Column label, OutputForm form);

    /// <summary>Reads the label of the row that a cursor stands on.</summary>
    public abstract TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label);

    /// <summary>An empty store of the targets' element type.</summary>
    public abstract RowStore NewTargetStore(long? expectedRows);

    /// <summary>The columns that scoring adds.</summary>
    public abstract IReadOnlyList<OutputColumn> OutputColumns();
}

/// <summary>The step between raw outputs and scores.</summary>
internal enum OutputActivation
{
    None,
    Softmax,
    Sigmoid,
    Exponential,
    UnitLength,
}

/// <summary>What a target is.</summary>
public enum TargetKind
{
    /// <summary>The index of one class, from 0: [N] whole numbers.</summary>
    ClassIndex,

    /// <summary>For each output whether it applies, from 0 to 1: [N, outputs]. Two classes have one output.</summary>
    Probability,

    /// <summary>Numbers: [N, targets].</summary>
    Value,

    /// <summary>Symbols one after the other, from 1: [N, longest] whole numbers, padded with 0.</summary>
    Sequence,

    /// <summary>The index of the class that a row belongs to, from 0: [N] whole numbers. The outputs are no scores of classes but a vector that is to be near those of its class.</summary>
    Identity,

    /// <summary>The index of one class at each step, from 0: [N, steps] whole numbers, -100 where there is nothing to learn (padding, for instance). The outputs are [N, steps, classes].</summary>
    ClassPerStep,
}

/// <summary>Turns labels into targets, row by row.</summary>
internal abstract class TargetReader
{
    /// <summary>Reads the current row's label.</summary>
    /// <returns>Whether there is one; a missing label is 0 for keys and NaN for numbers.</returns>
    public abstract bool Read();

    /// <summary>Adds the label just read to a store.</summary>
    public abstract void AddTo(RowStore store);
}
