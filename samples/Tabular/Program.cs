// Do networks keep up with boosted trees on tables? A network straight from a text file's columns against FastTree at its defaults, on the same rows.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using MLNet.DeepExtensions;
using Spectre.Console;
using Tabular;

var dataOption = new Option<DirectoryInfo?>("--data") { Description = "A folder with adult.csv and california-housing.csv; without it the files beside the program are taken." };
var tableOption = new Option<string>("--table") { Description = "adult, california or both.", DefaultValueFactory = _ => "both" };
tableOption.AcceptOnlyFromAmong("adult", "california", "both");
var modelOption = new Option<string>("--model") { Description = "usual (a TabularNet for each table), tabular-net or ft-transformer, at their defaults.", DefaultValueFactory = _ => "usual" };
modelOption.AcceptOnlyFromAmong("usual", "tabular-net", "ft-transformer");
var epochsOption = new Option<int?>("--epochs") { Description = "How often the training rows are gone through; without it as often as is good for the table." };
var seedsOption = new Option<int>("--seeds") { Description = "How often to divide the rows and learn anew; the figures are means.", DefaultValueFactory = _ => 3 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the table of results.", DefaultValueFactory = _ => new DirectoryInfo("out/tabular") };
seedsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 100)
        result.AddError("--seeds must be from 1 to 100.");
});

var command = new RootCommand("Compares networks for tables with FastTree at its defaults.") { dataOption, tableOption, modelOption, epochsOption, seedsOption, outOption };
command.SetAction(arguments => Friendly.Run(() => Run(arguments.GetValue(dataOption), arguments.GetValue(tableOption)!, arguments.GetValue(modelOption)!,
    arguments.GetValue(epochsOption), arguments.GetValue(seedsOption), arguments.GetValue(outOption)!)));
return command.Parse(args).Invoke();

static int Run(DirectoryInfo? folder, string table, string model, int? epochs, int seeds, DirectoryInfo output)
{
    output.Create();
    ModelConfig? network = model switch { "tabular-net" => new TabularNet(), "ft-transformer" => new FtTransformer(), _ => null };
    var outcomes = new List<Outcome>();
    for (var seed = 1; seed <= seeds; seed++)
    {
        var ml = new MLContext(seed);
        var tables = new Tables(ml, folder, output);
        var contest = new Contest(ml, network, epochs, seed);
        if (table != "california")
            Add(contest.Adult(tables.Load<Adult>("adult.csv")));
        if (table != "adult")
            Add(contest.California(tables.Load<Block>("california-housing.csv")));
    }

    var shown = new Table().Border(TableBorder.Simple).AddColumn("Table").AddColumn("Trainer").AddColumn("Figure").AddColumn("Seconds");
    var result = new Dictionary<string, object> { ["sample"] = "tabular", ["seeds"] = seeds };
    foreach (var group in outcomes.GroupBy(outcome => (outcome.Table, outcome.Trainer)))
    {
        var (figure, second, seconds) = (group.Average(outcome => outcome.Figure), group.Average(outcome => outcome.Second), group.Average(outcome => outcome.Seconds));
        var isAdult = group.Key.Table == "adult";
        shown.AddRow(group.Key.Table, group.Key.Trainer, FormattableString.Invariant(isAdult ? $"AUC {figure:0.0000}, {second:P1} right" : (FormattableString)$"RMSE {figure:N0}, R² {second:0.000}"),
            seconds.ToString("0.0", CultureInfo.InvariantCulture));
        var name = $"{(isAdult ? "adult" : "california")}_{(group.Key.Trainer == "FastTree" ? "fasttree" : "deep")}";
        result[$"{name}_{(isAdult ? "auc" : "rmse")}"] = Math.Round(figure, isAdult ? 5 : 1);
        result[$"{name}_seconds"] = Math.Round(seconds, 1);
    }
    AnsiConsole.Write(shown);
    File.WriteAllLines(Path.Combine(output.FullName, "outcomes.csv"),
        outcomes.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Table},{o.Trainer},{o.Seed},{o.Figure},{o.Second},{o.Seconds:0.0}")).Prepend("table,trainer,seed,figure,second,seconds"));
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(result));
    return 0;

    void Add(IEnumerable<Outcome> judged)
    {
        foreach (var outcome in judged)
        {
            outcomes.Add(outcome);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Table}, seed {outcome.Seed}, {outcome.Trainer}: {outcome.Figure:0.####} ({outcome.Seconds:0.0} s)"));
        }
    }
}
