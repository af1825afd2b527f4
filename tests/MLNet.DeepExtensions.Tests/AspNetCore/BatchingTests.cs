using Microsoft.Extensions.DependencyInjection;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

[Collection(nameof(Alone))]
public class BatchingTests(Served served) : IClassFixture<Served>
{
    [Fact]
    public async Task ManyCallers_ShareBatches_AndEachGetsItsOwnAnswer()
    {
        await using var application = await served.StartAsync();
        var predictions = Served.Predictions(application);
        var rows = Enumerable.Range(0, 500).Select(number => Served.Row(number)).ToList();
        var expected = Served.Scores(served.First, rows);
        // the first one keeps the worker busy, so that the others come together
        var first = predictions.PredictAsync(Served.Row(0, delay: 100));
        var answers = await Task.WhenAll(rows.Select(row => Task.Run(() => predictions.PredictDetailedAsync(row))));
        await first;
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows[i].Number, answers[i].Answer.Echo);
            Assert.Equal(expected[i], answers[i].Answer.Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        }
        Assert.Contains(answers, answer => answer.BatchSize == 64);
        Assert.All(answers, answer => Assert.InRange(answer.BatchSize, 1, 64));
        Assert.Equal(predictions.Model, answers[0].Model);
    }

    [Fact]
    public async Task RowThatFails_FailsAlone()
    {
        await using var application = await served.StartAsync(options => options.Deadline = TimeSpan.FromMinutes(1));
        var predictions = Served.Predictions(application);
        for (var round = 0; round < 3; round++)
        {
            var first = predictions.PredictAsync(Served.Row(0, delay: 100));
            var asked = Enumerable.Range(1, 60).Select(number => (Number: number, Answer: predictions.PredictDetailedAsync(Served.Row(number, breaks: number is 7 or 8 or 59)))).ToList();
            await first;
            var shared = 0;
            foreach (var (number, answer) in asked)
                if (number is 7 or 8 or 59)
                {
                    var failure = await Assert.ThrowsAsync<UnfitRowException>(() => answer);
                    Assert.DoesNotContain("secret", failure.Message);
                }
                else
                {
                    Assert.Equal(number, (await answer).Answer.Echo);
                    shared = Math.Max(shared, (await answer).BatchSize);
                }
            Assert.True(shared > 30, $"The rows did not meet in one batch: at most {shared} did.");
        }
    }

    [Fact]
    public async Task CallerWhoLeaves_IsNotScored()
    {
        await using var application = await served.StartAsync();
        var predictions = Served.Predictions(application);
        using var leaving = new CancellationTokenSource();
        var before = Behave.Scored;
        var first = predictions.PredictAsync(Served.Row(0, delay: 300));
        await WaitUntil(() => Behave.Scored > before);
        var left = predictions.PredictAsync(Served.Row(1), leaving.Token);
        var stays = predictions.PredictAsync(Served.Row(2));
        Assert.Equal(2, predictions.QueuedRows);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, predictions.QueuedRows);
        Assert.Equal(0, (await first).Echo);
        Assert.Equal(2, (await stays).Echo);
        Assert.Equal(2, Behave.Scored - before);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => predictions.PredictAsync(Served.Row(3), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task DeadlineThatPasses_EndsTheWait_WhileQueuedAndWhileScored()
    {
        await using var application = await served.StartAsync(options => options.Deadline = TimeSpan.FromMilliseconds(200));
        var predictions = Served.Predictions(application);
        var before = Behave.Scored;
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var scoring = predictions.PredictAsync(Served.Row(0, delay: 1500));
        await WaitUntil(() => Behave.Scored > before);
        var queued = predictions.PredictAsync(Served.Row(1));
        foreach (var late in new[] { scoring, queued })
        {
            var refused = await Assert.ThrowsAsync<PredictionRefusedException>(() => late);
            Assert.Equal(PredictionRefusal.DeadlineExceeded, refused.Reason);
        }
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 190, 1200);
        // it goes on, and the row whose time was up was never scored
        await WaitUntil(() => predictions.PredictAsync(Served.Row(2)) is var next && Task.WhenAny(next, Task.Delay(300)).GetAwaiter().GetResult() == next && next.IsCompletedSuccessfully);
        Assert.Equal(0, predictions.QueuedRows);
    }

    [Fact]
    public async Task QueueThatIsFull_RefusesAtOnce()
    {
        await using var application = await served.StartAsync(options => (options.QueueLimit, options.MaxBatchSize) = (3, 2));
        var predictions = Served.Predictions(application);
        var before = Behave.Scored;
        var first = predictions.PredictAsync(Served.Row(0, delay: 300));
        await WaitUntil(() => Behave.Scored > before);
        var waiting = Enumerable.Range(1, 3).Select(number => predictions.PredictAsync(Served.Row(number))).ToList();
        var refused = await Assert.ThrowsAsync<PredictionRefusedException>(() => predictions.PredictAsync(Served.Row(4)));
        Assert.Equal(PredictionRefusal.QueueFull, refused.Reason);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal([1, 2, 3], (await Task.WhenAll(waiting)).Select(answer => answer.Echo));
        await first;
    }

    [Fact]
    public async Task LimitsOfTexts_AreCheckedBeforeTheRowIsQueued()
    {
        await using var application = await served.StartAsync(options =>
        {
            options.MaxTextLength = 10;
            options.CheckRow = row => row.Number == 13 ? "Number must not be 13." : null;
        });
        var predictions = Served.Predictions(application);
        var before = Behave.Scored;
        Assert.Contains("11 characters", (await Assert.ThrowsAsync<UnfitRowException>(() => predictions.PredictAsync(new Asked { Text = "01234567890" }))).Message);
        Assert.Contains("must hold 4 values, but holds 3", (await Assert.ThrowsAsync<UnfitRowException>(() => predictions.PredictAsync(new Asked { Features = [1, 2, 3] }))).Message);
        Assert.Equal("Number must not be 13.", (await Assert.ThrowsAsync<UnfitRowException>(() => predictions.PredictAsync(Served.Row(13)))).Message);
        Assert.Equal(before, Behave.Scored);
        Assert.Equal(12, (await predictions.PredictAsync(Served.Row(12))).Echo);
    }

    [Fact]
    public async Task TokensBeyondTheLimit_AreRefused_AsTheModelCountsThem()
    {
        var path = served.PathOf("texts.zip");
        PredictionPoolTests.SaveTexts(path);
        await using var application = await Served.RunAsync(builder =>
            builder.Services.AddDeepPredictions<PredictionPoolTests.Sentence, PredictionPoolTests.Scored>(options => options.MaxTokens = 6).FromFile(path), _ => { });
        var predictions = application.Services.GetRequiredService<DeepPredictions<PredictionPoolTests.Sentence, PredictionPoolTests.Scored>>();
        Assert.Equal(2, (await predictions.PredictAsync(new PredictionPoolTests.Sentence { Text = "good food" })).Score.Length);
        Assert.Contains("at most 6 are taken", (await Assert.ThrowsAsync<UnfitRowException>(() => predictions.PredictAsync(new PredictionPoolTests.Sentence { Text = "good food good food good food good food" }))).Message);
    }

    [Fact]
    public async Task SeveralWorkers_ScoreAtOnce()
    {
        await using var application = await served.StartAsync(options => (options.Workers, options.MaxBatchSize) = (3, 1));
        var predictions = Served.Predictions(application);
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(number => predictions.PredictAsync(Served.Row(number, delay: 500))));
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 490, 1400);
    }

    [Fact]
    public async Task NamedModels_ServeBesideEachOther()
    {
        await using var application = await Served.RunAsync(builder =>
        {
            builder.Services.AddDeepPredictions("one", Served.With()).FromFile(served.First);
            builder.Services.AddDeepPredictions("two", Served.With(options => options.MaxBatchSize = 1)).FromFile(served.Second);
        }, _ => { });
        var (one, two) = (application.Services.GetRequiredKeyedService<DeepPredictions<Asked, Told>>("one"), application.Services.GetRequiredKeyedService<DeepPredictions<Asked, Told>>("two"));
        var row = Served.Row(5);
        Assert.Equal(Served.Scores(served.First, [row])[0], (await one.PredictAsync(row)).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        Assert.Equal(Served.Scores(served.Second, [row])[0], (await two.PredictAsync(row)).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        Assert.Equal(("one", "two"), (one.Name, two.Name));
        Assert.NotEqual(one.Model!.Version, two.Model!.Version);
    }

    internal static async Task WaitUntil(Func<bool> condition, int seconds = 20)
    {
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds, "It did not come about.");
            await Task.Delay(5);
        }
    }
}
