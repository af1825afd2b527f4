using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Text;

/// <summary>Folders of published networks: what is read of them, and what is said of those that cannot be read.</summary>
[Collection(nameof(Alone))]
public sealed class PretrainedModelTests
{
    private const string Words = "bert.embeddings.word_embeddings.weight";

    private static readonly DeepTrainerOptions frozen = new() { Epochs = 1, BatchSize = 4, Seed = 3, Freeze = ["bert"] };

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Weights_AreWhatTrainingStartsFrom_AndTheModelIsSavedWithAllItNeeds()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        using var model = Pipeline(folder).Fit(Data());
        Assert.Equal(folder.Read()[Words].data<float>().ToArray(), Parameter(model, Words));

        using var file = new MemoryStream();
        ml.Model.Save(model, Data().Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(model.Transform(Data()).GetColumn<float>("Score"), loaded.Transform(Data()).GetColumn<float>("Score"));
    }

    [Fact]
    public void TheOptionsWeights_GoOnTop()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        using var other = PublishedFolder.OfBert(seed: 2);
        using var model = Pipeline(folder, frozen with { InitialWeights = new PretrainedWeights(other.PathOf("model.safetensors")) }).Fit(Data());
        Assert.Equal(other.Read()[Words].data<float>().ToArray(), Parameter(model, Words));
    }

    [Fact]
    public void OldNames_AndThoseWithoutTheBody_AreUnderstood()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        var tensors = folder.Read();
        folder.Write(tensors.Where(entry => entry.Key.StartsWith("bert.", StringComparison.Ordinal)).Select(entry => KeyValuePair.Create(
            entry.Key["bert.".Length..].Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal), entry.Value))
            .Append(KeyValuePair.Create("embeddings.position_ids", arange(24).unsqueeze(0))));
        using var network = Build(folder, out var report);
        Assert.Equal(["bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias", "classifier.weight"], report.Missing.Select(name => name.Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.Empty(report.Unexpected);
        const string norm = "bert.encoder.layer.1.output.LayerNorm.weight";
        Assert.Equal(tensors[norm].data<float>().ToArray(), network.state_dict()[norm].data<float>().ToArray());
    }

    [Fact]
    public void WeightsInSeveralFiles_AreReadByTheirIndex()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        var tensors = folder.Read();
        var shares = tensors.Select((entry, i) => (entry.Key, entry.Value, File: i % 2 == 0 ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors")).ToList();
        foreach (var share in shares.GroupBy(item => item.File))
            folder.Write(share.Select(item => KeyValuePair.Create(item.Key, item.Value)), share.Key);
        File.Delete(folder.PathOf("model.safetensors"));
        WriteIndex(folder, shares.ToDictionary(item => item.Key, item => item.File));
        using (var network = Build(folder, out var report))
            Assert.Equal(tensors.Keys.Count(name => name.StartsWith("bert.", StringComparison.Ordinal)), report.Loaded.Count);

        WriteIndex(folder, new() { [Words] = "../elsewhere.safetensors" });
        Assert.Contains("cannot be one beside it", Refusal(folder), StringComparison.Ordinal);
        WriteIndex(folder, new() { [Words] = "model-00001-of-00002.safetensors", ["bert.nothing"] = "model-00001-of-00002.safetensors" });
        Assert.Contains("has no tensor 'bert.nothing'", Refusal(folder), StringComparison.Ordinal);
        File.WriteAllText(folder.PathOf("model.safetensors.index.json"), "{");
        Assert.Contains("model.safetensors.index.json' cannot be read", Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsOfAnotherNetwork_AreReported()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert(config: PublishedFolder.BertConfig.Replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", StringComparison.Ordinal).Replace("\"vocab_size\": 40", "\"vocab_size\": 41", StringComparison.Ordinal));
        var message = Refusal(folder);
        Assert.Contains("17 of its tensors are not there as they must be", message, StringComparison.Ordinal);
        Assert.Contains("Missing in the file: bert.encoder.layer.2.attention.self.query.weight: F32 [16, 16]", message, StringComparison.Ordinal);
        Assert.Contains($"{Words}: [40, 16] in the file, [41, 16] here", message, StringComparison.Ordinal);
        Assert.Contains("cls.predictions.bias", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedFile_IsReported()
    {
        using var folder = PublishedFolder.OfBert();
        var bytes = File.ReadAllBytes(folder.PathOf("model.safetensors"));
        File.WriteAllBytes(folder.PathOf("model.safetensors"), bytes[..(bytes.Length / 2)]);
        Assert.Contains("cannot be read", Refusal(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"model_type\": \"bert\"", "\"model_type\": \"t5\"", "model_type = \"t5\"; known are bert, distilbert, gpt2, roberta")]
    [InlineData("\"hidden_size\": 16,", "", "has no \"hidden_size\"")]
    [InlineData("\"hidden_size\": 16", "\"hidden_size\": \"many\"", "must have a whole number for \"hidden_size\", but has \"many\"")]
    [InlineData("\"hidden_size\": 16", "\"hidden_size\": 15", "width 15 must be a multiple of the 2 heads")]
    [InlineData("\"hidden_size\": 16", "\"hidden_size\": 1600000", "HiddenSize")]
    [InlineData("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"quick_gelu\"", "hidden_act = \"quick_gelu\"")]
    [InlineData("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"gelu\", \"position_embedding_type\": \"relative_key\"", "position_embedding_type = \"absolute\" alone")]
    [InlineData("{ \"architectures\"", "\"architectures\"", "config.json' cannot be read")]
    public void AConfigThatCannotBeBuilt_IsRefused_InItsOwnWords(string from, string to, string said)
    {
        using var folder = PublishedFolder.OfBert(config: PublishedFolder.BertConfig.Replace(from, to, StringComparison.Ordinal));
        Assert.Contains(said, Assert.Throws<InvalidModelFileException>(() => PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutItsFiles_SaysWhatItHas()
    {
        using var folder = PublishedFolder.OfBert();
        File.Delete(folder.PathOf("model.safetensors"));
        Assert.Contains("no model.safetensors or model.safetensors.index.json or pytorch_model.bin", Assert.Throws<InvalidModelFileException>(() => PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer)).Message, StringComparison.Ordinal);
        File.Delete(folder.PathOf("config.json"));
        Assert.Contains("has no config.json. It has: nothing", Assert.Throws<InvalidModelFileException>(() => PretrainedModel.FromFolder(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("There is no folder", Assert.Throws<InvalidModelFileException>(() => PretrainedModel.FromFolder(folder.PathOf("elsewhere"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherArchitectureThanAskedFor_IsRefused()
    {
        using var folder = PublishedFolder.OfBert();
        Assert.Contains("holds a Bert, but a Roberta was asked for", Assert.Throws<InvalidModelFileException>(() => PretrainedModel.FromFolder<Roberta>(folder.Path, PublishedFolder.Tokenizer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AClassifiersLastLayer_IsTakenForTheSameClasses_AndElseAnew()
    {
        using var scope = NewDisposeScope();
        var config = PublishedFolder.BertConfig.Replace("\"model_type\"", "\"id2label\": { \"0\": \"bad\", \"1\": \"good\" }, \"model_type\"", StringComparison.Ordinal);
        using var folder = PublishedFolder.Of(config, (Bert)PretrainedOf(config) with { Head = EncoderHead.Outputs });
        var there = folder.Read()["classifier.weight"].data<float>().ToArray();
        Assert.Equal(there, Classifier(["bad", "good"]));
        Assert.NotEqual(there, Classifier(["good", "bad"]));

        float[] Classifier(string[] classes)
        {
            var data = ml.Data.LoadFromEnumerable(classes.Concat(classes).Select(label => new Named { Text = label, Label = label }));
            using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer),
                frozen with { Freeze = ["bert", "classifier.weight"] }, featureColumnName: "Text")).Fit(data);
            return Parameter(model.LastTransformer, "classifier.weight");
        }
    }

    [Fact]
    public void AGptsFolder_GivesAGpt_WithItsWeights_AlsoWithoutTheBodysName()
    {
        using var scope = NewDisposeScope();
        const string config = """{ "model_type": "gpt2", "vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 24, "n_inner": null, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "resid_pdrop": 0.0 }""";
        using var folder = PublishedFolder.OfBert(config: config);
        var gpt = PretrainedModel.FromFolder<Gpt>(folder.Path, PublishedFolder.Tokenizer);
        Assert.Equal((2, 2, 16, 24, Activation.GeluTanh), (gpt.Layers, gpt.Heads, gpt.HiddenSize, gpt.Context, gpt.Activation));
        random.manual_seed(1);
        using var there = gpt.Build(new IdsShape(40), 40);
        folder.Write(there.state_dict().Select(entry => KeyValuePair.Create(entry.Key["transformer.".Length..], entry.Value)).Append(KeyValuePair.Create("h.0.attn.bias", ones(1, 1, 24, 24))));
        using var here = gpt.Build(new IdsShape(40), 40);
        var report = StartingWeights.Load(gpt, here, null, null).Single();
        Assert.True(report.IsComplete, report.ToString());
        Assert.Equal(there.state_dict()["transformer.wte.weight"].data<float>().ToArray(), here.state_dict()["transformer.wte.weight"].data<float>().ToArray());
    }

    [Fact]
    public void APairOfTexts_IsReadAsTwoParts()
    {
        using var folder = PublishedFolder.OfBert();
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 32).Select(i => new Pair { One = i % 2 == 0 ? "ab" : "cd", Other = i / 2 % 2 == 0 ? "ab" : "cd", Label = i % 2 == i / 2 % 2 }));
        using var model = ml.Transforms.Text.Tokenize("Tokens", "One", PublishedFolder.Tokenizer, pairColumnName: "Other")
            .Append(ml.BinaryClassification.Trainers.Deep(PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer), new DeepTrainerOptions { Epochs = 40, BatchSize = 8, Seed = 1, Optimizer = new AdamW { LearningRate = 0.003 } }, featureColumnName: "Tokens")).Fit(data);
        Assert.Equal(3, ((IdsShape)model.LastTransformer.Model.InputShape).Separator);
        Assert.True(ml.BinaryClassification.Evaluate(model.Transform(data)).Accuracy > 0.95);
    }

    [Fact]
    public void AnEncoderWithinAFusion_StartsFromItsWeights()
    {
        using var scope = NewDisposeScope();
        using var folder = PublishedFolder.OfBert();
        var fusion = new Fusion { EmbeddingSize = 8, Encoders = [new("Text", PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer))] };
        using var model = ml.BinaryClassification.Trainers.Deep(fusion, ["Text", "Stars"], frozen with { Freeze = ["encoders.Text.bert"] }).Fit(Data());
        Assert.Equal(folder.Read()[Words].data<float>().ToArray(), Parameter(model, $"encoders.Text.{Words}"));
    }

    private DeepTrainer Pipeline(PublishedFolder folder, DeepTrainerOptions? options = null) =>
        ml.BinaryClassification.Trainers.Deep(PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer), options ?? frozen, featureColumnName: "Text");

    private static ModelConfig PretrainedOf(string config)
    {
        using var folder = PublishedFolder.OfBert(config: config);
        return PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer);
    }

    private static nn.Module Build(PublishedFolder folder, out WeightLoadReport report)
    {
        var config = PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer);
        var network = config.Build(new IdsShape(40), 2);
        report = StartingWeights.Load(config, network, null, null).Single();
        return network;
    }

    private static string Refusal(PublishedFolder folder) => Assert.Throws<InvalidModelFileException>(() => Build(folder, out _)).Message;

    private static void WriteIndex(PublishedFolder folder, Dictionary<string, string> map) =>
        File.WriteAllText(folder.PathOf("model.safetensors.index.json"), JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));

    private static float[] Parameter(DeepTransformer model, string name) => model.Module.state_dict()[name].data<float>().ToArray();

    private IDataView Data() => ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Review { Text = i % 2 == 0 ? "good, good" : "not so good", Label = i % 2 == 0, Stars = i }));

    private sealed class Review
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }

        public float Stars { get; set; }
    }

    private sealed class Pair
    {
        public string One { get; set; } = "";

        public string Other { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class Named
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
