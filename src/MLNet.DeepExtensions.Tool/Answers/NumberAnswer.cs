using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Code;

namespace MLNet.DeepExtensions.Tool.Answers;

/// <summary>A number.</summary>
internal sealed record NumberAnswer(string Label) : Answer
{
    public override string MetricName => "RSquared";

    public override IReadOnlyList<Figure> Evaluate(MLContext ml, ITransformer model, IDataView data)
    {
        var metrics = ml.Regression.Evaluate(model.Transform(data), Label);
        return [new("RSquared", metrics.RSquared), new("RootMeanSquaredError", metrics.RootMeanSquaredError), new("MeanAbsoluteError", metrics.MeanAbsoluteError)];
    }

    public override string OutputMembers => """
        /// <summary>The number that is predicted.</summary>
        [ColumnName("Score")]
        public float Score { get; set; }
        """;

    public override string PredictMethods(string name) => "";

    public override string EvaluateMethods(string name) => $$"""
        /// <summary>Judges a model by rows whose number is known.</summary>
        public static RegressionMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
            mlContext.Regression.Evaluate(model.Transform(data), labelColumnName: {{CSharp.Literal(Label)}});

        /// <summary>Judges the saved model by what lies at a path, and prints the figures.</summary>
        public static void Evaluate(string modelPath, string dataPath)
        {
            var mlContext = new MLContext();
            var metrics = Evaluate(mlContext, mlContext.Model.Load(modelPath, out _), LoadData(mlContext, dataPath));
            Console.WriteLine(FormattableString.Invariant($"RSquared {metrics.RSquared:0.####}, RootMeanSquaredError {metrics.RootMeanSquaredError:0.####}, MeanAbsoluteError {metrics.MeanAbsoluteError:0.####}"));
        }
        """;

    public override string ShowStatements(string name) => $$"""
        var result = {{name}}.Predict(input);
        Console.WriteLine(FormattableString.Invariant($"Predicted: {result.Score}"));
        """;

    public override string ServeStatements(string name, string endpoints) => Serve(name, endpoints);

    /// <summary>The package's service: rows of many callers are scored together, the queue is bounded, and a new model file takes over while requests run.</summary>
    public static string Serve(string name, string endpoints) => $$"""
        builder.Services.AddDeepPredictions<{{name}}.ModelInput, {{name}}.ModelOutput>().FromFile({{name}}.ModelPath, watchForChanges: true);
        builder.Services.AddHealthChecks().AddDeepPredictions<{{name}}.ModelInput, {{name}}.ModelOutput>();

        var app = builder.Build();
        {{endpoints}}
        app.MapHealthChecks("/health");
        """;
}
