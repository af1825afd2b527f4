namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>How a task is trained: its own usual settings, and what the command line says otherwise.</summary>
internal static class Training
{
    public static DeepTrainerOptions Of(TrainSettings settings, DeepTrainerOptions usual) => usual with
    {
        Epochs = settings.Epochs ?? usual.Epochs, BatchSize = settings.BatchSize ?? usual.BatchSize, Seed = settings.Seed, Device = settings.Device, Precision = settings.Precision, MaxTime = settings.MaxTime,
        Optimizer = settings.LearningRate is { } rate ? usual.Optimizer with { LearningRate = rate } : usual.Optimizer,
    };

    /// <summary>The epochs that make about so many steps, within bounds: few rows are gone through more often than many.</summary>
    public static int Epochs(long rows, int batchSize, int steps, int least, int most) => (int)Math.Clamp(steps * (long)batchSize / Math.Max(1, rows), least, most);
}
