namespace MLNet.DeepExtensions;

/// <summary>What tells one published encoder from another: sizes, and the names of its parts in the files.</summary>
internal sealed record PublishedPlan
{
    /// <summary>Where the vectors of tokens and places lie, such as <c>bert.embeddings</c>.</summary>
    public required string Embeddings { get; init; }

    /// <summary>Where the layers lie, by number, such as <c>bert.encoder.layer</c>.</summary>
    public required string Layers { get; init; }

    /// <summary>What a layer's parts are called.</summary>
    public required LayerNames Names { get; init; }

    public required int LayerCount { get; init; }

    public required int Heads { get; init; }

    public required int Width { get; init; }

    public required int InnerWidth { get; init; }

    public required Activation Activation { get; init; }

    public required double Epsilon { get; init; }

    public required double AttentionDropout { get; init; }

    public required double Dropout { get; init; }

    /// <summary>Gets whether numbers are zeroed between attention and the sum with what came in.</summary>
    public bool DropsAttended { get; init; } = true;

    /// <summary>Gets how many parts of a text have a vector; 0 where parts are not told from each other.</summary>
    public int Types { get; init; }

    /// <summary>Gets the place of the first token.</summary>
    public int FirstPlace { get; init; }

    public required AnswerNames Answer { get; init; }

    /// <summary>The layer, the norm and the bias of the head of tokens.</summary>
    public required (string Dense, string Norm, string Bias) Tokens { get; init; }

    internal sealed record LayerNames(string Query, string Key, string Value, string Project, string AttentionNorm, string Wide, string Narrow, string Norm);

    /// <summary>How the last layer is reached.</summary>
    /// <param name="Dense">One more layer before it; null where there is none.</param>
    /// <param name="DenseActivation">What stands behind that layer.</param>
    /// <param name="DropsFirst">Whether numbers are zeroed before that layer, too.</param>
    /// <param name="Classifier">The last layer.</param>
    /// <param name="Dropout">The probability of zeroing a number before it.</param>
    internal sealed record AnswerNames(string? Dense, Activation DenseActivation, bool DropsFirst, string Classifier, double Dropout);
}
