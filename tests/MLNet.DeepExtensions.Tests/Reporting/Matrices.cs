using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Reporting;

/// <summary>Confusion matrices as ML.NET makes them: rows are scored and evaluated.</summary>
internal static class Matrices
{
    /// <summary>Rows with chosen counts for each pair of actual and predicted class, and names of the classes where the score column has them.</summary>
    public static ConfusionMatrix Of(int classes, Func<int, int, int> count, IReadOnlyList<string>? names = null)
    {
        var ml = new MLContext(seed: 1);
        var rows = from actual in Enumerable.Range(0, classes)
                   from predicted in Enumerable.Range(0, classes)
                   from row in Enumerable.Range(0, count(actual, predicted))
                   select new Scored { Label = (uint)actual, PredictedLabel = (uint)predicted, Score = [.. Enumerable.Range(0, classes).Select(c => c == predicted ? 1f : 0)] };
        var schema = SchemaDefinition.Create(typeof(Scored));
        schema["Label"].ColumnType = new KeyDataViewType(typeof(uint), classes);
        schema["PredictedLabel"].ColumnType = new KeyDataViewType(typeof(uint), classes);
        schema["Score"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, classes);
        if (names is not null)
            schema["Score"].AddAnnotation("SlotNames", new VBuffer<ReadOnlyMemory<char>>(classes, [.. names.Select(name => name.AsMemory())]),
                new VectorDataViewType(TextDataViewType.Instance, classes));
        return ml.MulticlassClassification.Evaluate(ml.Data.LoadFromEnumerable(rows, schema)).ConfusionMatrix;
    }

    public static ConfusionMatrix Diagonal(int classes, int each = 2) => Of(classes, (actual, predicted) => actual == predicted ? each : 0);

    /// <summary>Three true positives, one false positive, two false negatives, one true negative.</summary>
    public static ConfusionMatrix OfTwoClassMetrics()
    {
        var ml = new MLContext(seed: 1);
        (bool Label, bool Predicted, int Rows)[] counts = [(true, true, 3), (false, true, 1), (true, false, 2), (false, false, 1)];
        var rows = counts.SelectMany(count => Enumerable.Repeat(new Decided { Label = count.Label, PredictedLabel = count.Predicted, Score = count.Predicted ? 1 : -1 }, count.Rows));
        return ml.BinaryClassification.EvaluateNonCalibrated(ml.Data.LoadFromEnumerable(rows)).ConfusionMatrix;
    }

    private sealed class Scored
    {
        public uint Label { get; set; }

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class Decided
    {
        public bool Label { get; set; }

        public bool PredictedLabel { get; set; }

        public float Score { get; set; }
    }
}
