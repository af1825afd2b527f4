namespace MLNet.DeepExtensions;

/// <summary>
/// The names of the columns that a forecaster's network gets, for networks of your own. Where there is a history alone, it is the only column, a plain tensor;
/// else the network gets a <see cref="ModelInput"/>. What it gives is [N, targets × horizon × outputs of the loss], each target's horizon in one piece.
/// </summary>
public static class ForecastInput
{
    /// <summary>What the targets were: [N, window, targets], scaled over the training rows.</summary>
    public const string History = "History";

    /// <summary>What is known ahead, over window and horizon: [N, window + horizon, known], the calendar's numbers last.</summary>
    public const string Known = "Known";

    /// <summary>What the series is like: [N, static].</summary>
    public const string Static = "Static";
}
