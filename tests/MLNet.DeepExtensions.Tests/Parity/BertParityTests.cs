using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>A tiny BERT checkpoint in Hugging Face's layout gives PyTorch's numbers, from either kind of file, with padding and two parts.</summary>
[Collection(nameof(Alone))]
public sealed class BertParityTests : IDisposable
{
    private const string Folder = "reference/hf-bert-tiny";
    private const int Separator = 3;

    private readonly string folder = Directory.CreateTempSubdirectory("bert-").FullName;

    public static TheoryData<string> Files => ["model.safetensors", "pytorch_model.bin"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Files))]
    public void HiddenStates_Pooler_AndHeads_ArePyTorchs(string file)
    {
        using var scope = NewDisposeScope();
        var expected = Expected();
        var config = Take(file) with { HiddenDropoutProb = 0 };
        var rows = Rows(expected);
        using var network = Load(config with { Head = EncoderHead.Tokens }, rows, 120);
        var states = new List<Tensor>();
        var hidden = network.Encode(rows, states);
        var firsts = expected.GetProperty("layer_outputs_first_token").EnumerateArray().ToList();
        Assert.Equal(3, states.Count);
        Assert.All(states.Zip(firsts), pair => Near(pair.Second, pair.First.select(1, 0)));
        var real = rows.Columns[0].Mask()!;
        Near(expected.GetProperty("last_hidden_state"), hidden[real]);
        Near(expected.GetProperty("mlm_logits"), network.call(rows)[real]);

        // the next-sentence head is a last layer of two outputs behind the pooler
        using var pooled = Load(config, rows, 2);
        using (var weights = TensorFile.Open(config.Published!.Weights))
        using (no_grad())
        {
            foreach (var (here, there) in new[] { ("classifier.weight", "cls.seq_relationship.weight"), ("classifier.bias", "cls.seq_relationship.bias") })
                weights.Read(weights.Entries.Single(entry => entry.Name == there), pooled.state_dict()[here].bytes);
        }
        Near(expected.GetProperty("nsp_logits"), pooled.call(rows));
        Near(expected.GetProperty("pooler_output"), Pooler(pooled, hidden.select(1, 0)));
        foreach (var state in states)
            state.Dispose();
    }

    [Fact]
    public void ItsTokenizer_ComesAlong()
    {
        var tokenizer = Assert.IsType<WordPiece>(Take("model.safetensors").Tokenizer);
        Assert.Equal([2, 69, 70, 57, 59, 60, 65, 3], tokenizer.Encode("The hotel 好酒店!"));
    }

    [Fact]
    public void Config_SaysTheSizes()
    {
        var config = Take("model.safetensors");
        Assert.Equal((120, 32, 2, 4, 64, 48, 2, 1e-12), (config.VocabSize, config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.IntermediateSize, config.MaxPositionEmbeddings, config.TypeVocabSize, config.LayerNormEps));
        Assert.Equal(48, config.MaxTokensFor("Text"));
    }

    // dense and tanh, by hand
    private static Tensor Pooler(EncoderNetwork network, Tensor first)
    {
        var tensors = network.state_dict();
        return nn.functional.linear(first, tensors["bert.pooler.dense.weight"], tensors["bert.pooler.dense.bias"]).tanh();
    }

    private Bert Take(string file)
    {
        var shared = SharedData.Find(Folder);
        foreach (var name in new[] { "config.json", "vocab.txt", "tokenizer_config.json", file })
            File.Copy(Path.Combine(shared, name), Path.Combine(folder, name), overwrite: true);
        return PretrainedModel.FromFolder<Bert>(folder);
    }

    private static EncoderNetwork Load(Bert config, ModelInput rows, int outputs)
    {
        var network = (EncoderNetwork)config.Build(new IdsShape(120) { Separator = Separator }, outputs);
        var report = Assert.Single(StartingWeights.Load(config, network, null, null));
        Assert.Empty(report.Mismatched);
        network.eval();
        return network;
    }

    private static ModelInput Rows(JsonElement expected)
    {
        var ids = expected.GetProperty("input_ids").EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray()).ToArray();
        var lengths = expected.GetProperty("attention_mask").EnumerateArray().Select(row => row.EnumerateArray().Sum(one => one.GetInt64())).ToArray();
        return new ModelInput([new InputTensor("Text", stack(ids.Select(row => tensor(row))), tensor(lengths))]);
    }

    private static void Near(JsonElement expected, Tensor actual)
    {
        var numbers = TrainingNumbers.Row(expected);
        var found = actual.detach().contiguous().flatten().data<float>().ToArray();
        Assert.Equal(numbers.Length, found.Length);
        Assert.All(numbers.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private static JsonElement Expected()
    {
        using var stream = File.OpenRead(SharedData.Find("reference/text.json"));
        return JsonDocument.Parse(stream).RootElement.GetProperty("bert");
    }
}
