using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

[Collection(nameof(Alone))]
public class HostingTests(Served served) : IClassFixture<Served>
{
    [Fact]
    public async Task Shutdown_AnswersAllThatWasAsked_AndRefusesWhatComesLater()
    {
        var application = await served.StartAsync(options => options.MaxBatchSize = 4);
        using var client = Served.Client(application);
        var predictions = Served.Predictions(application);
        var before = Behave.Scored;
        // a request that is still on its way when the server stops is nobody's; these have all arrived
        var arrived = 0;
        using var requests = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Name == "http.server.active_requests") listener.EnableMeasurementEvents(instrument); } };
        requests.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref arrived, (int)Math.Max(0, change)));
        requests.Start();
        var asked = Enumerable.Range(0, 20).Select(number => Served.AskAsync(client, Served.Row(number, delay: 20))).ToList();
        var called = Enumerable.Range(100, 20).Select(number => predictions.PredictAsync(Served.Row(number, delay: 20))).ToList();
        await BatchingTests.WaitUntil(() => Volatile.Read(ref arrived) >= 20 && Behave.Scored > before);
        Assert.True(predictions.QueuedRows > 0);
        await application.StopAsync();
        Assert.All(await Task.WhenAll(asked), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(Enumerable.Range(100, 20), (await Task.WhenAll(called)).Select(answer => answer.Echo));
        Assert.Equal(PredictionRefusal.Stopping, (await Assert.ThrowsAsync<PredictionRefusedException>(() => predictions.PredictAsync(Served.Row(0)))).Reason);
        await application.DisposeAsync();
    }

    [Fact]
    public async Task ShutdownThatMayTakeNoLonger_RefusesWhatIsLeft()
    {
        var application = await served.StartAsync(options => options.MaxBatchSize = 1);
        var predictions = Served.Predictions(application);
        var called = Enumerable.Range(0, 10).Select(number => predictions.PredictAsync(Served.Row(number, delay: 200))).ToList();
        using var patience = new CancellationTokenSource(300);
        await predictions.StopAsync(patience.Token);
        Assert.Equal(0, (await called[0]).Echo);
        Assert.Equal(PredictionRefusal.Stopping, (await Assert.ThrowsAsync<PredictionRefusedException>(() => called[9])).Reason);
        await application.DisposeAsync();
    }

    [Theory]
    [InlineData("MaxBatchSize", "options.MaxBatchSize = 64")]
    [InlineData("MaxWait", "options.MaxWait = TimeSpan.FromMilliseconds(2)")]
    [InlineData("QueueLimit", "options.QueueLimit = 1024")]
    [InlineData("Deadline", "options.Deadline = TimeSpan.FromSeconds(10)")]
    [InlineData("CanaryCheck", "options.Canary =")]
    public async Task OptionOutOfRange_StopsTheStart_AndSaysWhatToWrite(string option, string advice)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => Served.RunAsync(builder => builder.Services.AddDeepPredictions<Asked, Told>(options =>
        {
            switch (option)
            {
                case "MaxBatchSize": options.MaxBatchSize = 0; break;
                case "MaxWait": options.MaxWait = TimeSpan.FromMinutes(1); break;
                case "QueueLimit": options.QueueLimit = -1; break;
                case "Deadline": options.Deadline = TimeSpan.Zero; break;
                default: options.CanaryCheck = _ => true; break;
            }
        }).FromFile(served.First), _ => { }));
        Assert.Contains(option, failure.Message);
        Assert.Contains(advice, failure.Message);
    }

    [Fact]
    public async Task SourceThatIsMissing_StopsTheStart_AndSaysWhatToWrite()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => Served.RunAsync(builder => builder.Services.AddDeepPredictions<Asked, Told>(), _ => { }));
        Assert.Contains(".FromFile(\"model.zip\")", failure.Message);
    }

    [Fact]
    public async Task CanaryThatTheModelCannotScore_StopsTheStart()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => served.StartAsync(options => options.Canary = Served.Row(0, breaks: true)));
        Assert.Contains("canary", failure.Message);
    }

    [Fact]
    public async Task Health_IsAskedOverHttp_AndScoresTheCanary()
    {
        await using var application = await Served.RunAsync(builder =>
        {
            builder.Services.AddDeepPredictions(Served.With()).FromFile(served.First);
            builder.Services.AddHealthChecks().AddDeepPredictions<Asked, Told>(tags: ["ready"]);
        }, application => application.MapHealthChecks("/health"));
        using var client = Served.Client(application);
        var before = Behave.Scored;
        Assert.Equal("Healthy", await client.GetStringAsync("/health"));
        Assert.Equal(before + 1, Behave.Scored);
        var report = await application.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(registration => registration.Tags.Contains("ready"));
        Assert.Equal(Served.Predictions(application).Model!.Version, report.Entries["predictions-Asked"].Data["version"]);
    }

    [Fact]
    public async Task InstrumentsAndActivities_TellWhatHappened_AndNothingOfTheRows()
    {
        var measured = new ConcurrentBag<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == DeepTelemetry.Name && instrument.Name.StartsWith("mlnet.deep.serving", StringComparison.Ordinal))
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add((instrument.Name, value, new(tags.ToArray()))));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Add((instrument.Name, value, new(tags.ToArray()))));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => measured.Add((instrument.Name, value, new(tags.ToArray()))));
        listener.Start();
        var activities = new ConcurrentBag<Activity>();
        using var activityListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == DeepTelemetry.Name, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData, ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(activityListener);
        var log = new ConcurrentBag<string>();
        await using (var application = await Served.RunAsync(builder =>
        {
            builder.Services.AddDeepPredictions("metered", Served.With(options => options.QueueLimit = 1)).FromFile(served.First);
            builder.Logging.AddProvider(new Collector(log)).SetMinimumLevel(LogLevel.Trace);
        }, application => application.MapDeepPredictions<Asked, Told>("/predict", "metered")))
        {
            using var client = Served.Client(application);
            Assert.Equal(HttpStatusCode.OK, (await Served.AskAsync(client, new Asked { Text = "payload", Number = 4242 })).StatusCode);
            Assert.Equal(422, (int)(await Served.AskAsync(client, new Asked { Text = "payload", Breaks = true })).StatusCode);
            var predictions = application.Services.GetRequiredKeyedService<DeepPredictions<Asked, Told>>("metered");
            var before = Behave.Scored;
            var first = predictions.PredictAsync(Served.Row(0, delay: 200));
            await BatchingTests.WaitUntil(() => Behave.Scored > before);
            var second = predictions.PredictAsync(Served.Row(1));
            await Assert.ThrowsAsync<PredictionRefusedException>(() => predictions.PredictAsync(Served.Row(2)));
            await Task.WhenAll(first, second);
            await BatchingTests.WaitUntil(() => Of(DeepServing.BatchDuration).Count() == 4);
            listener.RecordObservableInstruments();
        }
        Assert.Equal(3, Of(DeepServing.Duration).Count(item => Equals(item.Tags[DeepServing.OutcomeTag], "answered")));
        Assert.Single(Of(DeepServing.Duration), item => Equals(item.Tags[DeepServing.OutcomeTag], "failed"));
        Assert.Single(Of(DeepServing.Duration), item => Equals(item.Tags[DeepServing.OutcomeTag], "refused"));
        Assert.Equal("QueueFull", Assert.Single(Of(DeepServing.Rejected)).Tags[DeepServing.ReasonTag]);
        Assert.Single(Of(DeepServing.Failed));
        Assert.Equal(4, Of(DeepServing.QueueDuration).Count());
        Assert.All(Of(DeepServing.BatchSize), item => Assert.Equal(1, item.Value));
        Assert.Equal("accepted", Assert.Single(Of(DeepServing.Reloads)).Tags[DeepServing.OutcomeTag]);
        Assert.InRange(Assert.Single(Of(DeepServing.ModelAge)).Value, 0, 60);
        Assert.Equal(0, Assert.Single(Of(DeepServing.QueuedRows)).Value);

        var predicts = activities.Where(activity => activity.OperationName == DeepServing.PredictActivity && Equals(activity.GetTagItem(DeepServing.NameTag), "metered")).ToList();
        var batches = activities.Where(activity => activity.OperationName == DeepServing.BatchActivity && Equals(activity.GetTagItem(DeepServing.NameTag), "metered")).ToList();
        Assert.Equal(5, predicts.Count);
        Assert.Equal(4, batches.Count);
        Assert.All(batches, batch => Assert.Contains(batch.Links.Single().Context.SpanId, predicts.Select(predict => predict.SpanId)));
        Assert.Contains(log, line => line.Contains("serves 'metered'", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Contains("payload", StringComparison.Ordinal) || line.Contains("4242", StringComparison.Ordinal) || line.Contains("secret", StringComparison.Ordinal));

        IEnumerable<(string Name, double Value, Dictionary<string, object?> Tags)> Of(string name) => measured.Where(item => item.Name == name && Equals(item.Tags[DeepServing.NameTag], "metered"));
    }

    private sealed class Collector(ConcurrentBag<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Add(formatter(state, exception) + exception);

        public void Dispose() { }
    }
}
