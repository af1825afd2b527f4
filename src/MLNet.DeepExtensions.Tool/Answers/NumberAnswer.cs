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

    public override string ServeStatements(string name) => Serve(name, "float.IsNaN(output.Score)");

    /// <summary>An endpoint with engines that requests take from a pool and give back: all share one model.</summary>
    /// <param name="name">The class.</param>
    /// <param name="hasNoAnswer">The expression that says of <c>output</c> whether it is none.</param>
    public static string Serve(string name, string hasNoAnswer) => $$"""
        var engines = new ConcurrentBag<PredictionEngine<{{name}}.ModelInput, {{name}}.ModelOutput>>();
        app.MapPost("/predict", ({{name}}.ModelInput input) =>
        {
            // an engine serves one request at a time; it makes them from one model, which all share
            if (!engines.TryTake(out var engine))
                engine = {{name}}.CreatePredictEngine();
            try
            {
                var output = engine.Predict(input);
                return {{hasNoAnswer}} ? Results.Problem("The model has no answer for this row: what it reads is missing or cannot be read.", statusCode: StatusCodes.Status400BadRequest) : Results.Ok(output);
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
