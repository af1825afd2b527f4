using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>Language models, as <c>mlContext.DeepText()</c> gives them. Classifiers and regressors of text are trained by the tasks' own catalogs, from a column of text.</summary>
public sealed partial class DeepText
{
    internal DeepText(IHostEnvironment environment) => Trainers = new TextTrainers(environment);

    /// <summary>Gets the trainers.</summary>
    public TextTrainers Trainers { get; }

    /// <summary>Prepares to ask a masked language model what stands where a text has a mask.</summary>
    /// <param name="transformer">The trained network: of a fitted pipeline, its <c>LastTransformer</c>.</param>
    /// <returns>What can be asked.</returns>
    /// <exception cref="System.ArgumentException">The network was trained for something else.</exception>
    public MaskFiller MaskFiller(DeepTransformer transformer) => new(transformer);
}

/// <summary>Trainers of language models.</summary>
public sealed partial class TextTrainers
{
    private readonly IHostEnvironment environment;

    internal TextTrainers(IHostEnvironment environment) => this.environment = environment;
}
