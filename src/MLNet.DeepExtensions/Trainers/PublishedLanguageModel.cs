using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A language model of a folder's files alone.</summary>
internal static class PublishedLanguageModel
{
    /// <exception cref="ArgumentException">The network brings no weights or no vocabulary along, or says nothing of each token.</exception>
    /// <exception cref="InvalidModelFileException">The weights cannot be read, or are another network's.</exception>
    public static DeepModel Load(IHostEnvironment environment, ModelConfig model, string column)
    {
        ConfigValidation.Check(model, nameof(model));
        if (model.Published is null)
            throw new ArgumentException($"{model.GetType().Name} has no weights: take a folder's, PretrainedModel.FromFolder(\"gpt2\"), or train it: Trainers.CausalLanguageModel(…).", nameof(model));
        if (model.TokenizerFor(column) is not { IsFitted: true } tokenizer)
            throw new ArgumentException($"{model.GetType().Name} has no tokenizer with a vocabulary: give it the one that it was trained with, PretrainedModel.FromFolder(folder, tokenizer).", nameof(model));
        var features = RunningText.Column(column, tokenizer);
        var task = new LanguageModelTask { Vocabulary = tokenizer.Count, Window = model.MaxTokensFor(column) };
        var device = DeviceChoice.ForScoring(environment);
        var module = TorchGenerator.Untouched(() => model.Build(features.Shape, task.OutputWidth));
        try
        {
            module.eval();
            using (var scope = NewDisposeScope())
            using (inference_mode())
                if (module.Call(new ModelInput([new InputTensor(column, zeros(1, 2, ScalarType.Int32), full(1, 2L, ScalarType.Int64))])).shape is var shape && !task.Takes(shape, 1))
                    throw new ArgumentException($"The network gives [{string.Join(", ", shape)}] for one text, but a language model must give {task.OutputShape}, as {nameof(Gpt)} does with Pooling = Pooling.None.", nameof(model));
            foreach (var report in StartingWeights.Load(model, module, null, null))
                if (report.Missing.Count + report.Mismatched.Count > 0)
                    throw new InvalidModelFileException($"The files have not all that a language model needs. {report}");
            return new DeepModel(module.to(device), new SavedModel { Model = model, Inputs = [new NetworkColumn(features, new InputStage())], Task = task, History = new TrainingHistory { Epochs = [] } }, device);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }
}
