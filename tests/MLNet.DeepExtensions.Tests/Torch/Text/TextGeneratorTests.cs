using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Parity;
using TorchSharp;

namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>Texts are written on: the reference's tokens, side by side as alone, with a cache as without, and never half a character.</summary>
[Collection(nameof(Alone))]
public sealed class TextGeneratorTests
{
    private static readonly GenerationOptions greedy = new() { Temperature = 0 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GreedyTokens_AreTheReferences(bool useCache)
    {
        var numbers = GptParityTests.Numbers();
        using var model = SmallTexts.Untrained(GptParityTests.Tiny, SmallTexts.Letters(GptParityTests.Tokens), 32, GptParityTests.Load("model.safetensors", out _));
        var expected = GptParityTests.Row(numbers, "greedy_16_tokens");
        Assert.Equal(expected[8..], model.CreateTextGenerator().GenerateTokens(expected[..8], greedy with { MaxNewTokens = 16, UseCache = useCache }));
    }

    [Fact]
    public void GreedyText_IsTheReferences_AlsoBesideOtherPrompts()
    {
        var expected = GptParityTests.Row(GptParityTests.Numbers(), "greedy_16_tokens");
        // characters have numbers from 5 on: take a prompt of those
        using var model = SmallTexts.Untrained(GptParityTests.Tiny, SmallTexts.Letters(GptParityTests.Tokens), 32, GptParityTests.Load("model.safetensors", out _));
        var generator = model.CreateTextGenerator();
        string[] prompts = [generator.Tokenizer.Decode(expected[3..6]), "Q", generator.Tokenizer.Decode(Enumerable.Range(5, 31)), "ab", ""];
        var options = greedy with { MaxNewTokens = 100, StopAtEndOfText = false };
        var alone = prompts.Select(prompt => generator.Generate(prompt, options)).ToList();
        Assert.All(alone, text => Assert.Equal(100, text.Length));
        Assert.Equal(alone, generator.Generate(prompts, options));
        Assert.Equal(alone, generator.Generate(prompts, options with { UseCache = false }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ACache_ChangesNothing_NorDoOtherPrompts_BeyondTheContextToo(bool isRotary)
    {
        using var model = Scattered(SmallTexts.Network with { Positions = isRotary ? Positions.Rotary : Positions.Learned });
        var generator = model.CreateTextGenerator();
        string[] prompts = ["abc", "A", "the quick brown fox jumps over it"];
        var options = new GenerationOptions { MaxNewTokens = 60, Seed = 9, StopAtEndOfText = false };
        var texts = generator.Generate(prompts, options);
        Assert.Equal(texts, generator.Generate(prompts, options with { UseCache = false }));
        Assert.Equal(texts[0], generator.Generate(prompts[0], options));
        Assert.NotEqual(texts[0], generator.Generate(prompts[0], options with { Seed = 10 }));
        // each prompt has dice of its own
        var same = generator.Generate(["abc", "abc"], options);
        Assert.NotEqual(same[0], same[1]);
    }

    [Fact]
    public void TheSameSeed_WritesTheSame_WhateverTorchsGeneratorDid_AndLeavesItAlone()
    {
        using var model = Scattered(SmallTexts.Network);
        var generator = model.CreateTextGenerator();
        var options = new GenerationOptions { MaxNewTokens = 20, Seed = 4 };
        torch.random.manual_seed(1);
        var first = generator.Generate("abc", options);
        var drawn = torch.rand(1).ToDouble();
        torch.random.manual_seed(1);
        Assert.Equal(drawn, torch.rand(1).ToDouble());
        Assert.Equal(first, generator.Generate("abc", options));
    }

    [Fact]
    public async Task AStream_GivesTheSameText_PieceByPiece()
    {
        using var model = Scattered(SmallTexts.Network);
        var generator = model.CreateTextGenerator();
        foreach (var options in new[] { new GenerationOptions { MaxNewTokens = 40, Seed = 2 }, greedy with { MaxNewTokens = 7 } })
        {
            var pieces = new List<string>();
            await foreach (var piece in generator.StreamAsync("abc", options, TestContext.Current.CancellationToken))
                pieces.Add(piece);
            Assert.Equal(generator.Generate("abc", options, TestContext.Current.CancellationToken), string.Concat(pieces));
            Assert.True(pieces.Count > 1);
        }
    }

    [Fact]
    public async Task ManyThreads_WriteTheSame()
    {
        using var model = Scattered(SmallTexts.Network);
        var generator = model.CreateTextGenerator();
        var options = new GenerationOptions { MaxNewTokens = 20 };
        var expected = Enumerable.Range(0, 8).Select(seed => generator.Generate("abc", options with { Seed = seed })).ToList();
        var actual = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() => generator.Generate("abc", options with { Seed = seed }))));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Cancelled_ItStops()
    {
        using var model = Scattered(SmallTexts.Network);
        var generator = model.CreateTextGenerator();
        using var cancellation = new CancellationTokenSource();
        var pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in generator.StreamAsync("abc", new GenerationOptions { MaxNewTokens = 100_000, StopAtEndOfText = false }, cancellation.Token))
                if (++pieces == 3)
                    await cancellation.CancelAsync();
        });
        Assert.Equal(3, pieces);
        Assert.ThrowsAny<OperationCanceledException>(() => generator.Generate("abc", cancellationToken: cancellation.Token));
    }

    [Fact]
    public void AStopString_EndsTheText_ThoughItBeginsInOneTokenAndEndsInAnother()
    {
        using var model = Scattered(SmallTexts.Network);
        var generator = model.CreateTextGenerator();
        var options = new GenerationOptions { MaxNewTokens = 40, Seed = 2, StopAtEndOfText = false };
        var whole = generator.Generate("abc", options);
        var stop = whole.Substring(10, 3);
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], generator.Generate("abc", options with { Stop = ["never", stop] }));
    }

    [Fact]
    public void TheEndOfATextThatWasLearnt_EndsWhatIsWritten()
    {
        var texts = new SmallTexts();
        var data = texts.Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(_ => new Document { Text = "abcdef" }));
        using var model = texts.Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network, options: SmallTexts.Options with { Epochs = 30 }).Fit(data);
        var generator = model.CreateTextGenerator();
        Assert.Equal("def", generator.Generate("abc", greedy));
        Assert.Equal("abcdef", generator.Generate("", greedy));
        // one that may not end goes on
        Assert.Equal(50, generator.Generate("abc", greedy with { StopAtEndOfText = false, MaxNewTokens = 50 }).Length);
    }

    [Fact]
    public void ARecurrentNetwork_WritesToo()
    {
        using var model = new SmallTexts().Train(new Lstm { HiddenSize = 32, Pooling = Pooling.None }, SmallTexts.Options with { Epochs = 20 }, window: 16);
        Assert.Equal("sat on the mat. the cat", model.CreateTextGenerator().Generate("the cat ", greedy with { MaxNewTokens = 23 }));
    }

    [Fact]
    public async Task TokensThatAreBytes_AreNeverGivenInHalves()
    {
        var texts = new SmallTexts();
        const string say = "好的😀 é ну! ";
        using var model = texts.Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network, options: SmallTexts.Options with { Epochs = 3 }, tokenizer: new ByteLevelBpe { VocabularySize = 262 })
            .Fit(texts.Data(20, say));
        var generator = model.CreateTextGenerator();
        var options = new GenerationOptions { MaxNewTokens = 60, Seed = 3, StopAtEndOfText = false, Temperature = 0.5 };
        var whole = generator.Generate(say + "好的", options, TestContext.Current.CancellationToken);
        var pieces = new List<string>();
        await foreach (var piece in generator.StreamAsync(say + "好的", options, TestContext.Current.CancellationToken))
            pieces.Add(piece);
        Assert.Equal(whole, string.Concat(pieces));
        Assert.All(pieces, piece => Assert.False(char.IsHighSurrogate(piece[^1]) || char.IsLowSurrogate(piece[0]), piece));
        Assert.Contains("好", whole, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelInAPipeline_IsFound_AndOneThatCannotWriteIsRefused()
    {
        var texts = new SmallTexts();
        using var model = texts.Ml.Transforms.CopyColumns("Copy", "Text").Append(texts.Ml.DeepText().Trainers.CausalLanguageModel(SmallTexts.Network, options: SmallTexts.Options with { Epochs = 1 })).Fit(texts.Data());
        Assert.Equal(16, model.CreateTextGenerator().Context);
        Assert.Contains("CausalLanguageModel", Assert.Throws<ArgumentException>(() => texts.Ml.Transforms.CopyColumns("Copy", "Text").Fit(texts.Data()).CreateTextGenerator()).Message);
    }

    [Fact]
    public void ADisposedModel_SaysSo()
    {
        var model = Scattered(SmallTexts.Network);
        var generator = model.CreateTextGenerator();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.Generate("abc"));
    }

    [Theory]
    [InlineData(0, 1.0, "MaxNewTokens")]
    [InlineData(1, 0.0, "TopP")]
    public void AnOptionOutOfRange_IsSaid(int tokens, double share, string name)
    {
        using var model = Scattered(SmallTexts.Network);
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => model.CreateTextGenerator().Generate("abc", new GenerationOptions { MaxNewTokens = tokens, TopP = share })).Message);
    }

    // weights that are large enough for what stands before to matter
    private static DeepTransformer Scattered(Gpt network)
    {
        var tokenizer = SmallTexts.Letters(95);
        torch.random.manual_seed(5);
        var module = network.Build(new IdsShape(tokenizer.Count), tokenizer.Count);
        using (torch.no_grad())
            foreach (var parameter in module.parameters().Where(parameter => parameter.dim() == 2))
                parameter.mul_(8);
        return SmallTexts.Untrained(network, tokenizer, network.Context, module);
    }
}
