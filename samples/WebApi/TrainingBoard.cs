using MLNet.DeepExtensions;

namespace WebApi;

/// <summary>How the training of both models goes.</summary>
internal sealed class TrainingBoard
{
    public TrainingState Digits { get; } = new();

    public TrainingState Cells { get; } = new();

    /// <summary>What asking the models gave, for those who only look whether all is well.</summary>
    public List<CheckedAnswer> Answers { get; } = [];

    public SiteResult Result(bool isCheck) => new("web-api", isCheck ? Answers.Count(answer => answer.IsRight) : null, Answers.Count(answer => !answer.IsRight), Digits.Message, Cells.Message, Answers);
}

/// <summary>An answer of the server, and whether it was right.</summary>
internal sealed record CheckedAnswer(string What, int Status, bool IsRight, double Milliseconds);

/// <summary>What the sample found out.</summary>
internal sealed record SiteResult(string Sample, int? Right, int Failed, string Digits, string Cells, IReadOnlyList<CheckedAnswer> Answers);

/// <summary>How one training goes; the training thread writes it, requests read it.</summary>
internal sealed class TrainingState : IProgress<RunProgress>
{
    private volatile Snapshot now = new("waiting", 0, "Waits for its turn.");

    public string State => now.State;

    public double Share => now.Share;

    public string Message => now.Message;

    public void Begins() => now = new("training", 0, "Reads its rows.");

    public void Report(RunProgress value) => now = new("training", value.Share,
        FormattableString.Invariant($"Epoch {value.Epoch}, loss {value.Loss:0.000}, {value.RowsPerSecond:N0} rows/s") + (value.RunRemaining is { } left ? FormattableString.Invariant($", {left.TotalSeconds:0} s left") : ""));

    public void IsReady(string message) => now = new("ready", 1, message);

    public void Fails(string message) => now = new("failed", 0, message);

    private sealed record Snapshot(string State, double Share, string Message);
}
