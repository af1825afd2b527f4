using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>A column that feeds a network, and what happens to its batches on the way; saved with the model.</summary>
internal sealed record NetworkColumn([property: Required] FeatureColumn Features, [property: Required] InputStage Stage)
{
    /// <summary>Gets the shape of one example as the network sees it.</summary>
    public InputShape Shape => Stage.OutputShape(Features.Shape);

    /// <summary>The shape of one example of all columns: one column's own, or all of them by name.</summary>
    public static InputShape ShapeOf(IReadOnlyList<NetworkColumn> columns) => columns.Count == 1 ? columns[0].Shape
        : new ColumnsShape([.. columns.Select(column => new NamedShape(column.Features.Name, column.Shape))]);

    /// <summary>Makes a batch of the columns' own values ready for the network.</summary>
    public static ModelInput Apply(IReadOnlyList<NetworkColumn> columns, ModelInput raw) => new([.. columns.Zip(raw.Columns, (column, tensor) => column.Apply(tensor))]);

    public InputTensor Apply(InputTensor raw) => raw with { Name = Features.Name, Values = Stage.Apply(raw.Values, Features.Shape) };
}
