using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Files;
using MLNet.DeepExtensions.Tool.Models;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Commands;

/// <summary>One run of <c>mldeep train</c>: look at the data, train, judge, write.</summary>
internal sealed class TrainingSession(Screen screen, TrainSettings settings)
{
    public int Run(CancellationToken cancellation)
    {
        using var folder = new OutputFolder(settings.Output, settings.Force);
        var name = Identifiers.ForClass(settings.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(settings.Output)));
        Scenario scenario = settings.Task switch
        {
            ImageClassification.TaskName => ImageClassification.Create(settings, name),
            TextClassification.TaskName => TextClassification.Create(settings, name),
            TableTask.TaskName => TableTask.Create(settings, name),
            _ => Forecasting.Create(settings, name),
        };
        foreach (var line in scenario.Summary)
            screen.Out.WriteLine(line);
        screen.Out.WriteLine($"network: {scenario.NetworkText}");
        screen.Out.WriteLine($"{scenario.Options.Epochs} epochs, {scenario.Options.BatchSize} rows a step; 7 of 10 rows are learnt from, 2 choose the best epoch, 1 tests{(scenario is Forecasting ? ", in the order of time" : "")}");

        var ml = new MLContext(scenario.Seed);
        ml.Log += Warn;
        var data = scenario.Load(ml);
        var parts = scenario.Split(ml, data);
        var progress = new LiveProgress(screen, scenario.WatchedMetric);
        var pipeline = scenario.Pipeline(ml, scenario.Options with { Callbacks = [.. scenario.Options.Callbacks, new ReportProgress(progress)], CancellationToken = cancellation });
        var model = progress.Show(() => pipeline.Fit(parts.Train, parts.Validation));
        using var _ = model as IDisposable;
        var history = TrainedSteps.HistoryOf(model);
        if (history.BestEpoch == 0)
            throw new OperationCanceledException("Stopped before an epoch had ended.");

        screen.Out.WriteLine($"best epoch: {history.BestEpoch} of {history.Epochs.Count}{(history.Stopped == StopReason.Completed ? "" : $" (stopped: {history.Stopped switch { StopReason.Cancelled => "Ctrl-C", StopReason.LimitReached => "--max-minutes", _ => "no better" }})")}");
        var figures = scenario.Answer.Evaluate(ml, model, parts.Test);
        screen.Out.WriteLine("test, on rows that training never saw:");
        screen.Table(["", ""], [.. figures.Select(figure => (IReadOnlyList<string>)[figure.Name, figure.Text])]);

        ml.Model.Save(model, data.Schema, Path.Combine(folder.Temporary, $"{name}.mlnet"));
        GeneratedProject.Write(folder.Temporary, scenario, figures, history, settings.WebApi);
        var written = Directory.EnumerateFiles(folder.Temporary, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Temporary, file)).Order(StringComparer.Ordinal).ToList();
        folder.Commit();
        var place = Path.GetRelativePath(Environment.CurrentDirectory, settings.Output) is var near && near.StartsWith("..", StringComparison.Ordinal) ? settings.Output : near;
        screen.Out.WriteLine($"written to {place}: {string.Join(", ", written)}");
        screen.Out.WriteLine($"next: dotnet run --project {(place.Contains(' ') ? $"\"{place}\"" : place)}");
        return history.Stopped == StopReason.Cancelled ? ExitCode.StoppedEarly : ExitCode.Done;
    }

    private void Warn(object? sender, LoggingEventArgs entry)
    {
        if (entry.Kind == ChannelMessageKind.Warning)
            screen.Error.WriteLine($"warning: {entry.RawMessage}");
    }
}
