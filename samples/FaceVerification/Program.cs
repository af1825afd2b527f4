// Faces become vectors: learn from some people, choose a threshold by others, and let strangers in or not; in turn, until everybody was a stranger once. An ordinary ML.NET pipeline throughout.
using System.CommandLine;
using FaceVerification;
using Microsoft.ML;
using MLNet.DeepExtensions;

var dataOption = new Option<DirectoryInfo?>("--data") { Description = "A folder with a folder of pictures for each person, such as the ORL faces (AT&T Laboratories Cambridge). Nothing comes with the sample." };
var lossOption = new Option<string>("--loss") { Description = "What is made small: triplet or arcface.", DefaultValueFactory = _ => "triplet" };
lossOption.AcceptOnlyFromAmong("triplet", "arcface");
var foldsOption = new Option<int>("--folds") { Description = "Into how many parts people are split. Each part in turn is strangers, and another chooses the threshold.", DefaultValueFactory = _ => 6 };
var epochsOption = new Option<int?>("--epochs") { Description = "How often to go through the training pictures. [default: the recipe's]" };
var deviceOption = new Option<string>("--device") { Description = "Where to train: auto, cpu, cuda, cuda:1, mps.", DefaultValueFactory = _ => "cpu" };
var seedOption = new Option<int>("--seed") { Description = "Sets who is whose part, and the run.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model and the pictures.", DefaultValueFactory = _ => new DirectoryInfo("out/face-verification") };
epochsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() is < 1)
        result.AddError("--epochs must be at least 1.");
});

foldsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < 3)
        result.AddError("--folds must be at least 3: people to learn from, to choose a threshold by, and to judge by.");
});

var command = new RootCommand("Learns to tell whether two faces are of one person, inside an ML.NET pipeline.") { dataOption, lossOption, foldsOption, epochsOption, deviceOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() =>
{
    var folder = arguments.GetValue(dataOption) ?? throw new ArgumentException(
        "Name a folder of faces, with a folder for each person: --data FOLDER. The ORL faces of AT&T Laboratories Cambridge fit; they are for research only, so they do not come with the sample.");
    var progress = new TrainingProgress();
    var options = Recipe.Options(arguments.GetValue(lossOption)!);
    options = options with { Epochs = arguments.GetValue(epochsOption) ?? options.Epochs, Device = arguments.GetValue(deviceOption), Callbacks = [new ReportProgress(progress)] };
    var seed = arguments.GetValue(seedOption);
    return new Run(new MLContext(seed), options, progress, seed).Train(folder.FullName, arguments.GetValue(foldsOption), arguments.GetValue(outOption)!);
}));
return command.Parse(args).Invoke();
