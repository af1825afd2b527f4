using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML;

/// <summary>Deep networks beside ML.NET's own trainers.</summary>
public static partial class DeepExtensionsCatalog
{
    /// <summary>Trains a deep network that picks one of several classes.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.MulticlassClassification.Trainers</c>.</param>
    /// <param name="model">The architecture, for example <c>new Mlp { HiddenSizes = [128] }</c>.</param>
    /// <param name="labelColumnName">The label: a key, as MapValueToKey makes it. Rows whose label is missing are left out.</param>
    /// <param name="featureColumnName">The features: a vector of Single, or of Byte (0…255, scaled to [0, 1] on the device), with the same length in every row.</param>
    /// <param name="exampleWeightColumnName">How much each row counts: a Single, finite and not negative. Null counts all rows alike.</param>
    /// <param name="inputShape">The shape of one example, for example <c>new ImageShape(28, 28, 1)</c>; null takes the column's own dimensions.</param>
    /// <returns>The trainer, to be appended to a pipeline. It adds <c>Score</c>, a vector of probabilities, and <c>PredictedLabel</c>, a key.</returns>
    /// <remarks>
    /// <para><b>Input and output columns.</b> See the parameters. <c>Score</c> has a slot for each class, named after it; <c>PredictedLabel</c> carries the
    /// label's values, so that MapKeyToValue gives them back.</para>
    /// <para><b>Trainer characteristics.</b> Multiclass classification; normalisation is the pipeline's business, except that bytes are scaled;
    /// rows are kept in memory, so no cache checkpoint is needed; needs TorchSharp-cpu or a CUDA package in the application.</para>
    /// <para><b>Training algorithm.</b> Mini-batch gradient descent by back-propagation; the options name the optimizer and the loss.</para>
    /// </remarks>
    /// <exception cref="System.ArgumentException">An option is out of its range; the message lists all of them.</exception>
    public static DeepTrainer Deep(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ModelConfig model,
        string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null, InputShape? inputShape = null) =>
        catalog.Deep(model, new DeepTrainerOptions(), labelColumnName, featureColumnName, exampleWeightColumnName, inputShape);

    /// <inheritdoc cref="Deep(MulticlassClassificationCatalog.MulticlassClassificationTrainers, ModelConfig, string, string, string?, InputShape?)"/>
    /// <param name="options">How to train.</param>
#pragma warning disable CS1573 // the other parameters are inherited
    public static DeepTrainer Deep(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ModelConfig model, DeepTrainerOptions options,
        string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null, InputShape? inputShape = null) =>
        new(HostDoors.EnvironmentOf(catalog), new MulticlassTask(), model, options, new TrainingColumns(labelColumnName, featureColumnName, inputShape, exampleWeightColumnName));

    /// <inheritdoc cref="Deep(MulticlassClassificationCatalog.MulticlassClassificationTrainers, ModelConfig, DeepTrainerOptions, string, string, string?, InputShape?)"/>
    /// <param name="network">
    /// Makes the network from the shape of one example and the number of classes: any module from [N, …shape] to [N, classes].
    /// Such a model trains and scores; to save it, declare the network as a <see cref="ModelConfig"/>.
    /// </param>
    public static DeepTrainer Deep(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Func<InputShape, int, Module> network,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null,
        InputShape? inputShape = null) =>
        catalog.Deep(ModelConfig.From(network), options ?? new DeepTrainerOptions(), labelColumnName, featureColumnName, exampleWeightColumnName, inputShape);

    /// <inheritdoc cref="Deep(MulticlassClassificationCatalog.MulticlassClassificationTrainers, ModelConfig, DeepTrainerOptions, string, string, string?, InputShape?)"/>
    /// <param name="featureColumns">
    /// Several columns that feed the network together, for example <c>["Image", "Age", new InputColumn("Readings", new SequenceShape(3))]</c>; the network gets a <see cref="ModelInput"/>.
    /// </param>
    public static DeepTrainer Deep(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ModelConfig model, IReadOnlyList<InputColumn> featureColumns,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string? exampleWeightColumnName = null) =>
        new(HostDoors.EnvironmentOf(catalog), new MulticlassTask(), model, options ?? new DeepTrainerOptions(), new TrainingColumns(labelColumnName, featureColumns, exampleWeightColumnName));

    /// <inheritdoc cref="Deep(MulticlassClassificationCatalog.MulticlassClassificationTrainers, ModelConfig, DeepTrainerOptions, string, string, string?, InputShape?)"/>
    /// <param name="featureColumns">All columns of a table: <c>AllColumns.Usable</c>, or <c>AllColumns.But("Id")</c>. Text becomes keys before: <c>mlContext.Transforms.Conversion.MapTextToKeys()</c>.</param>
    public static DeepTrainer Deep(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ModelConfig model, AllColumns featureColumns,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string? exampleWeightColumnName = null) =>
        new(HostDoors.EnvironmentOf(catalog), new MulticlassTask(), model, options ?? new DeepTrainerOptions(), new TrainingColumns(labelColumnName, featureColumns, exampleWeightColumnName));
#pragma warning restore CS1573
}
