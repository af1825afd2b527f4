using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Models;
using MLNet.DeepExtensions.Tool.Tables;

namespace MLNet.DeepExtensions.Tool.Commands;

/// <summary><c>mldeep predict</c>: writes what a saved model says of rows, as CSV or JSON lines.</summary>
internal static class PredictCommand
{
    private static readonly JsonSerializerOptions json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Make(Screen screen)
    {
        var model = new Option<string>("--model") { Description = "The model file, or the folder that mldeep train wrote.", Required = true };
        var data = new Option<string?>("--data") { Description = "A folder of pictures, or a file of rows with the columns that the model reads; the answers' column may be missing." };
        var input = new Option<string[]>("--input") { Description = "Pictures, texts, or JSON objects with the columns of a row.", AllowMultipleArgumentsPerToken = true };
        var format = new Option<string>("--format") { Description = "csv, or json for a JSON object on each line.", DefaultValueFactory = _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "json");
        var output = new Option<string?>("--output") { Description = "The file to write. [default: the standard output]" };
        var label = new Option<string?>("--label") { Description = "The column with the answers. [default: what the model says, else Label]" };
        var delimiter = new Option<string?>("--delimiter") { Description = "What stands between fields of --data: a character, or tab, comma, semicolon, pipe. [default: by the file]" };
        var noHeader = new Option<bool>("--no-header") { Description = "The first line of --data is a row; columns are then called col0, col1, …" };
        var command = new Command("predict", "Writes what a saved model says of rows, as CSV or JSON lines.") { model, data, input, format, output, label, delimiter, noHeader };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(data) is null) == (result.GetValue(input) is not { Length: > 0 }))
                result.AddError("Give either --data or --input.");
        });
        command.SetAction(parsed => DeepCommand.Guarded(screen, () =>
        {
            var ml = new MLContext(1);
            using var file = ModelFile.Open(ml, parsed.GetValue(model)!, parsed.GetValue(label));
            var temporary = Path.Combine(Path.GetTempPath(), $"mldeep-{Guid.NewGuid():N}.csv");
            try
            {
                if (parsed.GetValue(input) is { Length: > 0 } && file.Forecaster is not null)
                    throw new RefusedException("--input gives single rows, but a forecast needs the rows before it. Give a file: --data.");
                var rows = parsed.GetValue(data) is { } path ? ModelRows.Load(ml, file, path, parsed.GetValue(delimiter), !parsed.GetValue(noHeader), needsLabel: file.Answer is ForecastAnswer)
                    : ModelRows.Parse(ml, file, parsed.GetValue(input)!, temporary);
                if (parsed.GetValue(output) is { } target)
                    AtomicFile.Write(target, stream =>
                    {
                        using var writer = new StreamWriter(stream, leaveOpen: true);
                        Write(writer, ml, file, rows, parsed.GetValue(format) == "json");
                    });
                else
                    Write(screen.Out, ml, file, rows, parsed.GetValue(format) == "json");
                return ExitCode.Done;
            }
            finally
            {
                File.Delete(temporary);
            }
        }));
        return command;
    }

    private static void Write(TextWriter writer, MLContext ml, ModelFile file, IDataView data, bool asJson)
    {
        var (names, rows) = file.Forecaster is not null && new ForecastRows(file, data) is var forecast ? (forecast.Names, forecast.Read())
            : new PredictionRows(ml, file, data) is var predictions ? (predictions.Names, predictions.Read()) : default;
        if (!asJson)
            writer.WriteLine(CsvText.Line(names));
        foreach (var row in rows)
            writer.WriteLine(asJson ? JsonSerializer.Serialize(names.Zip(row).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second), json) : CsvText.Line(row.Select(PredictionRows.Text)));
    }
}
