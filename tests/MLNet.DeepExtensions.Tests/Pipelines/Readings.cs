using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Pipelines;

/// <summary>Rows of four random numbers, of which the third alone decides: which of three classes, yes or no, how much.</summary>
internal static class Readings
{
    /// <summary>The one feature that the labels depend on.</summary>
    public const int Informative = 2;

    public sealed class Row
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];

        public string Kind { get; set; } = "";

        public bool Yes { get; set; }

        public float Amount { get; set; }

        public int Number { get; set; }
    }

    public static List<Row> Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            float[] x = [.. Enumerable.Range(0, 4).Select(_ => (float)(2 * random.NextDouble() - 1))];
            var decisive = x[Informative];
            return new Row { Features = x, Kind = decisive < -0.4 ? "low" : decisive > 0.4 ? "high" : "middle", Yes = decisive > 0, Amount = 100 + 50 * decisive, Number = i };
        })];
    }

    public static IDataView View(MLContext ml, int count, int seed = 1) => ml.Data.LoadFromEnumerable(Rows(count, seed));

    public static DeepTrainerOptions Options => new() { Epochs = 15, BatchSize = 32, Optimizer = new Adam { LearningRate = 0.02 } };

    public static ModelConfig Network => new Mlp { HiddenSizes = [16] };

    public static DeepTrainer YesOrNo(MLContext ml) => ml.BinaryClassification.Trainers.Deep(Network, Options, labelColumnName: "Yes");

    public static DeepTrainer Amounts(MLContext ml) => ml.Regression.Trainers.Deep(Network, Options, labelColumnName: "Amount");

    public static EstimatorChain<DeepTransformer> Kinds(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.MulticlassClassification.Trainers.Deep(Network, Options, labelColumnName: "Kind"));

    /// <summary>What a model gives for a column, and what it gives after it was saved and loaded.</summary>
    public static void ScoresTheSameWhenLoaded<T>(MLContext ml, ITransformer model, IDataView data, string column)
    {
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out _);
        try
        {
            Assert.Equal(model.Transform(data).GetColumn<T>(column), loaded.Transform(data).GetColumn<T>(column));
        }
        finally
        {
            (loaded as IDisposable)?.Dispose();
        }
    }
}
