// Is a review praise or blame? A text column goes into an ordinary ML.NET pipeline; a Transformer reads it, from nothing, after it has learnt the language by itself, or as a published BERT.
// What is simple stands in the same table: n-grams and a linear model, by ML.NET's own means.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Sentiment;
using Spectre.Console;

var dataOption = new Option<DirectoryInfo>("--data") { Description = "A folder with train.tsv and dev.tsv: lines of a text, a tab, and 'positive' or 'negative', such as ChnSentiCorp. [default: made-up English reviews that come with the sample]" };
var pretrainOption = new Option<bool>("--pretrain") { Description = "First learn the language from the training texts, without their labels." };
var publishedOption = new Option<DirectoryInfo>("--pretrained") { Description = "A folder of a published network, such as bert-base-chinese: config.json, vocabulary and weights. It is trained, too, and judges what is typed in." };
var textOption = new Option<string[]>("--text") { Description = "What to judge, once or more. [default: lines that are typed in]", AllowMultipleArgumentsPerToken = true };
var fullOption = new Option<bool>("--full") { Description = "Train as long as it takes (with ChnSentiCorp, within an hour on two cores), with --pretrain implied, instead of two minutes." };
var deviceOption = new Option<string>("--device") { Description = "Where to train: auto, cpu, cuda, cuda:1, mps.", DefaultValueFactory = _ => "cpu" };
var seedOption = new Option<int>("--seed") { Description = "The same seed gives the same networks on the same machine.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model.", DefaultValueFactory = _ => new DirectoryInfo("out/sentiment") };
dataOption.AcceptExistingOnly();
publishedOption.AcceptExistingOnly();

var command = new RootCommand("Learns to tell praise from blame.") { dataOption, pretrainOption, publishedOption, textOption, fullOption, deviceOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() => Run(
    arguments.GetValue(dataOption)?.FullName ?? Path.Combine(AppContext.BaseDirectory, "data", "sentiment"), arguments.GetValue(pretrainOption) || arguments.GetValue(fullOption), arguments.GetValue(publishedOption)?.FullName, arguments.GetValue(textOption) ?? [],
    arguments.GetValue(fullOption), arguments.GetValue(deviceOption)!, arguments.GetValue(seedOption), arguments.GetValue(outOption)!)));
return command.Parse(args).Invoke();

static int Run(string folder, bool pretrain, string? published, string[] texts, bool full, string device, int seed, DirectoryInfo output)
{
    output.Create();
    var clock = Stopwatch.StartNew();
    var ml = new MLContext(seed);
    var (rows, judged) = (Review.Read(Path.Combine(folder, "train.tsv")), Review.Read(Path.Combine(folder, "dev.tsv")));
    var (train, dev) = (ml.Data.LoadFromEnumerable(rows), ml.Data.LoadFromEnumerable(judged));
    var progress = new TrainingProgress();
    var recipes = new Recipes(ml, seed, full, device, progress);
    var table = new Table().Border(TableBorder.Simple).AddColumn("Model").AddColumn("right of dev").AddColumn("seconds");
    var result = new Dictionary<string, object?> { ["sample"] = "sentiment", ["train_rows"] = rows.Count, ["dev_rows"] = judged.Count };

    Try("n-grams, linear (ML.NET)", "linear_accuracy", recipes.Linear());
    Try("n-grams, embedded", "bag_accuracy", recipes.Bag());
    var model = Try("Transformer, from nothing", "scratch_accuracy", recipes.Transformer());
    if (pretrain)
    {
        var begun = clock.Elapsed;
        using var language = progress.Show(() => recipes.Pretrain(train));
        var last = language.History.Epochs[language.History.BestEpoch - 1].Validation!;
        result["pretrain_loss"] = Math.Round(last["loss"], 4);
        result["pretrain_accuracy"] = Math.Round(last["accuracy"], 4);
        Console.WriteLine(FormattableString.Invariant($"Of hidden tokens it guesses {last["accuracy"]:P1} ({(clock.Elapsed - begun).TotalSeconds:0} s)."));
        model = Try("Transformer, which knows the language", "pretrained_accuracy", recipes.Transformer(language));
    }
    if (published is not null)
        model = Try($"{Path.GetFileName(published)}, published", "published_accuracy", recipes.Published(published));
    AnsiConsole.Write(table);

    #region judge
    ml.Model.Save(model, train.Schema, Path.Combine(output.FullName, "model.zip"));
    var loaded = new MLContext().Model.Load(Path.Combine(output.FullName, "model.zip"), out _);
    using var engine = ml.Model.CreatePredictionEngine<Review, Opinion>(loaded);
    #endregion
    result["reloaded_scores_equal"] = model.Transform(dev).GetColumn<float>("Probability").Zip(judged).Take(100).All(pair => Math.Abs(pair.First - engine.Predict(pair.Second).Probability) <= 1e-4f);

    if (texts.Length == 0 && !Console.IsInputRedirected)
        Console.WriteLine("Write a review; an empty line ends.");
    foreach (var text in texts.Length > 0 ? texts : Lines())
        Console.WriteLine(FormattableString.Invariant($"{(engine.Predict(new Review { Text = text }) is var opinion && opinion.IsPositive ? "praise" : "blame")}, {Math.Max(opinion.Probability, 1 - opinion.Probability):P0} sure: {text}"));

    result["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 1);
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(result));
    return 0;

    ITransformer Try(string name, string field, IEstimator<ITransformer> pipeline)
    {
        var begun = clock.Elapsed;
        var fitted = progress.Show(() => pipeline.Fit(train));
        var accuracy = ml.BinaryClassification.Evaluate(fitted.Transform(dev)).Accuracy;
        result[field] = Math.Round(accuracy, 4);
        table.AddRow(name, accuracy.ToString("P2", CultureInfo.InvariantCulture), (clock.Elapsed - begun).TotalSeconds.ToString("0", CultureInfo.InvariantCulture));
        Console.WriteLine(FormattableString.Invariant($"{name}: {accuracy:P2} of {judged.Count:N0} right ({(clock.Elapsed - begun).TotalSeconds:0} s)"));
        return fitted;
    }

    static IEnumerable<string> Lines()
    {
        while (Console.ReadLine() is { Length: > 0 } line)
            yield return line;
    }
}
