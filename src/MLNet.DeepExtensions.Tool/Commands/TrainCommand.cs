using System.CommandLine;
using System.CommandLine.Parsing;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Commands;

/// <summary><c>mldeep train</c>: its options, and which of them belong to which task.</summary>
internal static class TrainCommand
{
    private static readonly string[] common = ["--task", "--data", "--out", "--name", "--model", "--epochs", "--batch-size", "--learning-rate", "--device", "--precision", "--seed", "--max-minutes", "--web-api", "--force"];
    private static readonly string[] file = ["--delimiter", "--no-header"];

    private static readonly Dictionary<string, string[]> belonging = new()
    {
        [ImageClassification.TaskName] = ["--side", "--weights", "--no-augmentation"],
        [TextClassification.TaskName] = [.. file, "--label", "--text", "--pretrained", "--max-tokens"],
        [TableTask.TaskName] = [.. file, "--label", "--goal", "--ignore"],
        [Forecasting.TaskName] = [.. file, "--time", "--target", "--series", "--horizon", "--window", "--season"],
    };

    public static Command Make(Screen screen)
    {
        var task = new Option<string>("--task") { Description = "What to learn.", Required = true };
        task.AcceptOnlyFromAmong([.. belonging.Keys]);
        var data = new Option<string>("--data") { Description = "For pictures a folder with a folder for each class; else a file of rows (CSV, TSV).", Required = true };
        var output = new Option<string>("--out") { Description = "The folder for the model, its code and its project. It must be new or empty.", Required = true };
        var name = new Option<string?>("--name") { Description = "The name of the class and of the files. [default: the folder's name]" };
        var model = new Option<string?>("--model") { Description = $"The network. Pictures: {Networks.Names(Networks.OfImages)}; texts: {Networks.Names(Networks.OfTexts)}; tables: {Networks.Names(Networks.OfTables)}; time series: {Networks.Names(Networks.OfSeries)}. The first is the default." };
        var epochs = new Option<int?>("--epochs") { Description = "How often to go through the training rows. [default: by the task and the number of rows]" };
        var batch = new Option<int?>("--batch-size") { Description = "The rows of a training step. [default: by the task]" };
        var rate = new Option<double?>("--learning-rate") { Description = "The optimizer's learning rate. [default: by the task]" };
        var device = new Option<string>("--device") { Description = "auto, cpu, cuda, cuda:1, mps.", DefaultValueFactory = _ => "auto" };
        var precision = new Option<Precision>("--precision") { Description = "In which numbers to train." };
        var seed = new Option<int>("--seed") { Description = "Sets the split and the run: the same seed gives the same model on the same machine.", DefaultValueFactory = _ => 1 };
        var minutes = new Option<double?>("--max-minutes") { Description = "Ends the training after so long, with the best model so far." };
        var webApi = new Option<bool>("--web-api") { Description = "Writes a Web API project, too." };
        var force = new Option<bool>("--force") { Description = "Writes over files that are there." };
        var side = new Option<int?>("--side") { Description = "The side of the pictures that the network sees, in pixels. [default: by the network]" };
        var weights = new Option<string?>("--weights") { Description = "Weights to start from: .safetensors or PyTorch's .pth." };
        var plain = new Option<bool>("--no-augmentation") { Description = "Trains on the pictures as they are, without random crops, flips and colours." };
        var delimiter = new Option<string?>("--delimiter") { Description = "What stands between fields: a character, or tab, comma, semicolon, pipe. [default: by the file]" };
        var noHeader = new Option<bool>("--no-header") { Description = "The first line is a row; columns are then called col0, col1, …" };
        var label = new Option<string?>("--label") { Description = "The column that is to be predicted." };
        var text = new Option<string?>("--text") { Description = "The column with the text." };
        var pretrained = new Option<string?>("--pretrained") { Description = "A folder of a published network, such as bert-base-uncased, to train on from: config.json, vocabulary, weights." };
        var tokens = new Option<int?>("--max-tokens") { Description = "Longer texts are cut off there. [default: 128]" };
        var goal = new Option<string>("--goal") { Description = "classification, regression, or auto: by what is in the label's column.", DefaultValueFactory = _ => "auto" };
        goal.AcceptOnlyFromAmong("auto", "classification", "regression");
        var ignore = new Option<string[]>("--ignore") { Description = "Columns to leave out.", AllowMultipleArgumentsPerToken = true };
        var time = new Option<string?>("--time") { Description = "The column with the time; rows must be in its order." };
        var target = new Option<string[]>("--target") { Description = "The columns to forecast.", AllowMultipleArgumentsPerToken = true };
        var series = new Option<string?>("--series") { Description = "The column that tells several series in one file apart." };
        var horizon = new Option<int?>("--horizon") { Description = "How many rows ahead." };
        var window = new Option<int?>("--window") { Description = "How many rows the network looks back. [default: twice the horizon and more, as the rows allow]" };
        var season = new Option<int?>("--season") { Description = "After how many rows the series repeats, 24 for hours of a day: the yardstick of the error MASE. [default: 1]" };
        AtLeast(epochs, 1);
        AtLeast(batch, 1);
        AtLeast(horizon, 1);
        AtLeast(window, 1);
        AtLeast(season, 1);
        AtLeast(side, 8);
        AtLeast(tokens, 2);
        Above(rate);
        Above(minutes);

        var command = new Command("train", "Trains a network, evaluates it, and writes the model with C# code that uses it, evaluates it and trains it again.")
        {
            task, data, output, name, label, text, time, target, series, horizon, window, season, goal, ignore, delimiter, noHeader, model, side, weights, pretrained, tokens, plain,
            epochs, batch, rate, device, precision, seed, minutes, webApi, force,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(task) is not { } chosen || !belonging.TryGetValue(chosen, out var own))
                return;
            foreach (var option in result.Children.OfType<OptionResult>().Where(option => !option.Implicit).Select(option => option.Option.Name).Where(given => given.StartsWith("--", StringComparison.Ordinal) && given != "--help" && !common.Contains(given) && !own.Contains(given)))
                result.AddError($"{option} does not belong to --task {chosen}, but to {string.Join(" and ", belonging.Where(pair => pair.Value.Contains(option)).Select(pair => pair.Key))}. Its own options are: {string.Join(", ", own)}.");
        });
        command.SetAction((parsed, cancellation) => Task.FromResult(DeepCommand.Guarded(screen, () => new TrainingSession(screen, new TrainSettings
        {
            Task = parsed.GetValue(task)!, Data = Path.GetFullPath(parsed.GetValue(data)!), Output = Path.GetFullPath(parsed.GetValue(output)!), Name = parsed.GetValue(name),
            Model = parsed.GetValue(model), Epochs = parsed.GetValue(epochs), BatchSize = parsed.GetValue(batch), LearningRate = parsed.GetValue(rate), Device = parsed.GetValue(device)!,
            Precision = parsed.GetValue(precision), Seed = parsed.GetValue(seed), MaxTime = parsed.GetValue(minutes) is { } most ? TimeSpan.FromMinutes(most) : null,
            WebApi = parsed.GetValue(webApi), Force = parsed.GetValue(force), Side = parsed.GetValue(side), Weights = FullPath(parsed.GetValue(weights)), Augments = !parsed.GetValue(plain),
            Delimiter = parsed.GetValue(delimiter), HasHeader = !parsed.GetValue(noHeader), Label = parsed.GetValue(label), Text = parsed.GetValue(text), Pretrained = FullPath(parsed.GetValue(pretrained)),
            MaxTokens = parsed.GetValue(tokens) ?? 128, Goal = parsed.GetValue(goal)!, Ignored = parsed.GetValue(ignore) ?? [], Time = parsed.GetValue(time), Targets = parsed.GetValue(target) ?? [],
            Series = parsed.GetValue(series), Horizon = parsed.GetValue(horizon), Window = parsed.GetValue(window), Season = parsed.GetValue(season),
        }).Run(cancellation))));
        return command;
    }

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    private static void AtLeast(Option<int?> option, int least) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is { } value && value < least)
            result.AddError($"{option.Name} is {value}, but must be at least {least}.");
    });

    private static void Above(Option<double?> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double?>() is { } value && !(value > 0 && double.IsFinite(value)))
            result.AddError($"{option.Name} is {value}, but must be above 0.");
    });
}
