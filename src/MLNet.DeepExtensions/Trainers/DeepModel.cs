using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A trained network with all that scoring, saving and exporting need: architecture, input stage, class names, history.</summary>
public sealed class DeepModel : IDisposable
{
    private readonly UseCount uses;

    internal DeepModel(Module module, SavedModel saved, Device device) => (Module, Saved, Device, uses) = (module, saved, device, new UseCount(module.Dispose));

    /// <summary>Gets the network, in evaluation mode, on <see cref="Device"/>.</summary>
    public Module Module { get; }

    /// <summary>Gets the architecture.</summary>
    public ModelConfig Config => Saved.Model;

    /// <summary>Gets the shape of one example in the column, or, of several, in each of them; the network gets what <see cref="Input"/> makes of it.</summary>
    public InputShape InputShape => Saved.Inputs.Count == 1 ? Saved.Inputs[0].Features.Shape
        : new ColumnsShape([.. Saved.Inputs.Select(column => new NamedShape(column.Features.Name, column.Features.Shape))]);

    /// <summary>Gets what happens to a batch between the column and the network; of several columns, the first one's.</summary>
    public InputStage Input => Saved.Inputs[0].Stage;

    /// <summary>Gets the name of each class, in the order of the scores; empty where the label column named none.</summary>
    public IReadOnlyList<string> Labels => (Saved.Task as MulticlassTask)?.Labels?.Values ?? [];

    /// <summary>Gets what happened in training.</summary>
    public TrainingHistory History => Saved.History;

    /// <summary>Gets where the network is.</summary>
    public Device Device { get; }

    /// <summary>Gets what an adapter learnt (<see cref="DeepTrainerOptions.Adapter"/>), which is merged into the network, too; null without one, and in a model that was loaded.</summary>
    public AdapterWeights? Adapter { get; internal init; }

    internal SavedModel Saved { get; }

    /// <summary>
    /// Opens the network in a model file that <c>mlContext.Model.Save</c> wrote, reading our entry and nothing else of it: no other step of the pipeline,
    /// no assembly that the file names. The safe way into a file from elsewhere.
    /// </summary>
    /// <param name="stream">The file, seekable; it is not closed.</param>
    /// <param name="entry">Which network, where the file holds several: its folder in the file, for example <c>TransformerChain/Transform_001</c>.</param>
    /// <param name="device">Where to score: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c> or <c>auto</c>.</param>
    /// <returns>The network; dispose it.</returns>
    /// <exception cref="InvalidModelFileException">The file is damaged, hostile, of a newer version, or holds no network or several.</exception>
    public static DeepModel Load(Stream stream, string? entry = null, string device = "cpu")
    {
        ArgumentNullException.ThrowIfNull(stream);
        var place = DeviceChoice.Find(device);
        using var file = ModelEntryReader.Open(stream, entry);
        using var config = file.OpenConfig();
        using var weights = file.OpenWeights();
        return Load(config, weights, file.WeightsLength, place);
    }

    internal static DeepModel Load(Stream config, Stream weights, long? weightsLength, Device device)
    {
        var saved = SavedModel.Read(config);
        return new DeepModel(ModuleWeights.Read(weights, weightsLength, saved.Build, device), saved, device);
    }

    /// <summary>Says what the network is made of, layer by layer.</summary>
    /// <returns>The summary; <see cref="ModelSummary.ToString"/> is a table. Its parameters are trainable or not as they were in training; a model that was loaded has forgotten which were frozen.</returns>
    public ModelSummary Summary()
    {
        Enter();
        try
        {
            return ModelSummaries.Of(Config, NetworkColumn.ShapeOf(Saved.Inputs), Saved.Task.OutputWidth, Module);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Writes the weights alone, under the names of the network's state_dict, so that PyTorch and others can load them.</summary>
    /// <param name="path">The file, by custom <c>something.safetensors</c>. It is replaced only when all is written.</param>
    public void SaveWeights(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => ModuleWeights.Write(Module, stream));
    }

    /// <summary>Frees the network, once those who are scoring with it at this moment are done.</summary>
    public void Dispose() => uses.Dispose();

    /// <summary>Whoever runs the network says so, and when it is done.</summary>
    /// <exception cref="ObjectDisposedException">The network is gone.</exception>
    internal void Enter() => uses.Enter();

    internal void Leave() => uses.Leave();
}

/// <summary>Everything about a network but its weights: config.json in the model file.</summary>
internal sealed record SavedModel : IValidatableObject
{
    // raised when an older library could no longer read the file
    public const int CurrentFormat = 1;

    // a description of a network is text of some kilobytes; class names can make it some megabytes
    private const int MaxBytes = 16 << 20;

    public int Format { get; init; } = CurrentFormat;

    [Required]
    public required ModelConfig Model { get; init; }

    /// <summary>Gets the only column; null where there are several.</summary>
    public FeatureColumn? Features { get; init; }

    /// <summary>Gets what happens to the only column's batches.</summary>
    public InputStage? Input { get; init; }

    /// <summary>Gets the columns, where there are several.</summary>
    public IReadOnlyList<NetworkColumn>? Columns { get; init; }

    /// <summary>Gets or sets the columns that feed the network. One is written as the first format wrote it.</summary>
    [JsonIgnore]
    public IReadOnlyList<NetworkColumn> Inputs
    {
        get => Columns ?? [new NetworkColumn(Features!, Input!)];
        init
        {
            if (value.Count == 1)
                (Features, Input) = (value[0].Features, value[0].Stage);
            else
                Columns = value;
        }
    }

    [Required]
    public required DeepTask Task { get; init; }

    [Required]
    public required TrainingHistory History { get; init; }

    [Range(1, 1 << 24)]
    public int? ScoringBatchSize { get; init; }

    public static SavedModel Read(Stream stream)
    {
        var saved = ConfigJson.Read<SavedModel>(BoundedStream.ReadAll(stream, MaxBytes, Interop.SavedTransformer.ConfigName));
        return saved.Format == CurrentFormat ? saved : throw new InvalidModelFileException(
            $"The model has format {saved.Format}; this version of MLNet.DeepExtensions reads format {CurrentFormat}. Use a newer version of the library.");
    }

    /// <summary>Checks what a file says.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Columns is null ? Features is null || Input is null : Columns.Count < 2 || Features is not null || Input is not null)
            yield return new ValidationResult("there must be one column (features and input) or several (columns).");
    }

    /// <exception cref="InvalidModelFileException">The architecture cannot be built with what the file says.</exception>
    public Module Build(Device device)
    {
        try
        {
            return Model.Build(NetworkColumn.ShapeOf(Inputs), Task.OutputWidth, device);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or System.Runtime.InteropServices.ExternalException)
        {
            throw new InvalidModelFileException($"The saved network cannot be built: {e.Message}", e);
        }
    }
}
