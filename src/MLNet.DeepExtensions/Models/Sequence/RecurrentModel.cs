using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// What <see cref="Lstm"/>, <see cref="Gru"/> and <see cref="Rnn"/> share: a column of sequences, or several that are read step by step together, goes through recurrent layers;
/// the steps are made one vector (<see cref="Pooling"/>), which goes through dropout and a fully connected layer <c>fc</c>.
/// Rows may differ in length: padding never changes what is said of a row. Categories (<see cref="IdsShape"/>) are embedded first, <c>input.embeddings.0.weight</c>.
/// </summary>
public abstract record RecurrentModel : ModelConfig
{
    private protected RecurrentModel() { }

    /// <summary>Gets the number of recurrent layers, each reading the one below.</summary>
    /// <value>In [1, 100]. The default is 1.</value>
    [Range(1, 100)]
    public int Layers { get; init; } = 1;

    /// <summary>Gets the width of the state, in each direction.</summary>
    /// <value>In [1, 8192]. The default is 128.</value>
    [Range(1, 8192)]
    public int HiddenSize { get; init; } = 128;

    /// <summary>Gets whether a second set of layers reads each row from its end to its beginning.</summary>
    /// <value>The default is false.</value>
    public bool Bidirectional { get; init; }

    /// <summary>Gets the probability of zeroing an activation while training: between layers, and before the last fully connected one.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; }

    /// <summary>Gets how the steps are made one answer.</summary>
    /// <value>The default is the last step.</value>
    [EnumDataType(typeof(Pooling))]
    public Pooling Pooling { get; init; } = Pooling.Last;

    /// <summary>Gets the numbers that stand for a category, of columns of categories. Category 0, a key's missing value, is a vector of zeros.</summary>
    /// <value>In [1, 8192]. The default is 64.</value>
    [Range(1, 8192)]
    public int EmbeddingSize { get; init; } = 64;

    /// <inheritdoc/>
    protected internal override string? HeadPrefix => "fc";

    internal override TextTokenizer? TokenizerFor(string column) => new WordPiece();

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        var read = new StepInput(input, GetType().Name, EmbeddingSize, device);
        return new SequenceNetwork(read, Steps(read.Width, device), Pooling, Dropout, outputs, device);
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() =>
        (this with { HiddenSize = 8, Layers = 2, Bidirectional = true }, new SequenceShape(4), 3);

    /// <summary>The name of the layers, and how many gates a cell has.</summary>
    private protected abstract (string Name, int Gates) Kind { get; }

    /// <summary>The cell in a graph.</summary>
    private protected abstract OnnxRecurrent Cell { get; }

    /// <summary>PyTorch's layers, batch first; dropout only between layers.</summary>
    private protected abstract RecurrentLayers NewLayers(long width, double dropout, Device? device);

    private StepLayers Steps(long width, Device? device)
    {
        var size = (Bidirectional ? 2 : 1) * HiddenSize;
        // TorchSharp's own would take memory and draw weights before it goes to the meta device
        if (device?.type == DeviceType.META)
            return new StepLayers(Kind.Name, new RecurrentNames(this, Kind.Gates, width), size, Bidirectional, (_, _) => throw new InvalidOperationException("On the meta device a network has no values."));
        var layers = NewLayers(width, Layers > 1 ? Dropout : 0, device);
        return new StepLayers(Kind.Name, layers.Module, size, Bidirectional, (steps, lengths) => lengths is null || !Bidirectional ? layers.Padded(steps) : Packed(layers, steps, lengths))
        {
            Export = (graph, column) => graph.Within(layers.Module, () => Cell.Export(graph, layers.Module, column, Layers, HiddenSize, Bidirectional)),
        };
    }

    // forwards, padding comes after the row and is not seen; backwards it would come first
    private static Tensor Packed(RecurrentLayers layers, Tensor steps, Tensor lengths)
    {
        using var scope = NewDisposeScope();
        var packed = layers.Packed(nn.utils.rnn.pack_padded_sequence(steps, lengths.cpu(), batch_first: true, enforce_sorted: false));
        return nn.utils.rnn.pad_packed_sequence(packed, batch_first: true, total_length: steps.shape[1]).Item1.MoveToOuterDisposeScope();
    }

    /// <summary>TorchSharp's layers of any kind, called alike.</summary>
    private protected sealed record RecurrentLayers(Module Module, Func<Tensor, Tensor> Padded, Func<nn.utils.rnn.PackedSequence, nn.utils.rnn.PackedSequence> Packed);

    /// <summary>The names and shapes of the layers' parameters, and nothing else.</summary>
    private sealed class RecurrentNames : Module
    {
        public RecurrentNames(RecurrentModel config, int gates, long width) : base(nameof(RecurrentNames))
        {
            for (var layer = 0; layer < config.Layers; layer++)
                foreach (var direction in config.Bidirectional ? (string[])["", "_reverse"] : [""])
                {
                    var from = layer == 0 ? width : (config.Bidirectional ? 2 : 1) * config.HiddenSize;
                    Add("weight_ih", gates * config.HiddenSize, from);
                    Add("weight_hh", gates * config.HiddenSize, config.HiddenSize);
                    Add("bias_ih", gates * config.HiddenSize);
                    Add("bias_hh", gates * config.HiddenSize);

                    void Add(string name, params long[] shape) => register_parameter($"{name}_l{layer}{direction}", Parameter(empty(shape, device: META)));
                }
        }
    }
}
