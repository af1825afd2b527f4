namespace MLNet.DeepExtensions.Tests.Torch.Search;

public sealed class SearchDiceTests
{
    private static List<T> Draw<T>(int count, Func<SearchDice, T> draw, int seed = 1) => [.. Enumerable.Range(1, count).Select(number => draw(new SearchDice(seed, number)))];

    [Fact]
    public void AValue_DependsOnSeedNumberAndNameAlone()
    {
        var alone = new SearchDice(3, 5).LogUniform("rate", 1e-4, 1);
        var dice = new SearchDice(3, 5);
        dice.Integer("width", 1, 9);
        Assert.Equal(alone, dice.LogUniform("rate", 1e-4, 1));
        Assert.NotEqual(alone, new SearchDice(3, 6).LogUniform("rate", 1e-4, 1));
        Assert.NotEqual(alone, new SearchDice(4, 5).LogUniform("rate", 1e-4, 1));
        Assert.NotEqual(alone, new SearchDice(3, 5).LogUniform("decay", 1e-4, 1));
        // on every machine and in every version
        Assert.Equal(PinnedRate, alone, 1e-12);
    }

    private const double PinnedRate = 0.15748462407353558;

    [Fact]
    public void Uniform_IsEvenBetweenItsLimits()
    {
        var values = Draw(4000, dice => dice.Uniform("x", -2, 6));
        Assert.All(values, value => Assert.InRange(value, -2, 6));
        Assert.InRange(values.Average(), 1.85, 2.15);
        Assert.InRange(values.Count(value => value < 0) / 4000.0, 0.23, 0.27);
    }

    [Fact]
    public void LogUniform_IsEvenInOrdersOfMagnitude()
    {
        var values = Draw(4000, dice => dice.LogUniform("x", 1e-4, 1));
        Assert.All(values, value => Assert.InRange(value, 1e-4, 1));
        Assert.InRange(values.Count(value => value < 1e-3) / 4000.0, 0.23, 0.27);
        Assert.InRange(values.Count(value => value < 1e-2) / 4000.0, 0.48, 0.52);
    }

    [Fact]
    public void Integer_ReachesBothEndsAsOften()
    {
        var counts = Draw(4000, dice => dice.Integer("x", -1, 2)).CountBy(value => value).ToDictionary();
        Assert.Equal([-1, 0, 1, 2], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 900, 1100));
        // no overflow
        Assert.All(Draw(100, dice => dice.Integer("x", int.MinValue, int.MaxValue)).GroupBy(value => value > 0), side => Assert.InRange(side.Count(), 30, 70));
    }

    [Fact]
    public void Choice_TakesEachAsOften()
    {
        var counts = Draw(3000, dice => dice.Choice("x", "a", "b", "c")).CountBy(value => value).ToDictionary();
        Assert.Equal(3, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 900, 1100));
    }

    [Fact]
    public void Drawn_IsWrittenForPeople()
    {
        var dice = new SearchDice(1, 1);
        dice.Choice<OptimizerConfig>("optimizer", new AdamW());
        dice.Choice<OptimizerConfig>("like", new Adam { LearningRate = 1 }, new Adam { LearningRate = 2 });
        dice.Choice<IReadOnlyList<int>>("layers", [64, 32]);
        dice.Choice<string?>("nothing", (string?)null);
        dice.Choice("flag", true);
        Assert.Equal(["AdamW", dice.Drawn[1].Text, "[64, 32]", "none", "True"], dice.Drawn.Select(parameter => parameter.Text));
        Assert.Contains(dice.Drawn[1].Text, new[] { "Adam #1", "Adam #2" });
        Assert.Equal("3.14e-4", TrialParameter.Write(3.1415e-4));
        Assert.Equal("0.00123", TrialParameter.Write(0.0012345));
        Assert.Equal("1234.6", TrialParameter.Write(1234.56));
    }

    [Fact]
    public void MistakesSayWhatToWrite()
    {
        var dice = new SearchDice(1, 1);
        dice.Uniform("x", 0, 1);
        Assert.Contains("'x' is drawn twice", Assert.Throws<ArgumentException>(() => dice.Integer("x", 0, 1)).Message);
        Assert.Contains("'y' is to be drawn from 2 to 1", Assert.Throws<ArgumentException>(() => dice.Uniform("y", 2, 1)).Message);
        Assert.Contains("must be above 0", Assert.Throws<ArgumentOutOfRangeException>(() => dice.LogUniform("y", 0, 1)).Message);
        Assert.Contains("'y' has no options", Assert.Throws<ArgumentException>(() => dice.Choice<int>("y")).Message);
    }
}
