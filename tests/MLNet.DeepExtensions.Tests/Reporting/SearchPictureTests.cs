using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public class SearchPictureTests
{
    // in points, without a title: the curves' panel, then the axes'
    private static readonly SKRect curves = SKRect.Create(24, 68, 520, 400), axes = SKRect.Create(580, 68, 480, 400);

    private static SearchResult<int> Result(SearchObjective objective, params Trial<int>[] trials) =>
        new(objective, trials, trials.Aggregate((best, trial) => objective.IsBetter(trial.Score, best.Score) ? trial : best), null!, isCancelled: false, TimeSpan.FromSeconds(9));

    private static Trial<int> Trial(int number, double score, int epochs, bool drawn = true)
    {
        var dice = new SearchDice(7, number);
        if (drawn)
        {
            dice.LogUniform("learning rate", 1e-4, 1);
            dice.Choice("a rather long name of a choice", "first", "second one of them", "third");
            dice.Integer("width", 8, 64);
        }
        return new Trial<int>
        {
            Number = number, Candidate = number, Parameters = dice.Drawn, Epochs = epochs, Score = score, Error = double.IsNaN(score) ? new TrainingDivergedException(1, 1, 1, score) : null,
            History = double.IsNaN(score) ? null : new TrainingHistory
            {
                BestEpoch = epochs,
                Epochs = [.. Enumerable.Range(1, epochs).Select(epoch => new EpochReport
                {
                    Epoch = epoch, Epochs = epochs, Step = epoch, LearningRate = 1, Rows = 1, Duration = TimeSpan.Zero, Train = new Dictionary<string, double>(),
                    Validation = new Dictionary<string, double> { ["loss"] = score * (1 + 1.0 / epoch - 1.0 / epochs) },
                })],
            },
        };
    }

    private static SearchResult<int> Losses(bool failure = false) => Result(SearchObjective.Lowest("loss"),
        [.. Enumerable.Range(1, 9).Select(i => Trial(i, i * 0.1, 2)), Trial(1, 0.08, 6), Trial(2, 0.17, 6), Trial(10, failure ? double.NaN : 1, 2)]);

    [Fact]
    public void TheBest_IsVermilionInBothPanels_AndTheOthersAreBlue()
    {
        var picture = Rendered.By(path => Losses().SavePicture(path));
        foreach (var panel in new[] { curves, axes })
        {
            Assert.True(picture.Count(panel, Rendered.Is(Ink.Vermilion)) > 300);
            Assert.True(picture.Count(panel, Rendered.Is(SearchLines.Shade(1))) > 100);
            Assert.True(picture.Count(panel, Rendered.Is(SearchLines.Shade(0))) > 100);
        }
    }

    [Fact]
    public void WhatFailed_EndsBelowTheScale()
    {
        var below = SKRect.Create(axes.Left, axes.Bottom - 36, axes.Width, 30);
        Assert.Equal(0, Rendered.By(path => Losses().SavePicture(path)).Count(below, Rendered.Is(Ink.Nothing)));
        var picture = Rendered.By(path => Losses(failure: true).SavePicture(path));
        Assert.True(picture.Count(below, Rendered.Is(Ink.Nothing)) > 10);
        Assert.Contains("1 failed", new SearchScoresPanel(Lines(Losses(failure: true))).Note());
    }

    [Fact]
    public void Note_SaysTheBestScoreItsEpochAndHowMany() => Assert.Equal("0.08 in epoch 6; 12 trials of 10 candidates", new SearchScoresPanel(Lines(Losses())).Note());

    [Fact]
    public void OneTerribleScore_DoesNotSqueezeTheOthers()
    {
        var lines = Lines(Result(SearchObjective.Lowest("loss"), [.. Enumerable.Range(1, 9).Select(i => Trial(i, i * 0.1, 2)), Trial(10, 1e9, 2)]));
        Assert.InRange(lines.High, 0.8, 3);
        Assert.True(lines.IsCut);
        var higher = Lines(Result(SearchObjective.Highest("r2", _ => 0), [.. Enumerable.Range(1, 9).Select(i => Trial(i, i * 0.1, 2)), Trial(10, -1e9, 2)]));
        Assert.InRange(higher.Low, -2, 0.1);
        Assert.False(Lines(Losses()).IsCut);
    }

    [Fact]
    public void AFunctionsScores_StandOverTheTrials_AlsoOneAlone()
    {
        var few = Result(SearchObjective.Highest("f1", _ => 0), Trial(1, 0.5, 3), Trial(2, 0.7, 3), Trial(3, 0.6, 3));
        Assert.True(Rendered.By(path => few.SavePicture(path, "Three")).Count(curves, Rendered.Is(Ink.Vermilion)) > 50);
        var one = Result(SearchObjective.Highest("f1", _ => 0), Trial(1, 0.5, 3, drawn: false));
        Assert.True(Rendered.By(path => one.SavePicture(path)).Count(curves, Rendered.Is(Ink.Vermilion)) > 50);
        Assert.Equal("0.5; 1 trial of 1 candidate", new SearchScoresPanel(Lines(one)).Note());
    }

    private static SearchLines Lines(SearchResult<int> result) => new(result.Trials, result.Best, result.Objective);
}
