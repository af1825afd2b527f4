namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>What the command line says; null where it leaves the choice to the task.</summary>
internal sealed record TrainSettings
{
    public required string Task { get; init; }
    public required string Data { get; init; }
    public required string Output { get; init; }
    public string? Name { get; init; }
    public string? Model { get; init; }
    public int? Epochs { get; init; }
    public int? BatchSize { get; init; }
    public double? LearningRate { get; init; }
    public string Device { get; init; } = "auto";
    public Precision Precision { get; init; }
    public int Seed { get; init; } = 1;
    public TimeSpan? MaxTime { get; init; }
    public bool WebApi { get; init; }
    public bool Force { get; init; }

    // pictures
    public int? Side { get; init; }
    public string? Weights { get; init; }
    public bool Augments { get; init; } = true;

    // files of rows
    public string? Delimiter { get; init; }
    public bool HasHeader { get; init; } = true;
    public string? Label { get; init; }
    public string? Text { get; init; }
    public string? Pretrained { get; init; }
    public int MaxTokens { get; init; } = 128;
    public string Goal { get; init; } = "auto";
    public IReadOnlyList<string> Ignored { get; init; } = [];

    // time series
    public string? Time { get; init; }
    public IReadOnlyList<string> Targets { get; init; } = [];
    public string? Series { get; init; }
    public int? Horizon { get; init; }
    public int? Window { get; init; }
    public int? Season { get; init; }
}
