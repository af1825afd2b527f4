using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Code;

namespace MLNet.DeepExtensions.Tool.Answers;

/// <summary>One of several classes, with a probability for each.</summary>
internal sealed record ClassAnswer(string Label) : Answer
{
    public override string MetricName => "MicroAccuracy";

    public override IReadOnlyList<Figure> Evaluate(MLContext ml, ITransformer model, IDataView data)
    {
        var metrics = Metrics(ml, model, data);
        return [new("MicroAccuracy", metrics.MicroAccuracy, IsShare: true), new("MacroAccuracy", metrics.MacroAccuracy, IsShare: true), new("LogLoss", metrics.LogLoss)];
    }

    public MulticlassClassificationMetrics Metrics(MLContext ml, ITransformer model, IDataView data) =>
        ml.MulticlassClassification.Evaluate(WithKeys(ml, model, data), Label);

    // the last step writes names of classes over their keys, and the evaluator wants keys
    private static IDataView WithKeys(MLContext ml, ITransformer model, IDataView data)
    {
        var scored = model.Transform(data);
        return scored.Schema["PredictedLabel"].Type is KeyDataViewType || model is not IEnumerable<ITransformer> steps ? scored
            : new TransformerChain<ITransformer>([.. steps.SkipLast(1)]).Transform(data);
    }

    public override string OutputMembers => """
        /// <summary>The class that is most likely.</summary>
        [ColumnName("PredictedLabel")]
        public string PredictedLabel { get; set; } = "";

        /// <summary>The probability of each class, in the order of <see cref="Labels"/>.</summary>
        [ColumnName("Score")]
        public float[] Score { get; set; } = [];
        """;

    public override string PredictMethods(string name) => """
        /// <summary>The names of the classes, in the order of <see cref="ModelOutput.Score"/>.</summary>
        public static IReadOnlyList<string> Labels => labels.Value;

        private static readonly Lazy<IReadOnlyList<string>> labels = new(() =>
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            PredictEngine.Value.OutputSchema["Score"].GetSlotNames(ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        });

        /// <summary>Predicts the probability of every class, the likeliest first.</summary>
        public static IOrderedEnumerable<KeyValuePair<string, float>> PredictAllLabels(ModelInput input) => GetSortedScoresWithLabels(Predict(input));

        /// <summary>The classes with their probabilities, the likeliest first.</summary>
        public static IOrderedEnumerable<KeyValuePair<string, float>> GetSortedScoresWithLabels(ModelOutput result) =>
            Labels.Select((label, number) => KeyValuePair.Create(label, result.Score[number])).OrderByDescending(pair => pair.Value);
        """;

    public override string EvaluateMethods(string name) => $$"""
        /// <summary>Judges a model by rows whose class is known.</summary>
        public static MulticlassClassificationMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data)
        {
            // the last step writes names of classes over their keys, and the evaluator wants keys
            var scoring = new TransformerChain<ITransformer>([.. ((IEnumerable<ITransformer>)model).SkipLast(1)]);
            return mlContext.MulticlassClassification.Evaluate(scoring.Transform(data), labelColumnName: {{CSharp.Literal(Label)}});
        }

        /// <summary>Judges the saved model by what lies at a path, and prints the figures.</summary>
        public static void Evaluate(string modelPath, string dataPath)
        {
            var mlContext = new MLContext();
            var metrics = Evaluate(mlContext, mlContext.Model.Load(modelPath, out _), LoadData(mlContext, dataPath));
            Console.WriteLine(FormattableString.Invariant($"MicroAccuracy {metrics.MicroAccuracy:P2}, MacroAccuracy {metrics.MacroAccuracy:P2}, LogLoss {metrics.LogLoss:0.####}"));
            Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
        }
        """;

    public override string ShowStatements(string name) => $$"""
        var result = {{name}}.Predict(input);
        Console.WriteLine($"Predicted: {result.PredictedLabel}");
        foreach (var (label, probability) in {{name}}.GetSortedScoresWithLabels(result).Take(5))
            Console.WriteLine(FormattableString.Invariant($"  {probability,8:P2}  {label}"));
        """;

    public override string ServeStatements(string name, string endpoints) => NumberAnswer.Serve(name, endpoints);
}
