using System.Globalization;
using MLNet.DeepExtensions;
using Spectre.Console;

namespace HyperparameterSearchSample;

/// <summary>Shows the trials: a line for each as it ends, a table in the end.</summary>
internal sealed class Board : IProgress<Trial>
{
    private int ended;

    public void Report(Trial value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{++ended,3}. trial {value.Number,2}, {value.Epochs,2} epochs: {(value.Error is { } error ? error.GetType().Name : $"{value.Score:P2}"),7}  {string.Join(", ", value.Parameters.Select(parameter => $"{parameter.Name} {parameter.Text}"))}"));

    public static void Print(SearchResult<Candidate> result)
    {
        var table = new Table().Border(TableBorder.Simple).Title("The best ten").AddColumn("Trial").AddColumn("Epochs").AddColumn("Accuracy");
        foreach (var parameter in result.Best.Parameters)
            table.AddColumn(parameter.Name);
        foreach (var trial in result.Trials.Where(trial => trial.Error is null).OrderByDescending(trial => trial.Score).Take(10))
            table.AddRow([$"{trial.Number}", $"{trial.Epochs}", $"{trial.Score:P2}", .. trial.Parameters.Select(parameter => Markup.Escape(parameter.Text))]);
        AnsiConsole.Write(table);
    }
}
