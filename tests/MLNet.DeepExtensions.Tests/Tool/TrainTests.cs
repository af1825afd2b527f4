using System.Text.Json;
using MLNet.DeepExtensions.Tool;
using MLNet.DeepExtensions.Tool.Commands;
using Spectre.Console;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>mldeep train, evaluate and predict, one after the other, for each task.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly SmallData data = new();

    public void Dispose() => data.Dispose();

    private string[] Train(string task, string path, params string[] more) => ["train", "--task", task, "--data", path, "--out", data.Out, "--device", "cpu", .. more];

    private JsonElement ModelBuilderConfig()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(data.Out, "Model.mbconfig")));
        return json.RootElement.Clone();
    }

    [Fact]
    public void Pictures_AreLearntEvaluatedAndPredicted()
    {
        var pictures = data.Pictures();

        var run = ToolRun.Succeeding(Train("image-classification", pictures, "--side", "16", "--epochs", "3", "--no-augmentation", "--web-api"));

        Assert.Contains("24 pictures of 2 classes: blue 12, red 12", run.Out);
        Assert.Contains("Epoch 3/3  loss ", run.Out);
        Assert.Contains("MicroAccuracy", run.Out);
        Assert.Equal(["Model.consumption.cs", "Model.csproj", "Model.evaluate.cs", "Model.mbconfig", "Model.mlnet", "Model.training.cs", "Model_WebApi/Model_WebApi.csproj", "Model_WebApi/Program.cs", "Program.cs"],
            Directory.EnumerateFiles(data.Out, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(data.Out, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.EnumerateDirectories(data.Folder, ".*"));

        Assert.Contains("Confusion table", ToolRun.Succeeding("evaluate", "--model", data.Out, "--data", pictures).Out);
        var predicted = ToolRun.Succeeding("predict", "--model", data.Out, "--input", Path.Combine(pictures, "red", "0.ppm"), Path.Combine(pictures, "blue", "0.ppm"));
        Assert.Equal("ImageSource,PredictedLabel,Score.blue,Score.red", predicted.Lines[0]);
        Assert.Equal(3, predicted.Lines.Length);
        Assert.Equal(25, ToolRun.Succeeding("predict", "--model", data.Out, "--data", pictures).Lines.Length);

        var config = ModelBuilderConfig();
        Assert.Equal("ImageClassification", config.GetProperty("Scenario").GetProperty("ScenarioType").GetString());
        Assert.Equal("Folder", config.GetProperty("DataSource").GetProperty("DataSourceType").GetString());
        Assert.Equal(pictures, config.GetProperty("DataSource").GetProperty("FolderPath").GetString());
    }

    [Fact]
    public void ATable_WithAClass_LeavesOutWhatTellsNothing()
    {
        var table = data.Table();

        var run = ToolRun.Succeeding(Train("tabular", table, "--label", "Kind", "--ignore", "Rent", "--epochs", "20"));

        Assert.Contains("column 'Kind' is one of 2 classes", run.Out);
        Assert.Contains("learns from 3 columns: 1 with numbers, 1 with true and false, 1 with categories", run.Out);
        Assert.Contains("leaves out 'Id': it numbers the rows", run.Out);
        Assert.Contains("leaves out 'Remark': nearly each of its texts is another", run.Out);
        Assert.Contains("leaves out 'Rent': as --ignore says", run.Out);
        var predicted = ToolRun.Succeeding("predict", "--model", data.Out, "--format", "json", "--input", """{"Size": 110, "Town": "Bern", "Balcony": true}""", """{"Size": 25, "Town": null, "Balcony": false}""");
        var answers = predicted.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("PredictedLabel").GetString());
        Assert.Equal(["large", "small"], answers);

        var columns = ModelBuilderConfig().GetProperty("DataSource").GetProperty("ColumnProperties").EnumerateArray().ToDictionary(column => column.GetProperty("ColumnName").GetString()!);
        Assert.Equal("Label", columns["Kind"].GetProperty("ColumnPurpose").GetString());
        Assert.Equal("Feature", columns["Size"].GetProperty("ColumnPurpose").GetString());
        Assert.Equal("Single", columns["Size"].GetProperty("ColumnDataFormat").GetString());
        Assert.Equal("Ignore", columns["Remark"].GetProperty("ColumnPurpose").GetString());
    }

    [Fact]
    public void ATable_WithANumber_IsARegression()
    {
        var table = data.Table();

        var run = ToolRun.Succeeding(Train("tabular", table, "--label", "Rent", "--ignore", "Kind", "--epochs", "20"));

        Assert.Contains("column 'Rent' is a number; if that is wrong, write --goal classification", run.Out);
        Assert.Contains("RSquared", ToolRun.Succeeding("evaluate", "--model", Path.Combine(data.Out, "Model.mlnet"), "--data", table).Out);
        Assert.Equal("Regression", ModelBuilderConfig().GetProperty("Scenario").GetProperty("ScenarioType").GetString());
    }

    [Fact]
    public void PredictingATable_WithoutItsAnswers_GivesTheSame()
    {
        var table = data.Table();
        ToolRun.Succeeding(Train("tabular", table, "--label", "Rent", "--ignore", "Kind", "--epochs", "1"));
        // the answers are the last column
        var without = data.Write("without.csv", [.. File.ReadAllLines(table).Select(line => line[..line.LastIndexOf(',')])]);

        var (with, bare) = (ToolRun.Succeeding("predict", "--model", data.Out, "--data", table), ToolRun.Succeeding("predict", "--model", data.Out, "--data", without));

        Assert.Equal(121, with.Lines.Length);
        Assert.Equal(with.Out, bare.Out);
    }

    [Fact]
    public void Texts_AreLearntAndPredicted()
    {
        var run = ToolRun.Succeeding(Train("text-classification", data.Texts(), "--label", "Opinion", "--epochs", "4", "--max-tokens", "16"));

        Assert.Contains("80 texts in column 'Text', 2 classes in column 'Opinion'", run.Out);
        var predicted = ToolRun.Succeeding("predict", "--model", data.Out, "--input", "a good day, and fine", "bad, and \"dull\"", "--output", data.PathOf("answers.csv"));
        Assert.Empty(predicted.Out);
        var lines = File.ReadAllLines(data.PathOf("answers.csv"));
        Assert.Equal("Text,PredictedLabel,Score.praise,Score.blame", lines[0]);
        Assert.StartsWith("\"a good day, and fine\",", lines[1]);
        Assert.StartsWith("\"bad, and \"\"dull\"\"\",", lines[2]);
    }

    [Fact]
    public void ASeries_IsForecast()
    {
        var hours = data.Hours();

        var run = ToolRun.Succeeding(Train("forecasting", hours, "--time", "Time", "--target", "Sold", "--horizon", "6", "--season", "24", "--epochs", "3"));

        Assert.Contains("forecasts Sold, 6 rows ahead, from the last 48", run.Out);
        var predicted = ToolRun.Succeeding("predict", "--model", data.Out, "--data", hours);
        Assert.Equal("Step,Sold", predicted.Lines[0]);
        Assert.Equal(7, predicted.Lines.Length);
        Assert.Contains("MeanAbsoluteScaledError", ToolRun.Succeeding("evaluate", "--model", data.Out, "--data", hours).Out);
    }

    [Fact]
    public void SeveralSeries_AreEachForecast()
    {
        var hours = data.Hours(336, "north", "south");

        ToolRun.Succeeding(Train("forecasting", hours, "--time", "Time", "--series", "Shop", "--target", "Sold", "--horizon", "4", "--epochs", "1"));

        var predicted = ToolRun.Succeeding("predict", "--model", data.Out, "--data", hours);
        Assert.Equal("Shop,Step,Sold", predicted.Lines[0]);
        Assert.Equal(["north", "north", "north", "north", "south", "south", "south", "south"], predicted.Lines[1..].Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void TheSameSeed_GivesTheSameModel()
    {
        var table = data.Table();
        var runs = new[] { "one", "two" }.Select(name =>
        {
            ToolRun.Succeeding("train", "--task", "tabular", "--data", table, "--out", data.PathOf(name), "--label", "Kind", "--epochs", "2", "--device", "cpu", "--seed", "5");
            return ToolRun.Succeeding("predict", "--model", data.PathOf(name), "--data", table).Out;
        }).ToList();

        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public async Task InATerminal_ATableGrowsAboveABar()
    {
        var drawn = new StringWriter();
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(drawn) });
        terminal.Profile.Width = 120;

        var code = await DeepCommand.Run(Train("tabular", data.Table(), "--label", "Kind", "--epochs", "3"), new Screen(new StringWriter(), new StringWriter(), terminal));

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("Reading the data", drawn.ToString());
        Assert.Contains("validation accuracy", drawn.ToString());
        Assert.Contains("3/3", drawn.ToString());
        Assert.Contains("[########################################] 100 %", drawn.ToString());
        Assert.Contains("MicroAccuracy", drawn.ToString());
    }

    [Fact]
    public void Stopped_AfterAnEpoch_KeepsTheBestSoFar()
    {
        using var source = new CancellationTokenSource();

        var run = ToolRun.Of(new Cancelling(source, "Epoch 2/50"), source.Token, Train("tabular", data.Table(), "--label", "Kind", "--epochs", "50"));

        Assert.Equal(ExitCode.StoppedEarly, run.Code);
        Assert.Contains("(stopped: Ctrl-C)", run.Out);
        Assert.True(File.Exists(Path.Combine(data.Out, "Model.mlnet")));
        Assert.Equal("Cancelled", ModelBuilderConfig().GetProperty("DeepExtensions").GetProperty("Stopped").GetString());
    }

    [Fact]
    public void Stopped_BeforeAnEpochEnded_WritesNothing()
    {
        using var source = new CancellationTokenSource();

        var run = ToolRun.Of(new Cancelling(source, "network: "), source.Token, Train("tabular", data.Table(), "--label", "Kind"));

        Assert.Equal(ExitCode.Interrupted, run.Code);
        Assert.Contains("nothing was written", run.Error);
        Assert.False(Directory.Exists(data.Out));
        Assert.Empty(Directory.EnumerateDirectories(data.Folder, ".*"));
    }

    // cancels as soon as a line with these words is written
    private sealed class Cancelling(CancellationTokenSource source, string words) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(words, StringComparison.Ordinal) == true)
                source.Cancel();
        }
    }
}
