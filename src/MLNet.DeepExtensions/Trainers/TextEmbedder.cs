using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A network that was trained elsewhere makes a vector of each text, as it is. <c>Fit</c> reads its weights and trains nothing.</summary>
internal sealed class TextEmbedder : IEstimator<DeepTransformer>
{
    private readonly IHostEnvironment environment;
    private readonly string outputColumn;
    private readonly InputColumn column;
    private readonly ModelConfig network;
    private readonly int width;
    private readonly PretrainedWeights? weights;

    /// <exception cref="ArgumentException">The architecture reads no text, or brings no weights and none are given.</exception>
    public TextEmbedder(IHostEnvironment environment, string outputColumn, InputColumn column, ModelConfig model, Pooling pooling, PretrainedWeights? weights)
    {
        Doors.Check();
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        ArgumentException.ThrowIfNullOrEmpty(column?.Name, "inputColumn");
        ArgumentNullException.ThrowIfNull(model);
        ConfigValidation.Check(column, "inputColumn");
        if (pooling == Pooling.None || !Enum.IsDefined(pooling) || pooling == Pooling.Attention)
            throw new ArgumentException($"{pooling} makes no vector without training. Take {Pooling.Mean}, {Pooling.First} or {Pooling.Max}.", nameof(pooling));
        (network, width) = model.WithoutHead(pooling) ?? throw new ArgumentException(
            $"{model.GetType().Name} does not read text at once. Take one of Transformers: PretrainedModel.FromFolder(folder), or new TransformerEncoder() with the weights of a trained one.", nameof(model));
        if (network.Published is null && weights is null)
            throw new ArgumentException($"This {model.GetType().Name} has no weights, and its vectors would be chance. Take PretrainedModel.FromFolder(folder), or name weights: weights: trainedTransformer.", nameof(weights));
        ConfigValidation.Check(network, "model");
        (this.environment, this.outputColumn, this.column, this.weights) = (environment, outputColumn, column, weights);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        FeatureColumn.Check(inputSchema, column.Name, column.Shape, readsText: true);
        var promised = inputSchema.ToDictionary(item => item.Name);
        promised[outputColumn] = SchemaDoors.Column(outputColumn, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false);
        return new SchemaShape(promised.Values);
    }

    /// <exception cref="InvalidModelFileException">The weights are damaged, or another network's.</exception>
    public DeepTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaDoors.ShapeOf(input.Schema));
        var device = DeviceChoice.ForScoring(environment);
        var features = FeatureColumn.Find(input.Schema, column.Name, column.Shape, TextOf(input.Schema));
        var columns = new[] { new NetworkColumn(features, new InputStage()) };
        var module = TorchGenerator.Untouched(() => network.Build(NetworkColumn.ShapeOf(columns), width));
        try
        {
            using (var channel = environment.Start("Reading weights"))
                foreach (var report in StartingWeights.Load(network, module, weights, classes: null))
                    HostDoors.Info(channel, report.ToString());
            module.eval();
            return new DeepTransformer(new DeepModel(module.to(device), new SavedModel
            {
                Model = network, Inputs = columns, Task = new EmbeddingTask { ColumnName = outputColumn, Size = width }, History = new TrainingHistory(),
            }, device));
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private TextColumn? TextOf(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(column.Name) is not { Type: TextDataViewType })
            return null;
        var tokenizer = column.Tokenizer ?? weights?.Tokenizer ?? network.TokenizerFor(column.Name);
        return tokenizer is { IsFitted: true } ? new TextColumn { Tokenizer = tokenizer, MaxTokens = column.MaxTokens ?? network.MaxTokensFor(column.Name) } : throw new ArgumentException(
            $"The tokenizer for column '{column.Name}' has no vocabulary: it must be the one that the network was trained with. Name it: new InputColumn(\"{column.Name}\") {{ Tokenizer = … }}.", nameof(schema));
    }
}
