using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using MLNet.DeepExtensions.Tool.Answers;

namespace MLNet.DeepExtensions.Tool.Models;

/// <summary>A saved model with what must be known to give it rows: the file alone says it, so models of other origin serve as well.</summary>
internal sealed class ModelFile : IDisposable
{
    private ModelFile(string path, ITransformer model, DataViewSchema input) => (Path, Model, Input) = (path, model, input);

    public string Path { get; }

    public ITransformer Model { get; }

    /// <summary>Gets the columns that the model was trained on.</summary>
    public DataViewSchema Input { get; }

    /// <summary>Gets what comes out of it.</summary>
    public required Answer Answer { get; init; }

    /// <summary>Gets the column that is predicted; null for forecasters.</summary>
    public required string? Label { get; init; }

    /// <summary>Gets the column with the paths of pictures; null where the model reads none.</summary>
    public string? PictureColumn => TrainedSteps.Of(Model).OfType<RowStepTransformer>().Select(step => step.Step).OfType<ReadImagesStep>().FirstOrDefault()?.InputColumnName;

    public ForecastTransformer? Forecaster => TrainedSteps.Of(Model).OfType<ForecastTransformer>().FirstOrDefault();

    /// <exception cref="RefusedException">There is no such file, or it is no model that gives classes, numbers or forecasts.</exception>
    public static ModelFile Open(MLContext ml, string path, string? label = null)
    {
        if (Directory.Exists(path))
            path = Directory.GetFiles(path, "*.mlnet") is [var only] ? only : throw new RefusedException($"--model '{path}' is a folder without exactly one .mlnet file. Name the model file.");
        if (!File.Exists(path))
            throw new RefusedException($"--model '{path}' is not there. Name a model file, such as Pets/Pets.mlnet.");
        ITransformer model;
        DataViewSchema input;
        try
        {
            model = ml.Model.Load(path, out input);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new RefusedException($"--model '{path}' is no model of ML.NET: {e.Message}", e);
        }
        label ??= TrainedSteps.FindHistory(model)?.Run?.Columns.FirstOrDefault(column => column.Role == "label")?.Name ?? "Label";
        var output = model.GetOutputSchema(input ?? throw new RefusedException($"'{path}' does not say which columns it was trained on. Save it with mlContext.Model.Save(model, data.Schema, path)."));
        Answer? answer = TrainedSteps.Of(model).OfType<ForecastTransformer>().Any() ? new ForecastAnswer()
            : output.GetColumnOrNull("Score")?.Type is not { } score ? null
            : score is VectorDataViewType && output.GetColumnOrNull("PredictedLabel")?.Type is KeyDataViewType or TextDataViewType ? new ClassAnswer(label)
            : score == NumberDataViewType.Single && output.GetColumnOrNull("PredictedLabel") is null ? new NumberAnswer(label) : null;
        return new ModelFile(path, model, input)
        {
            Answer = answer ?? throw new RefusedException($"'{path}' gives {string.Join(", ", output.Where(column => !column.IsHidden && input.GetColumnOrNull(column.Name) is null).Select(column => $"{column.Name} ({column.Type})"))}; mldeep reads models that give classes, a number or forecasts."),
            Label = answer is ForecastAnswer ? null : label,
        };
    }

    public void Dispose() => (Model as IDisposable)?.Dispose();
}
