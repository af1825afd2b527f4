using Microsoft.ML;

namespace MLNet.DeepExtensions.Tool.Answers;

/// <summary>What a model says of a row, how that is judged, and the C# that does the same.</summary>
internal abstract record Answer
{
    /// <summary>Gets the figure that runs are compared by, as Model Builder keeps it.</summary>
    public abstract string MetricName { get; }

    /// <summary>Judges a model by rows that it never saw; the first figure is <see cref="MetricName"/>.</summary>
    public abstract IReadOnlyList<Figure> Evaluate(MLContext ml, ITransformer model, IDataView data);

    /// <summary>Gets the members of the class <c>ModelOutput</c>; null where there is no such class.</summary>
    public abstract string? OutputMembers { get; }

    /// <summary>Gets the methods that predict, of the generated class of that name.</summary>
    public abstract string PredictMethods(string name);

    /// <summary>Gets the method <c>Evaluate(MLContext, ITransformer, IDataView)</c>, which returns ML.NET's metrics, and <c>Evaluate(modelPath, dataPath)</c>, which prints them.</summary>
    public abstract string EvaluateMethods(string name);

    /// <summary>Gets the statements that predict <c>input</c> and print what comes out.</summary>
    public abstract string ShowStatements(string name);

    /// <summary>Gets the Web API's statements between <c>builder</c> and <c>app.Run()</c>; the endpoints are those for single rows.</summary>
    public abstract string ServeStatements(string name, string endpoints);
}
