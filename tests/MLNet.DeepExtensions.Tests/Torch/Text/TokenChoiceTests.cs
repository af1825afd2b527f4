namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>Tokens are drawn from the distributions that can be computed by hand.</summary>
public sealed class TokenChoiceTests
{
    // probabilities 1/2, 1/4, 1/8, 1/8 at temperature 1
    private static readonly float[] outputs = [.. new[] { 0.125, 0.5, 0.125, 0.25 }.Select(share => (float)Math.Log(share))];

    [Fact]
    public void Plain_ItIsSoftmax() => Near([(0, 0.125), (1, 0.5), (2, 0.125), (3, 0.25)], Of(new()));

    [Fact]
    public void Temperature_IsAPower() => Near([(0, 1 / 22.0), (1, 16 / 22.0), (2, 1 / 22.0), (3, 4 / 22.0)], Of(new() { Temperature = 0.5 }));

    [Fact]
    public void TemperatureZero_IsTheLikeliest() => Near([(1, 1)], Of(new() { Temperature = 0, TopK = 3, TopP = 0.9 }));

    [Fact]
    public void TopK_AreTheLikeliest_OfEqualOnesTheFirst()
    {
        Near([(1, 2 / 3.0), (3, 1 / 3.0)], Of(new() { TopK = 2 }));
        Near([(1, 4 / 7.0), (3, 2 / 7.0), (0, 1 / 7.0)], Of(new() { TopK = 3 }));
        Assert.Equal(4, Of(new() { TopK = 100 }).Count);
    }

    [Fact]
    public void TopP_AreAsFewAsHaveTheShare()
    {
        Near([(1, 1)], Of(new() { TopP = 0.49 }));
        Near([(1, 2 / 3.0), (3, 1 / 3.0)], Of(new() { TopP = 0.6 }));
        // of what the three likeliest have, 6/7 are two tokens'
        Near([(1, 2 / 3.0), (3, 1 / 3.0)], Of(new() { TopK = 3, TopP = 0.8 }));
        Assert.Equal(4, Of(new() { TopP = 1 }).Count);
    }

    [Fact]
    public void RepetitionPenalty_MakesWhatIsThereLessLikely_WhateverItsSign()
    {
        var choice = new TokenChoice(new() { RepetitionPenalty = 2 }, []);
        var weights = new[] { Math.Exp(1), Math.Exp(-2), 1.0 };
        Near([.. weights.Select((weight, token) => (token, weight / weights.Sum()))], choice.Distribution([2, -1, 0], [0, 1]));
    }

    [Fact]
    public void WhatIsNeverWritten_HasNoProbability() => Near([(0, 0.25), (1, 0), (2, 0.25), (3, 0.5)], new TokenChoice(new(), [1]).Distribution(outputs, []));

    [Fact]
    public void Draws_AreAsFrequentAsTheDistributionSays()
    {
        var choice = new TokenChoice(new() { TopK = 3 }, []);
        var dice = new SeededRandom(1);
        var counts = new int[4];
        for (var i = 0; i < 20_000; i++)
            counts[choice.Next(outputs, [], dice)]++;
        Assert.Equal(0, counts[2]);
        foreach (var (token, probability) in Of(new() { TopK = 3 }))
            Assert.InRange(counts[token] / 20_000.0, probability - 0.015, probability + 0.015);
    }

    [Fact]
    public void OutputsThatAreNoNumbers_AreAnError() => Assert.Contains("no number", Assert.Throws<InvalidOperationException>(() => new TokenChoice(new(), []).Next([1, float.NaN], [], new SeededRandom(1))).Message);

    private static IReadOnlyList<(int Token, double Probability)> Of(GenerationOptions options) => new TokenChoice(options, []).Distribution(outputs, []);

    private static void Near((int, double)[] expected, IReadOnlyList<(int Token, double Probability)> actual)
    {
        Assert.Equal(expected.Select(item => item.Item1), actual.Select(item => item.Token));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Item2, pair.Second.Probability, 1e-6));
    }
}
