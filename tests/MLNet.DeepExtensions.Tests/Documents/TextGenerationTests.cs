using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Torch.Text;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/text-generation.md that no sample has, run as it is shown there.</summary>
public sealed class TextGenerationTests
{
    private readonly SmallTexts texts = new();

    [Fact]
    public async Task Manners()
    {
        using var model = texts.Train();
        var cancellation = TestContext.Current.CancellationToken;
        #region manner
        var writer = model.CreateTextGenerator();
        var careful = new GenerationOptions { Temperature = 0 };                                        // always the likeliest token
        var usual = new GenerationOptions { Temperature = 0.8, TopK = 40, TopP = 0.95, RepetitionPenalty = 1.1, Seed = 7 };
        var line = writer.Generate("the ", usual with { MaxNewTokens = 50, Stop = ["\n", ". "] }, cancellation);
        var several = writer.Generate(["the cat", "a dog", ""], careful, cancellation);                  // side by side
        #endregion
        Assert.DoesNotContain(". ", line, StringComparison.Ordinal);
        Assert.Equal(3, several.Count);
        Assert.True(await writer.StreamAsync("the ", careful, cancellation).AnyAsync(cancellation));
    }

    [Fact]
    public void Likelihoods()
    {
        var ml = texts.Ml;
        using var model = texts.Train();
        #region likelihood
        using var engine = ml.Model.CreatePredictionEngine<Sentence, Judgement>(model);
        var judged = engine.Predict(new Sentence { Text = "the cat sat on the mat." });
        Console.WriteLine($"{judged.LogLikelihood:0.0} nats over {judged.Tokens} tokens: perplexity {judged.Perplexity:0.0}");
        #endregion
        Assert.Equal(23, judged.Tokens);
        Assert.True(judged.Perplexity < engine.Predict(new Sentence { Text = "tam eht no tas tac eht." }).Perplexity);
    }

    private sealed class Sentence
    {
        public string Text { get; set; } = "";
    }

    private sealed class Judgement
    {
        public float LogLikelihood { get; set; }

        public int Tokens { get; set; }

        public float Perplexity { get; set; }
    }
}
