using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class RowLogTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("rows").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Csv => Path.Combine(folder, "run.csv");

    private string Jsonl => Path.Combine(folder, "run.jsonl");

    [Fact]
    public void Csv_HasNamesOnTop_AndARowForEachEpoch_WithTheNumbersOfTheHistory()
    {
        using var model = Fit(new CsvLog(Csv), epochs: 3);
        var lines = File.ReadAllLines(Csv);
        Assert.Equal("kind,epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy,rows,seconds", lines[0]);
        Assert.Equal(4, lines.Length);
        foreach (var (line, epoch) in lines.Skip(1).Zip(model.History.Epochs))
        {
            var cells = line.Split(',');
            Assert.Equal(["epoch", $"{epoch.Epoch}", $"{epoch.Step}"], cells[..3]);
            Assert.Equal([epoch.LearningRate, epoch.Train["loss"], epoch.Train["accuracy"], epoch.Validation!["loss"], epoch.Validation["accuracy"], 48, epoch.Duration.TotalSeconds],
                cells[3..].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void Numbers_AreTheSameInEveryCulture()
    {
        using var _ = Cultures.WithCommas();
        using var model = Fit(new CsvLog(Csv), epochs: 1);
        Assert.All(File.ReadAllLines(Csv), line => Assert.Equal(10, line.Split(',').Length));
    }

    [Fact]
    public void JsonLines_AreObjects_WithNullForWhatIsNotThere()
    {
        using var model = Fit(new JsonLinesLog(Jsonl) { EverySteps = 2 }, epochs: 2);
        var rows = File.ReadAllLines(Jsonl).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        // 48 rows in batches of 16: three steps in an epoch
        Assert.Equal(["step 2", "epoch 3", "step 4", "step 6", "epoch 6"], rows.Select(row => $"{row.GetProperty("kind")} {row.GetProperty("step")}"));
        Assert.Equal(model.History.Epochs[1].Validation!["loss"], rows[4].GetProperty("validation_loss").GetDouble());
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("accuracy").ValueKind);
        Assert.True(rows[0].GetProperty("loss").GetDouble() > 0);
    }

    [Fact]
    public void NameWithAComma_IsQuoted_AndANumberThatIsNone_IsNullInJson()
    {
        var (state, source) = SmallRuns.Prepare(epochs: 1, metrics: [new Odd()]);
        TrainingLoop.Run(state, source, null, [new CsvLog(Csv), new JsonLinesLog(Jsonl)]);
        Assert.Contains(",\"a \"\"b\"\", c\",", File.ReadAllLines(Csv)[0]);
        Assert.Contains(",NaN,", File.ReadAllLines(Csv)[1]);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(File.ReadAllText(Jsonl)).RootElement.GetProperty("a \"b\", c").ValueKind);
    }

    [Fact]
    public void Rows_CanBeReadWhileTheRunGoesOn()
    {
        var counts = new List<int>();
        using var model = Fit(new CsvLog(Csv), epochs: 3, new AtEpochEnd(() => counts.Add(File.ReadAllLines(Csv).Length)));
        Assert.Equal([2, 3, 4], counts);
    }

    [Fact]
    public void NewRun_ReplacesTheFile()
    {
        var log = new CsvLog(Csv);
        Fit(log, epochs: 3).Dispose();
        Fit(log, epochs: 2).Dispose();
        Assert.Equal(3, File.ReadAllLines(Csv).Length);
    }

    // checkpoints after every second epoch: what came after the last one is written again by the run that goes on
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    public void RunThatWasKilled_AndGoesOn_HasEachRowOnce(int failsAt)
    {
        Callback[] Logs() => [new CsvLog(Csv) { EverySteps = 2 }, new JsonLinesLog(Jsonl) { EverySteps = 2 }];
        var policy = new CheckpointPolicy(Path.Combine(folder, "run")) { EveryEpochs = 2 };
        Assert.Throws<InvalidTimeZoneException>(() => Fit(Options(4) with { Checkpoints = policy, Callbacks = [.. Logs(), new AtStep(failsAt, () => throw new InvalidTimeZoneException())] }));
        Fit(Options(4) with { Checkpoints = policy, Callbacks = Logs() }).Dispose();
        string[] expected = ["step 2", "epoch 3", "step 4", "step 6", "epoch 6", "step 8", "epoch 9", "step 10", "step 12", "epoch 12"];
        Assert.Equal(expected, File.ReadAllLines(Csv).Skip(1).Select(line => line.Split(',')).Select(cells => $"{cells[0]} {cells[2]}"));
        Assert.Equal(expected, File.ReadAllLines(Jsonl).Select(line => JsonDocument.Parse(line).RootElement).Select(row => $"{row.GetProperty("kind")} {row.GetProperty("step")}"));
    }

    [Fact]
    public void RunThatGoesOn_InAFileThatWasDeleted_BeginsItAnew()
    {
        var policy = new CheckpointPolicy(Path.Combine(folder, "run"));
        Fit(Options(4) with { Checkpoints = policy, MaxSteps = 6, Callbacks = [new CsvLog(Csv)] }).Dispose();
        File.Delete(Csv);
        Fit(Options(4) with { Checkpoints = policy, Callbacks = [new CsvLog(Csv)] }).Dispose();
        Assert.Equal(["kind", "epoch", "epoch"], File.ReadAllLines(Csv).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void RunThatGoesOn_WithOtherMetrics_IsRefused()
    {
        var policy = new CheckpointPolicy(Path.Combine(folder, "run"));
        Fit(Options(4) with { Checkpoints = policy, MaxSteps = 6, Callbacks = [new CsvLog(Csv)] }).Dispose();
        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options(4) with { Checkpoints = policy, Metrics = [], Callbacks = [new CsvLog(Csv)] }));
        Assert.Contains("other columns", error.Message);
    }

    [Fact]
    public void FolderThatIsMissing_IsSaidBeforeTraining_WithTheLineToWrite()
    {
        var path = Path.Combine(folder, "no", "run.csv");
        var error = Assert.Throws<DirectoryNotFoundException>(() => Fit(new CsvLog(path), 1));
        Assert.Contains("Directory.CreateDirectory(", error.Message);
    }

    [Fact]
    public void FileThatIsInUse_OrAFolder_IsSaidBeforeTraining()
    {
        using (new FileStream(Csv, FileMode.Create, FileAccess.Write, FileShare.None))
            Assert.Contains("Close the program that has it open", Assert.Throws<IOException>(() => Fit(new CsvLog(Csv), 1)).Message);
        Assert.Contains("cannot be written", Assert.Throws<IOException>(() => Fit(new CsvLog(folder), 1)).Message);
    }

    [Fact]
    public void FileThatIsHeldForAWhile_GetsItsRowsLater()
    {
        FileStream? held = null;
        using var model = Fit(new CsvLog(Csv), epochs: 3, new AtStep(2, () => held = new FileStream(Csv, FileMode.Open, FileAccess.Read, FileShare.None)), new AtStep(8, () => held!.Dispose()));
        Assert.Equal(4, File.ReadAllLines(Csv).Length);
    }

    [Fact]
    public void FileThatIsHeldToTheEnd_CostsNeitherTheModelNorTheRows()
    {
        FileStream? held = null;
        using (var model = Fit(new CsvLog(Csv), epochs: 3, new AtStep(5, () => held = new FileStream(Csv, FileMode.Open, FileAccess.Read, FileShare.None))))
            Assert.Equal(3, model.History.Epochs.Count);
        held!.Dispose();
        Assert.Equal(2, File.ReadAllLines(Csv).Length);
        Assert.Equal(["2", "3"], File.ReadAllLines(Csv + ".rest").Select(line => line.Split(',')[1]));
    }

    [Fact]
    public void EveryStepsOfNothing_IsRefused() => Assert.Contains("EverySteps", Assert.ThrowsAny<ArgumentException>(() => Fit(new CsvLog(Csv) { EverySteps = 0 }, 1)).Message);

    private static DeepTrainerOptions Options(int epochs) => Blobs.Options with { Epochs = epochs, ValidationFraction = 0.2 };

    private DeepTransformer Fit(Callback log, int epochs, params Callback[] others) => Fit(Options(epochs) with { Callbacks = [log, .. others] });

    private DeepTransformer Fit(DeepTrainerOptions options) => Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)).LastTransformer;

    private sealed class AtStep(long step, Action action) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.Step == step)
                action();
        }
    }

    private sealed class AtEpochEnd(Action action) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => action();
    }

    private sealed class Odd : Metric
    {
        public override string Name => "a \"b\", c";

        public override double Value => double.NaN;

        public override void Update(Tensor output, Tensor target, Tensor? weight) { }

        public override void Reset() { }
    }
}
