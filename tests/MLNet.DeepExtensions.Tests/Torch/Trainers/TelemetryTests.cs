using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class TelemetryTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Fit_IsAnActivity_WithOneForEachEpochInIt()
    {
        using var heard = new Heard();
        using var model = Fit();
        var fit = Assert.Single(heard.Activities, activity => activity.OperationName == DeepTelemetry.FitActivity);
        Assert.Equal(("Mlp", "cpu", 2), (fit.GetTagItem(DeepTelemetry.ModelTag), fit.GetTagItem(DeepTelemetry.DeviceTag), fit.GetTagItem(DeepTelemetry.EpochsTag)));
        var epochs = heard.Activities.Where(activity => activity.OperationName == DeepTelemetry.EpochActivity).ToList();
        Assert.Equal([1, 2], epochs.Select(epoch => epoch.GetTagItem(DeepTelemetry.EpochTag)));
        Assert.All(epochs, epoch => Assert.Equal(fit.SpanId, epoch.ParentSpanId));
        Assert.Equal(model.History.Epochs[1].Validation!["loss"], epochs[1].GetTagItem("mlnet.deep.validation.loss"));
        Assert.Equal(48L, epochs[1].GetTagItem(DeepTelemetry.RowsTag));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void FitThatFails_SaysSo_AndNoActivityStaysOpen()
    {
        using var heard = new Heard();
        Assert.Throws<InvalidTimeZoneException>(() => Fit(new Fail()));
        var fit = Assert.Single(heard.Activities, activity => activity.OperationName == DeepTelemetry.FitActivity);
        Assert.Equal((ActivityStatusCode.Error, "System.InvalidTimeZoneException"), (fit.Status, fit.GetTagItem("error.type")));
        Assert.Single(heard.Activities, activity => activity.OperationName == DeepTelemetry.EpochActivity);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Instruments_CountRowsStepsAndTime_InTheUnitsThatTheyState()
    {
        using var heard = new Heard();
        using var model = Fit();
        // 48 rows in batches of 16, twice
        Assert.Equal(96, heard.Sum(DeepTelemetry.TrainingRows));
        Assert.Equal(6, heard.Sum(DeepTelemetry.TrainingSteps));
        Assert.Equal(6, heard.Of(DeepTelemetry.StepDuration).Count);
        Assert.InRange(heard.Sum(DeepTelemetry.StepDuration), 1e-6, model.History.Epochs.Sum(epoch => epoch.Duration.TotalSeconds));
        Assert.Equal(model.History.Epochs[1].Train["loss"], heard.Of(DeepTelemetry.TrainingLoss)[^1]);
        Assert.Equal(model.History.Epochs.Select(epoch => epoch.Validation!["loss"]), heard.Of(DeepTelemetry.ValidationLoss));
        Assert.Equal(0.02, heard.Of(DeepTelemetry.LearningRate)[^1]);
        Assert.Equal(("{row}", "{step}", "s", "1"), (heard.Unit(DeepTelemetry.TrainingRows), heard.Unit(DeepTelemetry.TrainingSteps), heard.Unit(DeepTelemetry.StepDuration), heard.Unit(DeepTelemetry.TrainingLoss)));
    }

    [Fact]
    public void Transform_IsAnActivity_ThatDoesNotBecomeTheCallersOwn()
    {
        using var model = Fit();
        var data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(ml, 60)).Transform(Blobs.View(ml, 60));
        using var heard = new Heard();
        using (var own = new Activity("own").Start())
        {
            var view = model.Transform(data);
            using (var cursor = view.GetRowCursor(view.Schema))
                while (cursor.MoveNext())
                    Assert.Same(own, Activity.Current);
            var transform = Assert.Single(heard.Activities);
            Assert.Equal((DeepTelemetry.TransformActivity, 60L, own.SpanId), (transform.OperationName, transform.GetTagItem(DeepTelemetry.RowsTag), transform.ParentSpanId));
        }
        Assert.Equal(60, heard.Sum(DeepTelemetry.ScoringRows));
        Assert.NotEmpty(heard.Of(DeepTelemetry.ScoringDuration));
        var engine = ml.Model.CreatePredictionEngine<Keyed, Blobs.Answer>(model, ignoreMissingColumns: true);
        engine.Predict(new Keyed { Features = [1, 0, 0, 0] });
        Assert.Equal(61, heard.Sum(DeepTelemetry.ScoringRows));
    }

    [Fact]
    public void CursorThatIsDisposedLater_LeavesTheCallersActivityAlone()
    {
        using var model = Fit();
        var data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(ml, 60)).Transform(Blobs.View(ml, 60));
        using var heard = new Heard();
        var view = model.Transform(data);
        var cursor = view.GetRowCursor(view.Schema);
        using var before = new Activity("before").Start();
        cursor.MoveNext();
        using var other = new Activity("other").Start();
        cursor.Dispose();
        Assert.Same(other, Activity.Current);
        Assert.Equal(before.SpanId, Assert.Single(heard.Activities).ParentSpanId);
    }

    [Fact]
    public void WhereNobodyListens_AStepAllocatesNothing()
    {
        var (state, _) = Training.SmallRuns.Prepare(epochs: 1);
        using var telemetry = new ReportTelemetry();
        telemetry.OnTrainBegin(state);
        telemetry.OnEpochBegin(state);
        telemetry.OnBatchEnd(state);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            telemetry.OnBatchEnd(state);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Listening_ChangesNoBit()
    {
        byte[] Weights()
        {
            using var model = Fit();
            return [.. model.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
        }
        var expected = Weights();
        using var heard = new Heard();
        Assert.Equal(expected, Weights());
    }

    private DeepTransformer Fit(params Callback[] callbacks) =>
        Blobs.Pipeline(ml, Blobs.Options with { Epochs = 2, ValidationFraction = 0.2, Callbacks = callbacks }).Fit(Blobs.View(ml, 60)).LastTransformer;

    private sealed class Keyed
    {
        [VectorType(Blobs.Width)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Fail : Callback
    {
        public override void OnBatchEnd(TrainingState state) => throw new InvalidTimeZoneException();
    }

    private sealed class Heard : IDisposable
    {
        private readonly ActivityListener activities;
        private readonly MeterListener meters = new();
        private readonly List<(Instrument Instrument, double Value)> measured = [];

        public Heard()
        {
            activities = new ActivityListener
            {
                ShouldListenTo = source => source.Name == DeepTelemetry.Name, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Activities.Add,
            };
            ActivitySource.AddActivityListener(activities);
            meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == DeepTelemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            };
            meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.Add((instrument, value)));
            meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured.Add((instrument, value)));
            meters.Start();
        }

        public List<Activity> Activities { get; } = [];

        public List<double> Of(string name) => [.. measured.Where(item => item.Instrument.Name == name).Select(item => item.Value)];

        public double Sum(string name) => Of(name).Sum();

        public string? Unit(string name) => measured.First(item => item.Instrument.Name == name).Instrument.Unit;

        public void Dispose()
        {
            activities.Dispose();
            meters.Dispose();
        }
    }
}
