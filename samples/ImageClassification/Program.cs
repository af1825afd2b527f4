// Pictures in folders become a classifier: read, change, train, evaluate, explain, save, load again, predict. An ordinary ML.NET pipeline throughout.
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using ImageClassification;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Spectre.Console;

var dataOption = new Option<DirectoryInfo>("--data") { Description = "A folder with a folder of pictures for each class, or pictures named as Kaggle's cat.0.jpg. [default: single blood cells, which come with the sample]" };
var testOption = new Option<DirectoryInfo>("--test") { Description = "Pictures kept elsewhere, arranged alike, to test with. [default: a tenth of the data]" };
var pretrainedOption = new Option<FileInfo>("--pretrained") { Description = "Weights to start from, .safetensors or PyTorch's .pth; torchvision's SqueezeNet 1.1 unless --model says otherwise." };
var modelOption = new Option<string?>("--model") { Description = "The network: convnet, squeezenet, resnet18, mobilenet. [default: convnet, squeezenet with --pretrained]" };
modelOption.AcceptOnlyFromAmong("convnet", "squeezenet", "resnet18", "mobilenet");
var sideOption = new Option<int?>("--side") { Description = "The side of the pictures that the network sees, in pixels. [default: 64, 160 with --pretrained]" };
var epochsOption = new Option<int?>("--epochs") { Description = "How often to go through the training pictures. [default: 40, 8 with --pretrained]" };
var foldsOption = new Option<int>("--folds") { Description = "Cross-validates with that many folds, and does no more.", DefaultValueFactory = _ => 0 };
var plainOption = new Option<bool>("--no-augmentation") { Description = "Trains on the pictures as they are." };
var precisionOption = new Option<Precision>("--precision") { Description = "Float32, or BFloat16Mixed where the processor has units for it.", DefaultValueFactory = _ => Precision.Float32 };
var deviceOption = new Option<string>("--device") { Description = "Where to train: auto, cpu, cuda, cuda:1, mps.", DefaultValueFactory = _ => "cpu" };
var seedOption = new Option<int>("--seed") { Description = "Sets the split and the run.", DefaultValueFactory = _ => 1 };
var saveOption = new Option<FileInfo?>("--save") { Description = "Where to save the model. [default: model.zip in --out]" };
var onnxOption = new Option<bool>("--onnx") { Description = "Writes the whole pipeline as a plain ONNX file beside the model, too: from RGB bytes to the name of the class, for any runtime." };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model and the pictures.", DefaultValueFactory = _ => new DirectoryInfo("out/image-classification") };
var filesArgument = new Argument<FileInfo[]>("files") { Description = "Pictures to predict when the model is trained.", Arity = ArgumentArity.ZeroOrMore };
dataOption.AcceptExistingOnly();
testOption.AcceptExistingOnly();
pretrainedOption.AcceptExistingOnly();
filesArgument.AcceptExistingOnly();
foldsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 0 or 1)
        result.AddError("--folds must be 2 or more.");
});
epochsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() is < 1)
        result.AddError("--epochs must be at least 1.");
});

var command = new RootCommand("Learns to tell pictures apart inside an ML.NET pipeline.")
{
    dataOption, testOption, pretrainedOption, modelOption, sideOption, epochsOption, foldsOption, plainOption, precisionOption, deviceOption, seedOption, saveOption, onnxOption, outOption, filesArgument,
};
command.SetAction(arguments => Friendly.Run(() =>
{
    var pretrained = arguments.GetValue(pretrainedOption);
    var model = arguments.GetValue(modelOption) ?? (pretrained is null ? "convnet" : "squeezenet");
    var recipe = Recipe.For(model, pretrained, arguments.GetValue(sideOption));
    var progress = new TrainingProgress();
    recipe = recipe with
    {
        Options = recipe.Options with
        {
            Epochs = arguments.GetValue(epochsOption) ?? recipe.Options.Epochs, Device = arguments.GetValue(deviceOption), Precision = arguments.GetValue(precisionOption),
            Callbacks = [new ReportProgress(progress)],
        },
    };
    var ml = new MLContext(arguments.GetValue(seedOption));
    ml.Log += (_, entry) =>
    {
        // what was left out and what was loaded is worth a line
        if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning && entry.Source.StartsWith("DeepTrainer", StringComparison.Ordinal) || entry.Message.Contains("tensors were loaded"))
            AnsiConsole.MarkupLineInterpolated($"[yellow]{entry.Message}[/]");
    };
    var own = arguments.GetValue(dataOption);
    var data = Photos.Load(ml, own?.FullName ?? Path.Combine(AppContext.BaseDirectory, "data", "blood-cells"), cutFromLarger: own is null);
    var run = new Run(ml, recipe, model, progress, Augment: !arguments.GetValue(plainOption), Seed: arguments.GetValue(seedOption));
    return arguments.GetValue(foldsOption) is > 0 and var folds
        ? run.CrossValidate(data, folds)
        : run.Train(data, arguments.GetValue(testOption), arguments.GetValue(outOption)!, arguments.GetValue(saveOption), arguments.GetValue(onnxOption), arguments.GetValue(filesArgument) ?? []);
}));
return command.Parse(args).Invoke();
