// Handwritten digits from end to end as an ordinary ML.NET pipeline: load, train, evaluate, draw, save, load again, predict.
using System.CommandLine;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mnist;
using MLNet.DeepExtensions;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

var modelOption = new Option<string>("--model") { Description = "The network: mlp (784-128-10, the classic first one), lenet5 (convolutions) or convnet (more of them, with augmentation). [default: mlp]" };
modelOption.AcceptOnlyFromAmong("mlp", "lenet5", "convnet");
var dataOption = new Option<DirectoryInfo?>("--data") { Description = "Another set of IDX files, such as Fashion-MNIST. Without test files, the last sixth of the training rows is the test. [default: MNIST; its network is convnet]" };
var precisionOption = new Option<Precision>("--precision") { Description = "Float32, or BFloat16Mixed where the processor has units for it.", DefaultValueFactory = _ => Precision.Float32 };
var deviceOption = new Option<string>("--device") { Description = "Where to train: auto, cpu, cuda, cuda:1, mps.", DefaultValueFactory = _ => "cpu" };
var epochsOption = new Option<int?>("--epochs") { Description = "How often to go through the training rows. [default: 10 for mlp, 12 for lenet5, 15 for convnet]" };
var seedOption = new Option<int>("--seed") { Description = "The same seed gives the same network on the same machine.", DefaultValueFactory = _ => 1 };
var onnxOption = new Option<bool>("--onnx") { Description = "Writes the whole pipeline as a plain ONNX file, too: from the bytes to the digit, for any runtime." };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model and the pictures.", DefaultValueFactory = _ => new DirectoryInfo("out/mnist") };
epochsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() is < 1)
        result.AddError("--epochs must be at least 1.");
});

var command = new RootCommand("Learns to read handwritten digits (MNIST, 60,000 for training, 10,000 for the test) inside an ML.NET pipeline.")
{
    modelOption, dataOption, deviceOption, precisionOption, epochsOption, seedOption, onnxOption, outOption,
};
command.SetAction(arguments => Friendly.Run(() => Run(
    arguments.GetValue(modelOption), arguments.GetValue(dataOption), arguments.GetValue(deviceOption)!, arguments.GetValue(precisionOption), arguments.GetValue(epochsOption),
    arguments.GetValue(seedOption), arguments.GetValue(onnxOption), arguments.GetValue(outOption)!)));
return command.Parse(args).Invoke();

static int Run(string? modelName, DirectoryInfo? data, string device, Precision precision, int? epochs, int seed, bool onnx, DirectoryInfo output)
{
    output.Create();
    string File(string name) => Path.Combine(output.FullName, name);
    var folder = data?.FullName ?? Path.Combine(AppContext.BaseDirectory, "data", "mnist");
    modelName ??= data is null ? "mlp" : "convnet";

    var ml = new MLContext(seed);
    var (train, test) = IdxSet.Load(ml, folder);

    var (network, options) = Recipe.For(modelName);
    var progress = new TrainingProgress();
    options = options with { Epochs = epochs ?? options.Epochs, Device = device, Precision = precision, Callbacks = [.. options.Callbacks, new ReportProgress(progress)] };

    #region train
    var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue)
        .Append(ml.Transforms.AugmentImages("Features", Recipe.Augmentations(modelName, mirror: data is not null)))
        .Append(ml.MulticlassClassification.Trainers.Deep(network, options))
        .Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
    var model = progress.Show(() => pipeline.Fit(train));
    #endregion

    #region evaluate
    var scored = model.Transform(test);
    var metrics = ml.MulticlassClassification.Evaluate(scored);
    #endregion

    #region save
    ml.Model.Save(model, train.Schema, File("mnist.zip"));
    #endregion

    #region portable
    ml.Model.SavePortable(model, train.Schema, File("mnist.portable.zip"));
    #endregion
    #region smaller
    ml.Model.SavePortable(model, train.Schema, File("mnist.int8.zip"), PortableWeights.Int8);
    #endregion

    if (onnx)
    {
        #region onnx
        var conversion = ml.Model.ConvertToDeepOnnx(model, train.Schema, File("mnist.onnx"));
        #endregion
        foreach (var column in conversion.Inputs)
            AnsiConsole.WriteLine($"mnist.onnx takes {column.Name}: {column.Type} [{string.Join(", ", column.Shape)}], {column.Holds}.");
        foreach (var column in conversion.Outputs)
            AnsiConsole.WriteLine($"mnist.onnx gives {column.Name}: {column.Type} [{string.Join(", ", column.Shape)}], {column.Holds}.");
    }

    #region predict
    var loaded = new MLContext().Model.Load(File("mnist.zip"), out _);
    var engine = ml.Model.CreatePredictionEngine<Picture, Prediction>(loaded);
    var pictures = ml.Data.CreateEnumerable<Picture>(ml.Data.TakeRows(test, 1000), reuseRowObject: false).ToList();
    var predictions = pictures.Select(engine.Predict).ToList();
    #endregion

    // the saved model must score as the trained one does, one row at a time or in batches
    var inBatches = scored.GetColumn<float[]>("Score").Take(predictions.Count);
    var equal = inBatches.Zip(predictions).All(pair => Close(pair.First, pair.Second.Score));

    var deep = model.OfType<DeepTransformer>().Single();
    var history = deep.History;
    history.SaveLearningCurve(File("learning-curve.png"));
    metrics.ConfusionMatrix.SavePicture(File("confusion-matrix.png"));
    Sheet.Save(pictures, predictions, File("predictions.png"));

    #region report
    new TrainingReport(deep) { Title = "Handwritten digits" }
        .Add(metrics)
        .AddPicture(File("predictions.png"), "Test digits: some that the network got wrong, then the first ones.")
        .Save(File("report.html"));
    #endregion

    Recipe.Print(metrics, history);
    AnsiConsole.WriteLine($"Written to {output.FullName}: mnist.zip, the same for devices without libtorch (mnist.portable.zip, see samples/EdgeConsole), three pictures, and report.html, which has all of it.");
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
    {
        sample = "mnist",
        data = data?.Name ?? "mnist",
        model = modelName,
        precision = precision.ToString(),
        epochs = history.Epochs.Count,
        train_rows = history.Epochs[^1].Rows,
        test_accuracy = metrics.MicroAccuracy,
        test_log_loss = metrics.LogLoss,
        ingest_seconds = Math.Round(history.IngestTime.TotalSeconds, 3),
        seconds_per_epoch = Math.Round(history.Epochs.Average(epoch => epoch.Duration.TotalSeconds), 3),
        model_bytes = new FileInfo(File("mnist.zip")).Length,
        portable_bytes = new FileInfo(File("mnist.portable.zip")).Length,
        onnx_bytes = onnx ? new FileInfo(File("mnist.onnx")).Length : (long?)null,
        reloaded_scores_equal = equal,
        pictures = new[] { "learning-curve.png", "confusion-matrix.png", "predictions.png" },
        report = "report.html",
    }));
    return 0;
}

static bool Close(float[] a, float[] b) => a.Length == b.Length && a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) <= 1e-5f * Math.Max(1e-3f, Math.Abs(pair.First)));
