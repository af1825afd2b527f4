using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Text;

/// <summary>A folder as Hugging Face's tools write them, with a tiny network of chance.</summary>
internal sealed class PublishedFolder : IDisposable
{
    public const string BertConfig = """
        { "architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
          "max_position_embeddings": 24, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "transformers_version": "4.1.0" }
        """;

    private PublishedFolder() { }

    public string Path { get; } = Directory.CreateTempSubdirectory("published-").FullName;

    /// <summary>Gets a tokenizer of as many tokens as the networks here have vectors for.</summary>
    public static Characters Tokenizer { get; } = new() { Vocabulary = [.. "abcdefghijklmnopqrstuvwxyz !.,?'-好不".Select(character => character.ToString())] };

    /// <summary>A BERT with a head of tokens, by a seed.</summary>
    public static PublishedFolder OfBert(int seed = 1, string config = BertConfig) => Of(config, new Bert
    {
        VocabSize = 40, HiddenSize = 16, NumHiddenLayers = 2, NumAttentionHeads = 2, IntermediateSize = 32, MaxPositionEmbeddings = 24, Head = EncoderHead.Tokens, InitializerRange = 0.2,
    }, seed);

    public static PublishedFolder Of(string config, PublishedEncoder network, int seed = 1)
    {
        var folder = new PublishedFolder();
        File.WriteAllText(folder.PathOf("config.json"), config);
        using var scope = NewDisposeScope();
        random.manual_seed(seed);
        using var module = network.Build(new IdsShape(40), network.Head == EncoderHead.Tokens ? 40 : 2);
        folder.Write(module.state_dict());
        return folder;
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes tensors under other names, or some of them.</summary>
    public void Write(IEnumerable<KeyValuePair<string, Tensor>> tensors, string file = "model.safetensors")
    {
        using var stream = File.Create(PathOf(file));
        SafetensorsWriter.Write(stream, tensors.Select(entry => (ModuleWeights.Describe(entry.Key, entry.Value), (Action<Stream>)(target => target.Write(entry.Value.detach().contiguous().bytes)))));
    }

    /// <summary>Reads the tensors.</summary>
    public Dictionary<string, Tensor> Read(string file = "model.safetensors")
    {
        using var weights = TensorFile.Open(PathOf(file));
        return weights.Entries.ToDictionary(entry => entry.Name, entry =>
        {
            var values = empty(entry.Shape.ToArray());
            weights.Read(entry, values.bytes);
            return values;
        });
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
