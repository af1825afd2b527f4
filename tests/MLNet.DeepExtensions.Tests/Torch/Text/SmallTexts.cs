using Microsoft.ML;
using TorchSharp;

namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>Texts that a small network learns in a second, and language models of them.</summary>
internal sealed class SmallTexts
{
    public static readonly Gpt Network = new() { Layers = 1, Heads = 2, HiddenSize = 32, Context = 16, Dropout = 0 };

    public static readonly DeepTrainerOptions Options = new() { Epochs = 8, BatchSize = 8, Seed = 3, Optimizer = new AdamW { LearningRate = 0.01 } };

    public MLContext Ml { get; } = new(seed: 1);

    /// <summary>Rows of a text that says the same again and again.</summary>
    public IDataView Data(int rows = 12, string say = "the cat sat on the mat. ") => Ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(i => new Document { Text = string.Concat(Enumerable.Repeat(say, 5 + i % 3)) }));

    public DeepTransformer Train(ModelConfig? network = null, DeepTrainerOptions? options = null, int? window = null) =>
        Ml.DeepText().Trainers.CausalLanguageModel(network ?? Network, "Text", options ?? Options, new Characters(), window).Fit(Data());

    /// <summary>A model that was never trained, or has the weights that are given.</summary>
    public static DeepTransformer Untrained(Gpt network, TextTokenizer tokenizer, int window, torch.nn.Module? module = null)
    {
        torch.random.manual_seed(5);
        module ??= network.Build(new IdsShape(tokenizer.Count), tokenizer.Count);
        module.eval();
        var text = new TextColumn { Tokenizer = tokenizer, MaxTokens = 1 << 20, GoesOn = true };
        return new DeepTransformer(new DeepModel(module, new SavedModel
        {
            Model = network, Task = new LanguageModelTask { Vocabulary = tokenizer.Count, Window = window }, History = new TrainingHistory { Epochs = [] },
            Inputs = [new NetworkColumn(new FeatureColumn { Name = "Text", Elements = ElementKind.Int32, Shape = new IdsShape(tokenizer.Count), Dimensions = [0], Text = text }, new InputStage())],
        }, torch.CPU));
    }

    /// <summary>A tokenizer of so many tokens.</summary>
    public static TextTokenizer Letters(int count) => new Characters { Vocabulary = [.. Enumerable.Range(0, count - 5).Select(i => ((char)('!' + i)).ToString())] };
}

internal sealed class Document
{
    public string Text { get; set; } = "";
}
