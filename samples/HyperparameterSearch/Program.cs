// Which settings read handwritten digits best? Many candidates are trained a little, the best of them longer, and the winner is compared with the library's defaults on rows that no trial saw.
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using HyperparameterSearchSample;
using Microsoft.ML;
using MLNet.DeepExtensions;
using Spectre.Console;

var rowsOption = new Option<int>("--rows") { Description = "How many of MNIST's 60,000 training rows to use; a fifth of them validates.", DefaultValueFactory = _ => 30000 };
var candidatesOption = new Option<int>("--candidates") { Description = "How many candidates to try.", DefaultValueFactory = _ => 27 };
var epochsOption = new Option<int>("--epochs") { Description = "How many epochs the last candidates are trained for.", DefaultValueFactory = _ => 18 };
var seedOption = new Option<int>("--seed") { Description = "The same seed gives the same trials on the same machine.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model, the table and the picture.", DefaultValueFactory = _ => new DirectoryInfo("out/search") };
rowsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 100 or > 60000)
        result.AddError("--rows must be from 100 to 60000.");
});

var command = new RootCommand("Searches for good settings of a network that reads handwritten digits, by successive halving.") { rowsOption, candidatesOption, epochsOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() => Run(
    arguments.GetValue(rowsOption), arguments.GetValue(candidatesOption), arguments.GetValue(epochsOption), arguments.GetValue(seedOption), arguments.GetValue(outOption)!)));
return command.Parse(args).Invoke();

static int Run(int rows, int candidates, int epochs, int seed, DirectoryInfo output)
{
    output.Create();
    string File(string name) => Path.Combine(output.FullName, name);
    string Data(string name) => Path.Combine(AppContext.BaseDirectory, "data", "mnist", name);

    var ml = new MLContext(seed);
    var all = ml.Data.LoadIdx(Data("train-images-idx3-ubyte.gz"), Data("train-labels-idx1-ubyte.gz"));
    var test = ml.Data.LoadIdx(Data("t10k-images-idx3-ubyte.gz"), Data("t10k-labels-idx1-ubyte.gz"));
    // what all trials share is computed once: which digit is which key
    var keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(all);
    var split = ml.Data.TrainTestSplit(ml.Data.Cache(keys.Transform(ml.Data.TakeRows(all, rows))), testFraction: 0.2, seed: seed);

    var clock = Stopwatch.StartNew();
    var (train, validation) = (split.TrainSet, split.TestSet);
    #region search    // shown in docs/search.md
    var search = new SuccessiveHalving
    {
        Candidates = candidates, MinEpochs = Math.Max(1, epochs / 9), MaxEpochs = epochs, Reduction = 3,
        Objective = SearchObjective.Highest("accuracy"), Seed = seed, Progress = new Board(),
    };
    using var result = search.Run(
        Candidate.Draw,
        (candidate, budget) => ml.MulticlassClassification.Trainers.Deep(candidate.Network, budget.Apply(candidate.Options)),
        train, validation);
    #endregion
    var seconds = clock.Elapsed.TotalSeconds;

    // the same network and the same rows with the settings that one gets without asking
    var usual = ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Epochs = epochs, Seed = seed });
    using var defaults = usual.Fit(train, validation);
    double Accuracy(ITransformer model) => ml.MulticlassClassification.Evaluate(model.Transform(keys.Transform(test))).MicroAccuracy;
    var (found, usually) = (Accuracy(result.Model), Accuracy(defaults));

    System.IO.File.WriteAllText(File("trials.csv"), result.ToCsv());
    result.SavePicture(File("trials.png"), $"{result.Trials.Count} trials on {rows:N0} handwritten digits");
    ml.Model.Save(keys.Append(result.Model), all.Schema, File("best.zip"));
    Board.Print(result);
    AnsiConsole.WriteLine($"On the test set {found:P2} are right, with the default settings {usually:P2}.");
    AnsiConsole.WriteLine($"Written to {output.FullName}: trials.csv, trials.png and best.zip.");
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
    {
        sample = "hyperparameter-search",
        rows,
        trials = result.Trials.Count,
        failed = result.Trials.Count(trial => trial.Error is not null),
        best_validation_accuracy = result.Best.Score,
        test_accuracy = found,
        default_test_accuracy = usually,
        seconds = Math.Round(seconds, 1),
        pictures = new[] { "trials.png" },
    }));
    return 0;
}
