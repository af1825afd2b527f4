using MLNet.DeepExtensions;
using Spectre.Console;

namespace Samples;

/// <summary>Shows how training goes: a bar that moves in a terminal, a line for each epoch elsewhere.</summary>
internal sealed class TrainingProgress : Callback
{
    private ProgressTask? bar;

    /// <summary>Runs something that trains, with the display around it.</summary>
    public T Show<T>(Func<T> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return train();
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask("Reading");
                return train();
            });
    }

    public override void OnTrainBegin(TrainingState state)
    {
        if (bar is not null)
            bar.MaxValue = (double)state.Epochs * state.StepsPerEpoch;
    }

    public override void OnBatchEnd(TrainingState state) => bar?.Increment(1);

    public override void OnEpochEnd(TrainingState state, EpochReport report)
    {
        var figures = report.Train.Where(figure => figure.Key != "loss").Select(figure => $"  {figure.Key} {figure.Value:P2}");
        var line = $"Epoch {report.Epoch,2}/{report.Epochs}  loss {report.Train["loss"]:0.0000}{string.Concat(figures)}  {report.Rows / report.Duration.TotalSeconds:N0} rows/s";
        if (bar is null)
            Console.WriteLine(line);
        else
            bar.Description = line;
    }
}
