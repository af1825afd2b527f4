using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>
/// A step of a pipeline: each row's new columns follow from that row and the step's settings, which are all that is saved. Nearly all learn nothing.
/// The base of our estimators beside the trainer; one record, one file per step.
/// Steps that compute by torch live in its package, which Core finds by name when a model file has one.
/// </summary>
[ConfigFamily(AlsoIn = "MLNet.DeepExtensions")]
internal abstract record RowStep
{
    /// <summary>Gets the name under which ML.NET's log shows the step.</summary>
    public abstract string Title { get; }

    /// <summary>The columns that the step adds, as an estimator promises them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a type that does not fit.</exception>
    public abstract IEnumerable<SchemaShape.Column> Promise(SchemaShape input);

    /// <summary>The columns that the step adds to some data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a type that does not fit.</exception>
    public abstract IReadOnlyList<StepColumn> Bind(DataViewSchema input);

    /// <summary>The step with what the schema says beyond the settings: a saved step finds it there, even where another schema does not say it. As it is, unless overridden.</summary>
    public virtual RowStep Settle(DataViewSchema input) => this;

    /// <summary>The step at work on data like these. It learns nothing, unless overridden.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a type that does not fit.</exception>
    public virtual RowStep Fit(IDataView input)
    {
        Bind(input.Schema);                     // what does not fit is said now and not when the first row is read
        return Settle(input.Schema);
    }
}

/// <summary>A column that a step adds.</summary>
/// <param name="Name">Its name; an existing column of that name is hidden.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotations">Its annotations.</param>
/// <param name="Source">The column it is made of.</param>
/// <param name="MakeGetter">Makes the getter for a row; what is returned beside it is disposed with the cursor.</param>
internal sealed record StepColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations, DataViewSchema.Column Source,
    Func<DataViewRow, (Delegate Getter, IDisposable? Held)> MakeGetter)
{
    /// <summary>Gets a second column that it is made of, if there is one.</summary>
    public DataViewSchema.Column? Beside { get; init; }
}
