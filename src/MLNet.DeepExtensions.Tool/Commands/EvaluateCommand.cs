using System.CommandLine;
using Microsoft.ML;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Models;

namespace MLNet.DeepExtensions.Tool.Commands;

/// <summary><c>mldeep evaluate</c>: judges a saved model by data.</summary>
internal static class EvaluateCommand
{
    private const int MostClasses = 20;

    public static Command Make(Screen screen)
    {
        var model = new Option<string>("--model") { Description = "The model file, or the folder that mldeep train wrote.", Required = true };
        var data = new Option<string>("--data") { Description = "Data that is arranged like the training data, with the answers.", Required = true };
        var label = new Option<string?>("--label") { Description = "The column with the answers. [default: what the model says, else Label]" };
        var delimiter = new Option<string?>("--delimiter") { Description = "What stands between fields: a character, or tab, comma, semicolon, pipe. [default: by the file]" };
        var noHeader = new Option<bool>("--no-header") { Description = "The first line is a row; columns are then called col0, col1, …" };
        var command = new Command("evaluate", "Judges a saved model by data whose answers are known.") { model, data, label, delimiter, noHeader };
        command.SetAction(parsed => DeepCommand.Guarded(screen, () =>
        {
            var ml = new MLContext(1);
            using var file = ModelFile.Open(ml, parsed.GetValue(model)!, parsed.GetValue(label));
            var rows = ModelRows.Load(ml, file, parsed.GetValue(data)!, parsed.GetValue(delimiter), !parsed.GetValue(noHeader), needsLabel: true);
            screen.Table(["", ""], [.. file.Answer.Evaluate(ml, file.Model, rows).Select(figure => (IReadOnlyList<string>)[figure.Name, figure.Text])]);
            if (file.Answer is ClassAnswer classes && classes.Metrics(ml, file.Model, rows).ConfusionMatrix is { NumberOfClasses: <= MostClasses } confusion)
                screen.Out.WriteLine(confusion.GetFormattedConfusionTable());
            return ExitCode.Done;
        }));
        return command;
    }
}
