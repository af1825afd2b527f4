using Microsoft.ML;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/watching.md, run as it is shown there.</summary>
[Collection(nameof(Alone))]
public sealed class WatchingTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("watching").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class Status
    {
        public string Text { get; set; } = "";
    }

    [Fact]
    public void Progress()
    {
        var status = new Status();
        #region progress
        var progress = new Progress<RunProgress>(now => status.Text = $"{now.Share:P0}, {now.RowsPerSecond:N0} rows/s, {now.RunRemaining:hh\\:mm\\:ss} left");
        var options = new DeepTrainerOptions { Callbacks = [new ReportProgress(progress)] };
        #endregion
        using var model = Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)).LastTransformer;
        Assert.True(SpinWait.SpinUntil(() => status.Text.EndsWith("left", StringComparison.Ordinal), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Logs()
    {
        #region logs
        var options = new DeepTrainerOptions
        {
            Epochs = 5,
            ValidationFraction = 0.2,
            Callbacks =
            [
                new CsvLog(Path.Combine(folder, "run.csv")),                                    // a row for each epoch
                new JsonLinesLog(Path.Combine(folder, "run.jsonl")) { EverySteps = 100 },       // and one for every hundredth step
                new TensorBoardLog(Path.Combine(folder, "runs", "first")) { HistogramsEveryEpochs = 1 },
            ],
        };
        #endregion
        using var model = Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)).LastTransformer;
        Assert.Equal(6, File.ReadAllLines(Path.Combine(folder, "run.csv")).Length);
        Assert.Equal(5, File.ReadAllLines(Path.Combine(folder, "run.jsonl")).Length);
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "runs", "first")));
    }

    [Fact]
    public void SummaryAndReport()
    {
        var test = Blobs.View(ml, 30, seed: 8);
        var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 60));
        using var transformer = model.LastTransformer;
        using var module = nn.Sequential(("fc", nn.Linear(4, 3)));
        #region summary
        Console.WriteLine(new LeNet5().Summary(new ImageShape(28, 28), outputs: 10));      // before training
        ModelSummary summary = transformer.Summary();                                      // after
        ModelSummary own = ModelSummary.Of(module, new VectorShape(4));                    // any module from [N, …] to [N, outputs]
        #endregion
        Assert.Equal((131, 15), (summary.Parameters, own.Parameters));
        // docs/watching.md shows this table
        var shown = string.Join('\n', File.ReadAllLines(Repository.PathOf("docs", "watching.md")).Select(line => line.StartsWith("    ", StringComparison.Ordinal) ? line[4..] : line));
        Assert.Contains(new LeNet5().Summary(new ImageShape(28, 28), 10).ToString().ReplaceLineEndings("\n"), shown);

        var picture = Path.Combine(folder, "matrix.png");
        ml.MulticlassClassification.Evaluate(model.Transform(test)).ConfusionMatrix.SavePicture(picture);
        #region report
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(test));
        TrainingReport.Save(transformer, Path.Combine(folder, "report.html"), metrics);

        new TrainingReport(transformer) { Title = "Three kinds" }
            .Add(metrics, "test")
            .AddPicture(picture, "What was taken for which.")
            .Save(Path.Combine(folder, "longer.html"));
        #endregion
        Assert.True(new FileInfo(Path.Combine(folder, "longer.html")).Length > new FileInfo(Path.Combine(folder, "report.html")).Length);
    }
}
