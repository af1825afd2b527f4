// Digits are told apart by how they sound: WAV files become spectrograms, spectrograms go through a network, in an ordinary ML.NET pipeline.
// Two questions are asked: how well it knows new takes of voices that it has heard, and how well a voice that it has never heard.
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Spectre.Console;
using SpokenDigits;

var dataOption = new Option<DirectoryInfo>("--data") { Description = "The recordings of the whole Free Spoken Digit Dataset, DIGIT_SPEAKER_TAKE.wav. [default: a part of it, ten takes of each, which comes with the sample]" };
var epochsOption = new Option<int?>("--epochs") { Description = "How often to go through the training recordings. [default: 30, 60 with the part that comes with the sample]" };
var unheardOption = new Option<string>("--unheard") { Description = "The speaker that a second network never hears before it is asked; 'all' for each in turn, 'none' for no such question.", DefaultValueFactory = _ => "theo" };
var deviceOption = new Option<string>("--device") { Description = "Where to train: auto, cpu, cuda, cuda:1, mps.", DefaultValueFactory = _ => "cpu" };
var seedOption = new Option<int>("--seed") { Description = "The same seed gives the same network on the same machine.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model and the pictures.", DefaultValueFactory = _ => new DirectoryInfo("out/spoken-digits") };
dataOption.AcceptExistingOnly();
epochsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() is < 1)
        result.AddError("--epochs must be at least 1.");
});

var command = new RootCommand("Learns to tell spoken digits apart inside an ML.NET pipeline; takes 5 to 9 of each speaker and digit are the test.") { dataOption, epochsOption, unheardOption, deviceOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() =>
{
    var own = arguments.GetValue(dataOption);
    return Run(own?.FullName ?? Path.Combine(AppContext.BaseDirectory, "data", "spoken-digits", "recordings"), arguments.GetValue(epochsOption) ?? (own is null ? 60 : 30),
        arguments.GetValue(unheardOption)!, arguments.GetValue(deviceOption)!, arguments.GetValue(seedOption), arguments.GetValue(outOption)!);
}));
return command.Parse(args).Invoke();

static int Run(string folder, int epochs, string unheard, string device, int seed, DirectoryInfo output)
{
    output.Create();
    string File(string name) => Path.Combine(output.FullName, name);
    var clock = Stopwatch.StartNew();
    var ml = new MLContext(seed);
    var recordings = Recording.Below(ml, folder);
    string[] speakers = [.. recordings.Select(recording => recording.Speaker).Distinct().Order(StringComparer.Ordinal)];
    if (unheard is not ("all" or "none") && !speakers.Contains(unheard))
        throw new ArgumentException($"--unheard must be a speaker ({string.Join(", ", speakers)}), all or none, but is {unheard}.");

    var isTest = (Recording recording) => recording.Take is >= 5 and <= 9;
    var (train, test) = (View(recording => !isTest(recording)), View(isTest));
    var progress = new TrainingProgress();

    #region train
    var model = progress.Show(() => Recipe.Pipeline(ml, Recipe.Options(epochs, device, seed, new ReportProgress(progress))).Fit(train));
    var scored = model.Transform(test);
    var metrics = ml.MulticlassClassification.Evaluate(scored);
    #endregion
    AnsiConsole.WriteLine($"New takes of voices that it has heard: {metrics.MicroAccuracy:P1} of {Count(test):N0} right.");

    var history = ((IEnumerable<ITransformer>)model).OfType<DeepTransformer>().Single().History;
    history.SaveLearningCurve(File("learning-curve.png"));
    metrics.ConfusionMatrix.SavePicture(File("confusion-matrix.png"));

    ml.Model.Save(model, train.Schema, File("model.zip"));
    var loaded = new MLContext().Model.Load(File("model.zip"), out _);
    using var engine = ml.Model.CreatePredictionEngine<Recording, Prediction>(loaded);
    var equal = scored.GetColumn<float[]>("Score").Zip(recordings.Where(isTest)).Take(100)
        .All(pair => pair.First.Zip(engine.Predict(pair.Second).Score).All(two => Math.Abs(two.First - two.Second) <= 1e-4f));

    var accuracies = new SortedDictionary<string, double>(StringComparer.Ordinal);
    foreach (var speaker in unheard switch { "none" => [], "all" => speakers, _ => [unheard] })
    {
        AnsiConsole.WriteLine($"Again, without hearing {speaker}:");
        var others = progress.Show(() => Recipe.Pipeline(ml, Recipe.Options(epochs, device, seed, new ReportProgress(progress))).Fit(View(recording => recording.Speaker != speaker && !isTest(recording))));
        var strange = View(recording => recording.Speaker == speaker);
        accuracies[speaker] = ml.MulticlassClassification.Evaluate(others.Transform(strange)).MicroAccuracy;
        AnsiConsole.WriteLine($"All takes of {speaker}, whom it has never heard: {accuracies[speaker]:P1} of {Count(strange):N0} right.");
        (others as IDisposable)?.Dispose();
    }

    Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
    {
        sample = "spoken-digits",
        epochs,
        train_rows = history.Epochs[^1].Rows,
        test_rows = Count(test),
        test_accuracy = metrics.MicroAccuracy,
        test_log_loss = metrics.LogLoss,
        unheard_speaker_accuracy = accuracies.Count > 0 ? accuracies.Values.Average() : (double?)null,
        unheard_speakers = accuracies,
        ingest_seconds = Math.Round(history.IngestTime.TotalSeconds, 2),
        seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
        peak_rss_bytes = Process.GetCurrentProcess().PeakWorkingSet64,
        reloaded_scores_equal = equal,
        pictures = new[] { "learning-curve.png", "confusion-matrix.png" },
    }));
    return 0;

    IDataView View(Func<Recording, bool> which) => ml.Data.LoadFromEnumerable(recordings.Where(which).ToList());

    int Count(IDataView view) => (int)view.GetRowCount()!;
}
