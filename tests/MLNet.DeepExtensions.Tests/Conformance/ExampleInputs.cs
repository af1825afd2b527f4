using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>Batches of any shape, with chance for values.</summary>
internal static class ExampleInputs
{
    private const int Steps = 5;

    public static ModelInput Of(InputShape shape, int rows) => shape is ColumnsShape columns
        ? new ModelInput([.. columns.Columns.Select(column => Column(column.Name, column.Shape, rows))])
        : new ModelInput([Column("Features", shape, rows)]);

    private static InputTensor Column(string name, InputShape shape, int rows)
    {
        // the longest row first, then shorter and shorter ones
        var lengths = shape.IsVariable ? Steps - arange(rows).remainder(Steps) : null;
        long[] size = [rows, .. shape.Dimensions.Select(dimension => dimension < 0 ? Steps : dimension)];
        var values = shape is IdsShape ids ? randint(0, ids.Categories, size, dtype: ScalarType.Int32) : rand(size);
        return new InputTensor(name, values, lengths);
    }
}
