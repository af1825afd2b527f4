using Microsoft.ML;

namespace MLNet.DeepExtensions.Tool.Answers;

/// <summary>The next values of a series.</summary>
/// <param name="SeriesProperty">The property that tells series apart; null where there is one series.</param>
internal sealed record ForecastAnswer(string? SeriesProperty = null) : Answer
{
    public override string MetricName => "MeanAbsoluteError";

    public override IReadOnlyList<Figure> Evaluate(MLContext ml, ITransformer model, IDataView data)
    {
        var metrics = ml.Forecasting.Evaluate(model.Transform(data));
        return [new("MeanAbsoluteError", metrics.MeanAbsoluteError), new("RootMeanSquaredError", Math.Sqrt(metrics.MeanSquaredError)), new("MeanAbsoluteScaledError", metrics.MeanAbsoluteScaledError),
            new("SymmetricMeanAbsolutePercentageError", metrics.SymmetricMeanAbsolutePercentageError), new("Forecasts", metrics.Forecasts)];
    }

    public override string? OutputMembers => null;

    public override string PredictMethods(string name) => """
        /// <summary>Makes forecasts; any number of threads may use it.</summary>
        public static readonly Lazy<ForecastEngine<ModelInput>> ForecastEngine = new(() =>
        {
            var mlContext = new MLContext();
            return mlContext.Model.Load(ModelPath, out _).CreateForecastEngine<ModelInput>(mlContext);
        });

        /// <summary>Forecasts the rows that follow.</summary>
        /// <param name="history">The recent rows of one series in the order of time, the newest last; at least as many as the model looks back.</param>
        public static Forecast Predict(IEnumerable<ModelInput> history) => ForecastEngine.Value.Predict(history);
        """;

    public override string EvaluateMethods(string name) => """
        /// <summary>Judges a model's forecasts by the rows that followed.</summary>
        public static ForecastMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data) => mlContext.Forecasting.Evaluate(model.Transform(data));

        /// <summary>Judges the saved model by what lies at a path, and prints the figures.</summary>
        public static void Evaluate(string modelPath, string dataPath)
        {
            var mlContext = new MLContext();
            var metrics = Evaluate(mlContext, mlContext.Model.Load(modelPath, out _), LoadData(mlContext, dataPath));
            Console.WriteLine(FormattableString.Invariant($"MeanAbsoluteError {metrics.MeanAbsoluteError:0.####}, RootMeanSquaredError {Math.Sqrt(metrics.MeanSquaredError):0.####}, MeanAbsoluteScaledError {metrics.MeanAbsoluteScaledError:0.####} ({metrics.Forecasts} forecasts)"));
        }
        """;

    public override string ShowStatements(string name) => $$"""
        var mlContext = new MLContext();
        var history = mlContext.Data.CreateEnumerable<{{name}}.ModelInput>({{name}}.LoadData(mlContext, dataPath), reuseRowObject: false){{(SeriesProperty is null ? "" : $".GroupBy(row => row.{SeriesProperty}).Last()")}}.ToList();
        var forecast = {{name}}.Predict(history);
        for (var target = 0; target < forecast.Targets.Count; target++)
            for (var step = 1; step <= forecast.Values.Count / forecast.Targets.Count; step++)
                Console.WriteLine(FormattableString.Invariant($"{forecast.Targets[target]} +{step}: {forecast[step, target]}"));
        """;

    // a forecast is made of many rows, which the package's service does not take
    public override string ServeStatements(string name, string endpoints) => $$"""
        var app = builder.Build();
        // what is refused is answered with problem details
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        // the body is the recent rows, the newest last; the answer is the values of each target that follow
        app.MapPost("/predict", ({{name}}.ModelInput[] history) =>
        {
            try
            {
                var forecast = {{name}}.Predict(history);
                return Results.Ok(new { forecast.Targets, forecast.Values });
            }
            catch (ArgumentException refused)
            {
                return Results.Problem(refused.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        });
        """;
}
