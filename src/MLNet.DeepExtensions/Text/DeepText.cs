using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>Networks that read and write text, as <c>mlContext.DeepText()</c> gives them.</summary>
public sealed partial class DeepText
{
    private readonly IHostEnvironment environment;

    internal DeepText(IHostEnvironment environment) => (this.environment, Trainers) = (environment, new TextTrainers(environment));

    /// <summary>Gets the trainers.</summary>
    public TextTrainers Trainers { get; }

    /// <summary>Takes a published language model as it is, without training: to judge texts, to write, to save it as a model of ML.NET's.</summary>
    /// <param name="model">The network with its weights and tokenizer: <c>PretrainedModel.FromFolder("gpt2")</c>.</param>
    /// <param name="textColumnName">The column of texts that <c>Transform</c> reads.</param>
    /// <returns>The model; dispose it when no longer needed.</returns>
    /// <exception cref="ArgumentException">The network brings no weights or no vocabulary along, or says nothing of each token.</exception>
    /// <exception cref="InvalidModelFileException">The weights cannot be read, or are another network's.</exception>
    public DeepTransformer LanguageModel(ModelConfig model, string textColumnName = "Text")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(textColumnName);
        return new DeepTransformer(PublishedLanguageModel.Load(environment, model, textColumnName));
    }

    /// <summary>Prepares to ask a masked language model what stands where a text has a mask.</summary>
    /// <param name="transformer">The trained network: of a fitted pipeline, its <c>LastTransformer</c>.</param>
    /// <returns>What can be asked.</returns>
    /// <exception cref="ArgumentException">The network was trained for something else.</exception>
    public MaskFiller MaskFiller(DeepTransformer transformer) => new(transformer);

    /// <summary>Judges a language model by texts that it has not seen.</summary>
    /// <param name="data">What the model's <c>Transform</c> gave.</param>
    /// <returns>The figures over all tokens of all texts.</returns>
    /// <exception cref="ArgumentException">The data has no columns of a language model.</exception>
    public LanguageModelMetrics Evaluate(IDataView data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return LanguageModelMetrics.Of(data);
    }
}

/// <summary>Trainers of networks that read and write text. (To judge texts, use those of <c>mlContext.MulticlassClassification</c>, <c>BinaryClassification</c> and <c>Regression</c>.)</summary>
public sealed partial class TextTrainers
{
    private readonly IHostEnvironment environment;

    internal TextTrainers(IHostEnvironment environment) => this.environment = environment;
}
