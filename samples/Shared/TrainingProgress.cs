using MLNet.DeepExtensions;
using Spectre.Console;

namespace Samples;

/// <summary>Shows how training goes: a bar with the time that is left in a terminal, a line for each epoch elsewhere. Hand it to <see cref="ReportProgress"/>.</summary>
internal sealed class TrainingProgress : IProgress<RunProgress>
{
    private ProgressTask? bar;

    /// <summary>Runs something that trains, with the display around it.</summary>
    public T Show<T>(Func<T> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return train();
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                bar = context.AddTask("Reading", maxValue: 1);
                return train();
            });
    }

    public void Report(RunProgress value)
    {
        if (bar is null)
        {
            if (value.Report is { } report)
            {
                var figures = report.Train.Where(figure => figure.Key != "loss").Select(figure => $"  {figure.Key} {figure.Value:P2}");
                Console.WriteLine($"Epoch {report.Epoch,2}/{report.Epochs}  loss {report.Train["loss"]:0.0000}{string.Concat(figures)}  {report.Rows / report.Duration.TotalSeconds:N0} rows/s");
            }
            return;
        }
        bar.Value = value.Share;
        bar.Description = $"Epoch {value.Epoch,2}/{value.Epochs}  loss {value.Loss:0.0000}  {value.RowsPerSecond:N0} rows/s" + (value.RunRemaining is { } left ? $"  {left:hh\\:mm\\:ss} left" : "");
    }
}
