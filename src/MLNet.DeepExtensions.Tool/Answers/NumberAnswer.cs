using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

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

    public override string PredictMethods(Scenario scenario) => "";

    public override string EvaluateMethods(Scenario scenario) => $$"""
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

    public override string ShowStatements(Scenario scenario) => $$"""
        var result = {{scenario.Name}}.Predict(input);
        Console.WriteLine(FormattableString.Invariant($"Predicted: {result.Score}"));
        """;

    public override string ServeStatements(Scenario scenario) => Serve(scenario);

    /// <summary>An endpoint with engines that requests take from a pool and give back: all share one model.</summary>
    public static string Serve(Scenario scenario) => $$"""
        var engines = new ConcurrentBag<PredictionEngine<{{scenario.Name}}.ModelInput, {{scenario.Name}}.ModelOutput>>();
        var app = builder.Build();
        app.MapPost("/predict", ({{scenario.Name}}.ModelInput input) =>
        {
            // an engine serves one request at a time; it makes them from one model, which all share
            if (!engines.TryTake(out var engine))
                engine = {{scenario.Name}}.CreatePredictEngine();
            try
            {
                return Results.Ok(engine.Predict(input));
            }
            catch (Exception refused) when (refused is ArgumentException or InvalidOperationException or InvalidImageException)
            {
                return Results.Problem(refused.InnerException is InvalidImageException inner ? inner.Message : refused.Message, statusCode: StatusCodes.Status400BadRequest);
            }
            finally
            {
                engines.Add(engine);
            }
        });
        """;
}
