using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>A column that scoring adds.</summary>
/// <param name="Name">The column's name; it hides an earlier column of that name.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Annotations">What stands beside it in the schema.</param>
/// <param name="MakeGetter">Makes the getter that reads the value off the current row's scores.</param>
internal sealed record OutputColumn(string Name, DataViewType Type, DataViewSchema.Annotations Annotations, Func<ScoredRow, Delegate> MakeGetter);

/// <summary>The scores of the row that is being looked at.</summary>
internal abstract class ScoredRow
{
    /// <summary>Gets the scores, computing them if need be.</summary>
    public abstract ReadOnlySpan<float> Scores { get; }
}
