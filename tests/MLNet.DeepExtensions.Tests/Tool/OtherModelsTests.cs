using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>Weights and networks from elsewhere, models that an application saved, and pictures that are none.</summary>
public sealed class OtherModelsTests : IDisposable
{
    private readonly SmallData data = new();
    private readonly MLContext ml = new(1);

    public void Dispose() => data.Dispose();

    private IDataView Flats(string path) => ml.Data.LoadFromTextFile<Flat>(path, new TextLoader.Options { Separators = [','], HasHeader = true, MissingRealsAsNaNs = true });

    [Fact]
    public void APublishedNetwork_IsTrainedOn()
    {
        using var bert = PublishedFolder.OfBert();
        File.WriteAllLines(bert.PathOf("vocab.txt"), [.. "[PAD] [UNK] [CLS] [SEP] [MASK] fine good dull bad day and".Split(' '), .. "abcdefghijklmnopqrstuvwxyz".Select(letter => letter.ToString()), "##1", "##2", "##3"]);

        var run = ToolRun.Succeeding("train", "--task", "text-classification", "--data", data.Texts(), "--out", data.Out, "--label", "Opinion", "--pretrained", bert.Path, "--max-tokens", "16", "--epochs", "1", "--device", "cpu");

        Assert.Contains($"network: PretrainedModel.FromFolder(\"{bert.Path}\")", run.Out);
        Assert.Contains($"var network = PretrainedModel.FromFolder(\"{bert.Path}\");", File.ReadAllText(Path.Combine(data.Out, "Model.training.cs")));
        Assert.Equal(3, ToolRun.Succeeding("predict", "--model", data.Out, "--input", "a fine day", "a bad day").Lines.Length);
    }

    [Fact]
    public void WeightsFromAFile_AreTakenAndNamedInTheCode()
    {
        var pictures = data.Pictures();
        ToolRun.Succeeding("train", "--task", "image-classification", "--data", pictures, "--out", data.PathOf("First"), "--side", "16", "--epochs", "1", "--device", "cpu");
        var weights = data.PathOf("first.safetensors");
        using (var first = (TransformerChain<ITransformer>)ml.Model.Load(Path.Combine(data.PathOf("First"), "First.mlnet"), out _))
            first.OfType<DeepTransformer>().Single().SaveWeights(weights);

        ToolRun.Succeeding("train", "--task", "image-classification", "--data", pictures, "--out", data.Out, "--side", "16", "--epochs", "1", "--weights", weights, "--device", "cpu");

        Assert.Contains($"InitialWeights = new PretrainedWeights(\"{weights}\"),", File.ReadAllText(Path.Combine(data.Out, "Model.training.cs")));
    }

    [Fact]
    public void APictureThatIsNone_HasNoAnswer()
    {
        ToolRun.Succeeding("train", "--task", "image-classification", "--data", data.Pictures(), "--out", data.Out, "--side", "16", "--epochs", "1", "--device", "cpu");

        var predicted = ToolRun.Succeeding("predict", "--model", data.Out, "--format", "json", "--input", data.Write("broken.ppm", "no picture"), data.PathOf("pictures/red/0.ppm"));

        using var broken = JsonDocument.Parse(predicted.Lines[0]);
        Assert.Equal("", broken.RootElement.GetProperty("PredictedLabel").GetString());
        Assert.Equal("NaN", broken.RootElement.GetProperty("Score.red").GetString());
        using var whole = JsonDocument.Parse(predicted.Lines[1]);
        Assert.NotEqual("", whole.RootElement.GetProperty("PredictedLabel").GetString());
    }

    [Fact]
    public void AnApplicationsModel_WhoseAnswersAreKeys_IsJudgedAndAsked()
    {
        var table = data.Table();
        using (var model = ml.Transforms.Conversion.MapTextToKeys().Append(ml.MulticlassClassification.Trainers.Deep(new TabularNet { Width = 16 }, AllColumns.But("Remark", "Rent", "Id"), new DeepTrainerOptions { Epochs = 1 }, "Kind")).Fit(Flats(table)))
            ml.Model.Save(model, Flats(table).Schema, data.PathOf("own.zip"));

        Assert.Contains("MicroAccuracy", ToolRun.Succeeding("evaluate", "--model", data.PathOf("own.zip"), "--data", table).Out);
        Assert.Contains("PredictedLabel,Score.", ToolRun.Succeeding("predict", "--model", data.PathOf("own.zip"), "--data", table).Lines[0]);
    }

    [Fact]
    public void APortableModel_IsJudgedByTheColumnThatIsNamed()
    {
        var table = data.Table();
        using (var model = ml.Transforms.Conversion.MapTextToKeys().Append(ml.Regression.Trainers.Deep(new TabularNet { Width = 16 }, AllColumns.But("Remark", "Kind", "Id"), new DeepTrainerOptions { Epochs = 1 }, "Rent")).Fit(Flats(table)))
            ml.Model.SavePortable(model, Flats(table).Schema, data.PathOf("own.portable.zip"));

        Assert.Contains("RSquared", ToolRun.Succeeding("evaluate", "--model", data.PathOf("own.portable.zip"), "--data", table, "--label", "Rent").Out);
        Assert.Equal(121, ToolRun.Succeeding("predict", "--model", data.PathOf("own.portable.zip"), "--data", table, "--label", "Rent").Lines.Length);
    }

    [Fact]
    public void AModelOfAnotherKind_IsRefusedByWhatItGives()
    {
        var table = data.Table();
        using (var model = ml.Transforms.Conversion.MapTextToKeys().Append(ml.BinaryClassification.Trainers.Deep(new TabularNet { Width = 16 }, AllColumns.But("Remark", "Kind", "Id"), new DeepTrainerOptions { Epochs = 1 }, "Balcony")).Fit(Flats(table)))
            ml.Model.Save(model, Flats(table).Schema, data.PathOf("binary.zip"));

        var run = ToolRun.Of("predict", "--model", data.PathOf("binary.zip"), "--data", table);

        Assert.Equal(1, run.Code);
        Assert.Contains("mldeep reads models that give classes, a number or forecasts", run.Error);
    }

    private sealed class Flat
    {
        [LoadColumn(0)] public float Id { get; set; }
        [LoadColumn(1)] public float Size { get; set; }
        [LoadColumn(2)] public string Town { get; set; } = "";
        [LoadColumn(3)] public bool Balcony { get; set; }
        [LoadColumn(4)] public string Remark { get; set; } = "";
        [LoadColumn(5)] public string Kind { get; set; } = "";
        [LoadColumn(6)] public float Rent { get; set; }
    }
}
