using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>Trains a deep network that makes vectors which lie near each other where rows are of one class, also for classes that it never saw: faces, voices, products.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms</c>.</param>
    /// <param name="model">The architecture, for example <c>new ConvNet()</c>; its outputs are the vector.</param>
    /// <param name="outputColumnName">The column of vectors that it adds.</param>
    /// <param name="labelColumnName">
    /// The class of each row: a key. Rows whose label is missing are left out. A validation set may have classes that the training set has not, if its keys say so:
    /// map values to keys over the rows of both sets before they are split, since a MapValueToKey that was fitted to the training rows knows only theirs.
    /// </param>
    /// <param name="featureColumnName">The features: a vector of Single, of Byte (0…255, scaled to [0, 1] on the device), or pictures, of one size in every row.</param>
    /// <param name="embeddingSize">The numbers in a vector. At least 1; 32 to 512 are usual.</param>
    /// <param name="inputShape">The shape of one example, for example <c>new ImageShape(28, 28, 1)</c>; null takes the column's own dimensions.</param>
    /// <returns>
    /// The trainer, to be appended to a pipeline. It adds the column of vectors: Single, of length 1, so that the product of two is their cosine, and the squared distance 2 - 2 · cosine.
    /// <see cref="EmbeddingIndex"/> finds the nearest, <see cref="VerificationCurve"/> the threshold between same and different.
    /// </returns>
    /// <remarks>
    /// <para><b>Trainer characteristics.</b> Metric learning; normalisation is the pipeline's business, except that bytes are scaled; no cache checkpoint is needed;
    /// needs TorchSharp-cpu or a CUDA package in the application.</para>
    /// <para><b>Training algorithm.</b> Mini-batch gradient descent by back-propagation; the options name the optimizer and the loss. The usual loss is <see cref="Triplet"/>, with batches of some classes
    /// and some rows of each (<see cref="ClassesPerBatch"/>), and the weights that are kept are those with the lowest equal error rate in validation.</para>
    /// </remarks>
    /// <exception cref="System.ArgumentException">An option is out of its range; the message lists all of them.</exception>
    public static DeepTrainer DeepEmbedding(this TransformsCatalog catalog, ModelConfig model, string outputColumnName = "Embedding",
        string labelColumnName = "Label", string featureColumnName = "Features", int embeddingSize = 128, InputShape? inputShape = null) =>
        catalog.DeepEmbedding(model, new DeepTrainerOptions(), outputColumnName, labelColumnName, featureColumnName, embeddingSize, inputShape);

    /// <inheritdoc cref="DeepEmbedding(TransformsCatalog, ModelConfig, string, string, string, int, InputShape?)"/>
    /// <param name="options">How to train.</param>
    /// <param name="exampleWeightColumnName">How much each row counts: a Single, finite and not negative. Null counts all rows alike.</param>
#pragma warning disable CS1573 // the other parameters are inherited
    public static DeepTrainer DeepEmbedding(this TransformsCatalog catalog, ModelConfig model, DeepTrainerOptions options, string outputColumnName = "Embedding",
        string labelColumnName = "Label", string featureColumnName = "Features", int embeddingSize = 128, InputShape? inputShape = null, string? exampleWeightColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(embeddingSize, 1);
        return new(DataDoors.EnvironmentOf(catalog), new EmbeddingTask { ColumnName = outputColumnName, Size = embeddingSize }, model, options,
            new TrainingColumns(labelColumnName, featureColumnName, inputShape, exampleWeightColumnName));
    }

    /// <inheritdoc cref="DeepEmbedding(TransformsCatalog, ModelConfig, DeepTrainerOptions, string, string, string, int, InputShape?, string?)"/>
    /// <param name="network">
    /// Makes the network from the shape of one example and the size of the vectors: any module from [N, …shape] to [N, size].
    /// Such a model trains and scores; to save it, declare the network as a <see cref="ModelConfig"/>.
    /// </param>
    public static DeepTrainer DeepEmbedding(this TransformsCatalog catalog, Func<InputShape, int, Module> network, DeepTrainerOptions? options = null,
        string outputColumnName = "Embedding", string labelColumnName = "Label", string featureColumnName = "Features", int embeddingSize = 128, InputShape? inputShape = null,
        string? exampleWeightColumnName = null) =>
        catalog.DeepEmbedding(ModelConfig.From(network), options ?? new DeepTrainerOptions(), outputColumnName, labelColumnName, featureColumnName, embeddingSize, inputShape, exampleWeightColumnName);

    /// <inheritdoc cref="DeepEmbedding(TransformsCatalog, ModelConfig, DeepTrainerOptions, string, string, string, int, InputShape?, string?)"/>
    /// <param name="featureColumns">
    /// Several columns that feed the network together, for example <c>["Image", "Age", new InputColumn("Readings", new SequenceShape(3))]</c>; the network gets a <see cref="ModelInput"/>.
    /// </param>
    public static DeepTrainer DeepEmbedding(this TransformsCatalog catalog, ModelConfig model, IReadOnlyList<InputColumn> featureColumns, DeepTrainerOptions? options = null,
        string outputColumnName = "Embedding", string labelColumnName = "Label", int embeddingSize = 128, string? exampleWeightColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(embeddingSize, 1);
        return new(DataDoors.EnvironmentOf(catalog), new EmbeddingTask { ColumnName = outputColumnName, Size = embeddingSize }, model, options ?? new DeepTrainerOptions(),
            new TrainingColumns(labelColumnName, featureColumns, exampleWeightColumnName));
    }
#pragma warning restore CS1573
}
