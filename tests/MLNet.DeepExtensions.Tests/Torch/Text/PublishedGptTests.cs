using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Parity;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>A GPT-2 from a folder writes, judges and is trained on.</summary>
[Collection(nameof(Alone))]
public sealed class PublishedGptTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("gpt-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("pytorch_model.bin")]
    public void FromTheReferencesFolder_ItWritesTheReferencesTokens(string file)
    {
        File.Copy(SharedData.Find("reference/hf-gpt2-tiny/config.json"), Path.Combine(folder, "config.json"));
        File.Copy(SharedData.Find($"reference/hf-gpt2-tiny/{file}"), Path.Combine(folder, file));
        var network = PretrainedModel.FromFolder<Gpt>(folder, SmallTexts.Letters(GptParityTests.Tokens));
        Assert.Equal((3, 4, 32, 32, GptParityTests.Tokens, Activation.GeluTanh, 0.1), (network.Layers, network.Heads, network.HiddenSize, network.Context, network.VocabSize, network.Activation, network.Dropout));
        using var model = ml.DeepText().LanguageModel(network);
        var expected = GptParityTests.Row(GptParityTests.Numbers(), "greedy_16_tokens");
        Assert.Equal(expected[8..], model.CreateTextGenerator().GenerateTokens(expected[..8], new GenerationOptions { Temperature = 0, MaxNewTokens = 16 }));
        // saved as one file, weights once
        using var saved = new MemoryStream();
        var data = ml.Data.LoadFromEnumerable([new Document { Text = "ABC" }]);
        ml.Model.Save(model, data.Schema, saved);
        saved.Position = 0;
        var loaded = new MLContext().Model.Load(saved, out _);
        Assert.Equal(expected[8..], loaded.CreateTextGenerator().GenerateTokens(expected[..8], new GenerationOptions { Temperature = 0, MaxNewTokens = 16 }));
        Assert.Equal(ml.DeepText().Evaluate(model.Transform(data)), ml.DeepText().Evaluate(loaded.Transform(data)));
        Assert.DoesNotContain("lm_head", string.Join(" ", model.Module.state_dict().Keys), StringComparison.Ordinal);
    }

    [Fact]
    public void NamesWithoutTheirPrefix_AndMasksOfOld_AreRead()
    {
        var tokenizer = PublishedFolder.Tokenizer;
        var network = WriteSmall(tokens => [.. tokens.Select(entry => KeyValuePair.Create(entry.Key["transformer.".Length..], entry.Value)), KeyValuePair.Create("h.0.attn.bias", ones(1, 1, 16, 16)),
            KeyValuePair.Create("h.0.attn.masked_bias", ones(1)), KeyValuePair.Create("lm_head.weight", ones(2, 2))]);
        using var model = ml.DeepText().LanguageModel(PretrainedModel.FromFolder(folder, tokenizer));
        using var scope = NewDisposeScope();
        Assert.Equal(network["transformer.h.0.mlp.c_fc.weight"], model.Module.state_dict()["transformer.h.0.mlp.c_fc.weight"].data<float>().ToArray());
    }

    [Fact]
    public void ATensorThatIsNotThere_IsNamed()
    {
        WriteSmall(tokens => tokens.Where(entry => entry.Key != "transformer.h.0.mlp.c_fc.weight"));
        var e = Assert.Throws<InvalidModelFileException>(() => ml.DeepText().LanguageModel(PretrainedModel.FromFolder(folder, PublishedFolder.Tokenizer)));
        Assert.Contains("transformer.h.0.mlp.c_fc.weight", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_GoesOnFromThePublishedWeights()
    {
        WriteSmall(tokens => tokens);
        var network = PretrainedModel.FromFolder<Gpt>(folder, PublishedFolder.Tokenizer) with { Dropout = 0 };
        var data = new SmallTexts().Data();
        using var published = ml.DeepText().LanguageModel(network);
        var before = ml.DeepText().Evaluate(published.Transform(data));
        var options = new DeepTrainerOptions { Epochs = 1, BatchSize = 8, Seed = 1, Shuffle = false, Optimizer = new Sgd { LearningRate = 1e-9 } };
        using var trained = ml.DeepText().Trainers.CausalLanguageModel(network, options: options).Fit(data);
        // windows of training stand behind each other across texts, those of Evaluate begin with each text
        Assert.Equal(before.NatsPerToken, trained.History.Epochs[0].Train["loss"], 0.2);
        Assert.Equal(before.NatsPerToken, ml.DeepText().Evaluate(trained.Transform(data)).NatsPerToken, 1e-5);
        Assert.Equal(40, trained.Model.InputShape is IdsShape ids ? ids.Categories : 0);
    }

    [Fact]
    public void WithoutWeightsOrAVocabulary_ItSaysWhatToGive()
    {
        Assert.Contains("PretrainedModel.FromFolder", Assert.Throws<ArgumentException>(() => ml.DeepText().LanguageModel(new Gpt())).Message);
        WriteSmall(tokens => tokens);
        Assert.Contains("tokenizer", Assert.Throws<ArgumentException>(() => ml.DeepText().LanguageModel(PretrainedModel.FromFolder<Gpt>(folder, new Characters()))).Message);
        Assert.Contains("Pooling.None", Assert.Throws<ArgumentException>(() => ml.DeepText().LanguageModel(PretrainedModel.FromFolder<Gpt>(folder, PublishedFolder.Tokenizer) with { Pooling = Pooling.Last })).Message);
    }

    [Fact]
    public void AVariantThatIsNotBuiltHere_IsRefused()
    {
        WriteSmall(tokens => tokens, """, "scale_attn_by_inverse_layer_idx": true""");
        Assert.Contains("scale_attn_by_inverse_layer_idx = true", Assert.Throws<InvalidModelFileException>(() => PretrainedModel.FromFolder(folder, PublishedFolder.Tokenizer)).Message);
    }

    // a tiny network of chance; gives its weights
    private Dictionary<string, float[]> WriteSmall(Func<IEnumerable<KeyValuePair<string, Tensor>>, IEnumerable<KeyValuePair<string, Tensor>>> change, string more = "")
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            { "model_type": "gpt2", "vocab_size": 44, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 16, "activation_function": "gelu_new"{{more}} }
            """);
        using var scope = NewDisposeScope();
        random.manual_seed(2);
        using var module = new Gpt { Layers = 2, Heads = 2, HiddenSize = 16, Context = 16, VocabSize = 44 }.Build(new IdsShape(44), 44);
        using var stream = File.Create(Path.Combine(folder, "model.safetensors"));
        SafetensorsWriter.Write(stream, change(module.state_dict()).Select(entry => (ModuleWeights.Describe(entry.Key, entry.Value), (Action<Stream>)(target => target.Write(entry.Value.detach().contiguous().bytes)))));
        return module.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.data<float>().ToArray());
    }
}
