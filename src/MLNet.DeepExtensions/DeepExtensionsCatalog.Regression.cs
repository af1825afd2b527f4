using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>Trains a deep network that gives a number, or several.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Regression.Trainers</c>.</param>
    /// <param name="model">The architecture, for example <c>new Mlp { HiddenSizes = [128] }</c>.</param>
    /// <param name="labelColumnName">The label: a Single, or a vector of them of one length. Rows with a NaN are left out.</param>
    /// <param name="featureColumnName">The features: a vector of Single, of Byte (0…255, scaled to [0, 1] on the device), or pictures, of one size in every row.</param>
    /// <param name="exampleWeightColumnName">How much each row counts: a Single, finite and not negative. Null counts all rows alike.</param>
    /// <param name="inputShape">The shape of one example, for example <c>new ImageShape(28, 28, 1)</c>; null takes the column's own dimensions.</param>
    /// <returns>The trainer, to be appended to a pipeline. It adds <c>Score</c>, of the label's type; with the loss <see cref="Quantile"/> also a vector <c>Quantiles</c>, with <see cref="GaussianNll"/> also <c>Variance</c>.</returns>
    /// <remarks>
    /// <para><b>Trainer characteristics.</b> Regression, of one or many targets, which are scaled to mean 0 and standard deviation 1 where the loss allows it; normalisation is the pipeline's business, except that bytes are scaled; no cache checkpoint is needed;
    /// needs TorchSharp-cpu or a CUDA package in the application.</para>
    /// <para><b>Training algorithm.</b> Mini-batch gradient descent by back-propagation; the options name the optimizer and the loss.</para>
    /// </remarks>
    /// <exception cref="System.ArgumentException">An option is out of its range; the message lists all of them.</exception>
    public static DeepTrainer Deep(this RegressionCatalog.RegressionTrainers catalog, ModelConfig model,
        string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null, InputShape? inputShape = null) =>
        catalog.Deep(model, new DeepTrainerOptions(), labelColumnName, featureColumnName, exampleWeightColumnName, inputShape);

    /// <inheritdoc cref="Deep(RegressionCatalog.RegressionTrainers, ModelConfig, string, string, string?, InputShape?)"/>
    /// <param name="options">How to train.</param>
#pragma warning disable CS1573 // the other parameters are inherited
    public static DeepTrainer Deep(this RegressionCatalog.RegressionTrainers catalog, ModelConfig model, DeepTrainerOptions options,
        string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null, InputShape? inputShape = null) =>
        new(HostDoors.EnvironmentOf(catalog), new RegressionTask(), model, options, new TrainingColumns(labelColumnName, featureColumnName, inputShape, exampleWeightColumnName));

    /// <inheritdoc cref="Deep(RegressionCatalog.RegressionTrainers, ModelConfig, DeepTrainerOptions, string, string, string?, InputShape?)"/>
    /// <param name="network">
    /// Makes the network from the shape of one example and the number of outputs: any module from [N, …shape] to [N, outputs].
    /// Such a model trains and scores; to save it, declare the network as a <see cref="ModelConfig"/>.
    /// </param>
    public static DeepTrainer Deep(this RegressionCatalog.RegressionTrainers catalog, Func<InputShape, int, Module> network,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null,
        InputShape? inputShape = null) =>
        catalog.Deep(ModelConfig.From(network), options ?? new DeepTrainerOptions(), labelColumnName, featureColumnName, exampleWeightColumnName, inputShape);

    /// <inheritdoc cref="Deep(RegressionCatalog.RegressionTrainers, ModelConfig, DeepTrainerOptions, string, string, string?, InputShape?)"/>
    /// <param name="featureColumns">
    /// Several columns that feed the network together, for example <c>["Image", "Age", new InputColumn("Readings", new SequenceShape(3))]</c>; the network gets a <see cref="ModelInput"/>.
    /// </param>
    public static DeepTrainer Deep(this RegressionCatalog.RegressionTrainers catalog, ModelConfig model, IReadOnlyList<InputColumn> featureColumns,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string? exampleWeightColumnName = null) =>
        new(HostDoors.EnvironmentOf(catalog), new RegressionTask(), model, options ?? new DeepTrainerOptions(), new TrainingColumns(labelColumnName, featureColumns, exampleWeightColumnName));

    /// <inheritdoc cref="Deep(RegressionCatalog.RegressionTrainers, ModelConfig, DeepTrainerOptions, string, string, string?, InputShape?)"/>
    /// <param name="featureColumns">All columns of a table: <c>AllColumns.Usable</c>, or <c>AllColumns.But("Id")</c>. Text becomes keys before: <c>mlContext.Transforms.Conversion.MapTextToKeys()</c>.</param>
    public static DeepTrainer Deep(this RegressionCatalog.RegressionTrainers catalog, ModelConfig model, AllColumns featureColumns,
        DeepTrainerOptions? options = null, string labelColumnName = "Label", string? exampleWeightColumnName = null) =>
        new(HostDoors.EnvironmentOf(catalog), new RegressionTask(), model, options ?? new DeepTrainerOptions(), new TrainingColumns(labelColumnName, featureColumns, exampleWeightColumnName));
#pragma warning restore CS1573
}
