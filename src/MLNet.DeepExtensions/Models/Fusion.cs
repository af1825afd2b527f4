using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Several columns of different kinds, each with a network of its own, its encoder, that makes <see cref="EmbeddingSize"/> numbers of it; these are put together late, and a multi-layer perceptron answers.
/// Parameters are named <c>encoders.Picture.stages.0.…</c> after the column, and <c>head.fc1.weight</c>, … , so that <c>new ParameterGroup("encoders.Picture")</c> is one encoder's.
/// </summary>
[ConfigName("fusion")]
public sealed record Fusion : ModelConfig, IValidatableObject
{
    /// <summary>Gets the encoders of columns that shall not have the usual one.</summary>
    /// <value>
    /// One for each column at most. The default is none. The usual ones: <see cref="ConvNet"/> for pictures (<see cref="Mlp"/> for those smaller than 8 × 8), <see cref="Lstm"/> for sequences and for several
    /// categories, <see cref="EmbeddingBag"/> for one category, <see cref="Mlp"/> for numbers.
    /// </value>
    [Required, MaxLength(1000)]
    public IReadOnlyList<ColumnEncoder> Encoders { get; init; } = [];

    /// <summary>Gets the numbers that an encoder makes of its column.</summary>
    /// <value>In [1, 8192]. The default is 64.</value>
    [Range(1, 8192)]
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>Gets how the columns are put together.</summary>
    /// <value>The default is side by side.</value>
    [EnumDataType(typeof(FusionMethod))]
    public FusionMethod Method { get; init; } = FusionMethod.Concatenate;

    /// <summary>Gets what answers.</summary>
    /// <value>The default has one hidden layer of 128.</value>
    [Required]
    public Mlp Head { get; init; } = new();

    internal override TextTokenizer? TokenizerFor(string column) => ReaderOf(column).TokenizerFor(column);

    internal override int MaxTokensFor(string column) => ReaderOf(column).MaxTokensFor(column);

    /// <inheritdoc/>
    public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is not ColumnsShape { Columns: var columns })
            throw new ArgumentException($"{nameof(Fusion)} takes several columns, but there is one, of shape {input}. Name them: mlContext.….Trainers.Deep(new Fusion(), [\"Picture\", \"Age\"]), or use a network for one column.", nameof(input));
        if (Encoders.FirstOrDefault(encoder => columns.All(column => column.Name != encoder.Column)) is { } astray)
            throw new ArgumentException($"{nameof(Fusion)} has an encoder {astray.Encoder.GetType().Name} for column '{astray.Column}', but the feature columns are: {string.Join(", ", columns.Select(column => column.Name))}. " +
                "Name it among the featureColumns, or take the encoder out.", nameof(input));
        var encoders = columns.Select(column => (column.Name, Encoder: BuildEncoder(column, device))).ToList();
        var width = Method == FusionMethod.Concatenate ? (long)EmbeddingSize * columns.Count : EmbeddingSize;
        var head = Head.Build(new VectorShape(checked((int)width)), outputs, device);
        return new FusionNetwork(encoders, Method == FusionMethod.Attention ? new AttentionPooling(EmbeddingSize, device) : null, head, EmbeddingSize);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Encoders?.GroupBy(encoder => encoder.Column).FirstOrDefault(group => group.Count() > 1) is { } twice)
            yield return new ValidationResult($"Encoders has {twice.Count()} for column '{twice.Key}'; a column has one.");
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (
        this with { EmbeddingSize = 8, Encoders = [new("Picture", new ConvNet { Widths = [4], Dropout = 0 }), new("Readings", new Gru { HiddenSize = 8 })], Head = new Mlp { HiddenSizes = [16] } },
        new ColumnsShape([new("Picture", new ImageShape(4, 4)), new("Age", new VectorShape(1)), new("City", new IdsShape(5, 1)), new("Readings", new SequenceShape(2)), new("Words", new IdsShape(9))]), 3);

    /// <summary>Compares the settings, the encoders one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same network.</returns>
    public bool Equals(Fusion? other) => other is not null && Encoders.SequenceEqual(other.Encoders) && (EmbeddingSize, Method) == (other.EmbeddingSize, other.Method) && Head == other.Head;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Encoders.Count, EmbeddingSize, Method, Head);

    internal override IEnumerable<(ModelConfig Config, Module Network)> PartsOf(Module network) => ((FusionNetwork)network).Encoders
        .Select(part => (Config: Encoders.FirstOrDefault(encoder => encoder.Column == part.Column)?.Encoder, part.Module)).Where(part => part.Config is not null).SelectMany(part => part.Config!.PartsOf(part.Module));

    // of a column of text
    private ModelConfig ReaderOf(string column) => Encoders.FirstOrDefault(encoder => encoder.Column == column)?.Encoder ?? new Lstm();

    private Module BuildEncoder(NamedShape column, Device? device)
    {
        var encoder = Encoders.FirstOrDefault(item => item.Column == column.Name)?.Encoder ?? Usual(column.Shape);
        try
        {
            return encoder.Build(column.Shape, EmbeddingSize, device);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"Column '{column.Name}' with its encoder {encoder.GetType().Name}: {Plain(e)} Another encoder is named in new Fusion {{ Encoders = [new(\"{column.Name}\", …)] }}.", nameof(column), e);
        }
    }

    // without the name of the parameter that ArgumentException adds
    private static string Plain(ArgumentException e) => e.ParamName is { } name ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message;

    private static ModelConfig Usual(InputShape shape) => shape switch
    {
        ImageShape { Height: >= 8, Width: >= 8 } => new ConvNet(),
        SequenceShape => new Lstm(),
        IdsShape { Length: 1 } => new EmbeddingBag(),
        IdsShape => new Lstm(),
        _ => new Mlp(),
    };
}

/// <summary>A column and the network that reads it.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Encoder">Any architecture that takes the column alone.</param>
public sealed record ColumnEncoder([property: Required] string Column, [property: Required] ModelConfig Encoder);

/// <summary>How what is known of several columns is put together.</summary>
public enum FusionMethod
{
    /// <summary>Side by side.</summary>
    Concatenate,

    /// <summary>Their mean, by weights that are learnt and differ from row to row: softmax over the columns of v · tanh(W h + b). As wide as one column, however many there are.</summary>
    Attention,
}
