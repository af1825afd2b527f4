using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Three clouds of points that a small network learns in a second: the real thing, only small.</summary>
internal static class Blobs
{
    public const int Width = 4;

    public sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; } = 1;

        public int Number { get; set; }
    }

    public sealed class Answer
    {
        public string? PredictedName { get; set; } = "";

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    public static List<Row> Rows(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var kind = i % 3;
            return new Row
            {
                Label = $"kind {kind}", Number = i,
                Features = [.. Enumerable.Range(0, Width).Select(j => (kind == j ? 1.5f : 0) + (float)random.NextDouble())],
            };
        })];
    }

    public static IDataView View(MLContext ml, int count, int seed = 7) => ml.Data.LoadFromEnumerable(Rows(count, seed));

    public static EstimatorChain<DeepTransformer> Pipeline(MLContext ml, DeepTrainerOptions? options = null, ModelConfig? model = null) =>
        ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(model ?? new Mlp { HiddenSizes = [16] }, options ?? Options));

    public static DeepTrainerOptions Options => new() { Epochs = 4, BatchSize = 16, Optimizer = new Adam { LearningRate = 0.02 } };
}
