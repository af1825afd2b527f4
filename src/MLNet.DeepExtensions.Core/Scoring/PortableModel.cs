using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>All that is needed to score a network which is a graph of its own: config.json beside network.onnx in a portable model file. It names nothing of the engine that trained.</summary>
internal sealed record PortableModel
{
    // raised when an older library could no longer read the file
    public const int CurrentFormat = 1;

    /// <summary>The name of the graph's output: the task's numbers for each row, after softmax or sigmoid.</summary>
    public const string ScoresName = "scores";

    // class names and vocabularies can make it some megabytes
    private const int MaxBytes = 16 << 20;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Gets the columns that feed the network, in the order of the graph's inputs.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<FeatureColumn> Features { get; init; }

    [Required]
    public required DeepTask Task { get; init; }

    [Range(1, 1 << 24)]
    public int ScoringBatchSize { get; init; } = 1024;

    /// <summary>The name of the input that says how many steps each row of a column has.</summary>
    public static string LengthsOf(string column) => $"{column}.lengths";

    /// <exception cref="InvalidModelFileException">The text is damaged, or of a newer format.</exception>
    public static PortableModel Read(Stream stream)
    {
        var saved = ConfigJson.Read<PortableModel>(BoundedStream.ReadAll(stream, MaxBytes, Interop.SavedTransformer.ConfigName));
        return saved.Format == CurrentFormat ? saved : throw new InvalidModelFileException(
            $"The portable model has format {saved.Format}; this version of MLNet.DeepExtensions reads format {CurrentFormat}. Use a newer version of the library.");
    }
}
