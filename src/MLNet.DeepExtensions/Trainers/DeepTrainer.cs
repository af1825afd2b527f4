using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;
using MLNet.DeepExtensions.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Trains a deep network as a step of an ML.NET pipeline. Made by <c>mlContext.MulticlassClassification.Trainers.Deep(…)</c>.
/// Rows are read once and kept in memory in their own element type; those that are too many for that are read again in each epoch.
/// </summary>
public sealed partial class DeepTrainer : ITrainerEstimator<DeepTransformer, DeepModel>
{
    private readonly IHost host;
    private readonly DeepTask task;
    private readonly ModelConfig model;
    private readonly DeepTrainerOptions options;
    private readonly ExampleSource columns;

    internal DeepTrainer(IHostEnvironment environment, DeepTask task, ModelConfig model, DeepTrainerOptions options, ExampleSource columns)
    {
        Doors.Check();
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        columns.Check();
        ConfigValidation.Check(model, "model");
        ConfigValidation.Check(options, "options");
        DeviceChoice.Check(options.Device);
        (this.task, this.model, this.options, this.columns) = (task, model, options, columns);
        host = environment.Register(nameof(DeepTrainer));
    }

    /// <summary>Gets what stands beside rows that are nothing but choices; null where rows have labels.</summary>
    internal NegativeSampling? Negatives { get; init; }

    /// <inheritdoc/>
    public TrainerInfo Info { get; } = HostDoors.NewTrainerInfo();

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return columns.Promise(inputSchema, task, LossFor(task).Form, model);
    }

    /// <summary>Trains on all rows, or on all but <see cref="DeepTrainerOptions.ValidationFraction"/> of them.</summary>
    /// <param name="input">The training rows.</param>
    /// <returns>The trained network; dispose it when no longer needed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; the message says what to write.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    public DeepTransformer Fit(IDataView input) => new(Train(input, null));

    /// <summary>Trains on one set and validates on another after each epoch. In a pipeline, <c>pipeline.Fit(train, validation)</c> hands both on.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">The validation rows, which passed through the same fitted steps.</param>
    /// <returns>The trained network; dispose it when no longer needed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; the message says what to write.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    public DeepTransformer Fit(IDataView trainData, IDataView validationData)
    {
        ArgumentNullException.ThrowIfNull(validationData);
        return new DeepTransformer(Train(trainData, validationData));
    }

    internal DeepModel Train(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using var activity = DeepTelemetry.Source.StartActivity(DeepTelemetry.FitActivity);
        activity?.SetTag(DeepTelemetry.ModelTag, model.GetType().Name).SetTag(DeepTelemetry.EpochsTag, options.Epochs);
        try
        {
            return TrainObserved(trainData, validationData, activity);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message).SetTag("error.type", e.GetType().FullName);
            throw;
        }
    }

    private DeepModel TrainObserved(IDataView trainData, IDataView? validationData, Activity? activity)
    {
        var started = DateTimeOffset.Now;
        // the promise is checked first: it names what is wrong before anything is read
        GetOutputSchema(SchemaDoors.ShapeOf(trainData.Schema));
        using var channel = host.Start("Training");
        var (features, fitted) = columns.Bind(trainData, task, LossFor(task).Form, options, model);
        var lossConfig = LossFor(fitted);

        using var folder = options.Checkpoints is { } policy ? new CheckpointFolder(policy, message => HostDoors.Warn(channel, message)) : null;
        var clock = Stopwatch.StartNew();
        var missing = options.MissingFeatures ?? (model.TakesMissing ? MissingFeatures.Keep : MissingFeatures.Error);
        using var memory = new RowMemory(options.CacheBudget ?? FreeMemory.Bytes / 2, options.CacheFolder);
        var train = Read(trainData, "training");
        var validation = validationData is null ? null : Read(validationData, "validation");
        var ingest = clock.Elapsed;
        // a run that goes on without a seed of its own has that which it began with
        var seed = options.Seed ?? HostDoors.SeedOf(host) ?? folder?.SeedOfRun() ?? Random.Shared.Next();
        if (validation is null && options.ValidationFraction > 0)
            (train, validation) = train.Split(options.ValidationFraction, seed);
        HostDoors.Info(channel, $"Read {train.Rows:N0} training rows{(validation is null ? "" : $" and {validation.Rows:N0} validation rows")} in {ingest.TotalSeconds:0.00} s; " +
            $"{memory.Taken >> 20:N0} MB are kept in memory (CacheBudget {memory.Budget >> 20:N0} MB){(memory.OnDisk == 0 ? "" : $" and {memory.OnDisk >> 20:N0} MB in {options.CacheFolder}")}.");

        var device = DeviceChoice.ForTraining(host, options.Device, message => HostDoors.Warn(channel, message));
        HostDoors.Info(channel, $"Training on {device} with seed {seed}.");
        activity?.SetTag(DeepTelemetry.DeviceTag, device.ToString());
        using var generator = TorchGenerator.Seeded(seed);
        using var deterministic = Restrict(channel);
        var sampling = SamplingFor(fitted, lossConfig);
        using var trainRows = sampling is null ? train.Open(options.BatchSize, options.Shuffle ? seed : null, options.BucketByLength, device, memory.Budget / 2, host, channel)
            : train.Open(sampling, options.BatchSize, seed, device);
        using var validationRows = validation?.Open(options.BatchSize, null, options.BucketByLength, device, 0, host, channel);
        fitted = columns.Learn(fitted, train, trainRows, options.ScaleTargets ?? lossConfig.TakesScaledTargets);
        if (lossConfig.LearnsFromTargets)
        {
            lossConfig = lossConfig.Fit(train.CountTargets(fitted, trainRows));
            HostDoors.Info(channel, $"The loss is balanced over the training rows: {ConfigJson.Describe(lossConfig)}.");
        }
        var input = columns.Plan(trainData.Schema, features, options.Normalization, train, trainRows, fitted, seed);
        var network = model.LearnsFromRows ? model.Fit(RowMeasuring.Measure(input.Columns, trainRows, seed)) : model;
        using var items = Negatives is null ? null : new SeenItems(new PreparedBatches(trainRows, input.Columns), Negatives.UserColumns);
        IBatchSource Prepared(IBatchSource rows, bool isTraining)
        {
            var prepared = new PreparedBatches(rows, input.Columns, (fitted as RegressionTask)?.Scale, isTraining ? input.Augmentations : null);
            return items is null ? columns.Arrange(prepared, fitted, input.Columns, seed, isTraining) : new SampledBatches(prepared, Negatives!, items, seed, isFixed: !isTraining);
        }
        var settings = RunSettings.Describe(options, options.Loss is null ? null : lossConfig, network, fitted, input, sampling, seed, train.Rows, validation?.Rows, Negatives);
        TrainingRun Conditions() => new()
        {
            Started = started, Duration = clock.Elapsed, Seed = seed, TrainingRows = train.Rows, ValidationRows = validation?.Rows,
            Columns = RunConditions.Columns(trainData.Schema, columns), Settings = RunConditions.Settings(settings, options), Environment = RunConditions.Environment(device),
        };
        var trained = Run(channel, network, Prepared(trainRows, isTraining: true), validationRows is null ? null : Prepared(validationRows, isTraining: false), input, fitted, lossConfig, device, ingest, folder, settings, Conditions);
        train.Report(channel);
        validation?.Report(channel);
        return trained;

        TrainingSet Read(IDataView data, string name) => columns.Read(data, name, features, fitted, missing, options, memory, host, channel);
    }

    private DeepModel Run(IChannel channel, ModelConfig network, IBatchSource train, IBatchSource? validation, InputPlan plan, DeepTask fitted, LossConfig lossConfig, Device device, TimeSpan ingest,
        CheckpointFolder? folder, JsonNode settings, Func<TrainingRun> conditions)
    {
        nn.Module module;
        lock (TorchGenerator.Gate)                              // a model that is loaded meanwhile would take these draws back
            module = network.Build(NetworkColumn.ShapeOf(plan.Columns), fitted.OutputWidth);
        List<Metric> metrics = [];
        try
        {
            using var resume = folder?.Find(settings, options.Epochs);
            if (resume is null)
                foreach (var report in StartingWeights.Load(network, module, options.InitialWeights, (fitted as MulticlassTask)?.Labels?.Values))
                    HostDoors.Info(channel, report.ToString());
            using var adapter = options.Adapter is { } lora ? LoraBranches.Attach(lora, network, module) : null;
            if (adapter is not null)
                HostDoors.Info(channel, adapter.ToString());
            resume?.RestoreWeights(module);
            module = module.to(device);
            var isChannelsLast = ArithmeticChoice.PrefersChannelsLast(options.ChannelsLast, module, options.Precision, device);
            if (isChannelsLast)
                ChannelsLast.Apply(module);
            var frozen = new FrozenLayers(module, options.Freeze);
            if (adapter is not null)
                frozen.Renew();
            using var arithmetic = ArithmeticChoice.Find(options.Precision, device, message => HostDoors.Warn(channel, message));
            arithmetic.Clipping = new GradientClipping(options.ClipGradientNorm, options.ClipGradientValue);
            using var scope = NewDisposeScope();
            using var loss = lossConfig.Build(fitted.OutputWidth, device);
            using var optimizer = options.Optimizer.Build([.. module.named_parameters(), .. loss.Parameters.Select(item => ($"loss.{item.Name}", item.Parameter))],
                options.LayerDecay is { } decay ? LayerRates.For(network, decay) : null);
            if (optimizer.Slowdown is { } slowdown)
                HostDoors.Info(channel, slowdown);
            metrics = MetricsFor(fitted).Select(metric => metric.Build(fitted.OutputWidth, device))
                .Select(metric => fitted is RegressionTask numbers ? new PointMetric(metric, numbers, device) : metric).ToList();
            using var bestWeights = new BestWeights(options.BestWeightsMonitor ?? (fitted.Targets == TargetKind.Identity ? metrics.FirstOrDefault()?.Name : null));
            using var progress = new HostProgress(host, TimeProvider.System);
            using var telemetry = new ReportTelemetry();

            List<Callback> callbacks = [.. options.Callbacks, progress, telemetry];
            if (validation is not null && options.KeepBestWeights)
                callbacks.Insert(0, bestWeights);
            if (options.Schedule is { } schedule)
                callbacks.Insert(0, new FollowSchedule(schedule));
            if (options.Progress is { } reporter)
                callbacks.Add(new ReportEpochs(reporter));
            if (options.MaxSteps is not null || options.MaxTime is not null)
                callbacks.Add(new Limits(options.MaxSteps, options.MaxTime));
            using var write = folder is null ? null : new WriteCheckpoints(folder, options.Checkpoints!, settings, [.. callbacks], resume?.Run.Step ?? 0, message => HostDoors.Warn(channel, message));
            if (write is not null)
                callbacks = [write.AtStop(), .. callbacks, write];

            var state = new TrainingState(module, loss, optimizer, metrics, device, options.Epochs)
            {
                Arithmetic = arithmetic, Frozen = frozen, BatchesPerStep = options.BatchesPerStep, MaxSteps = options.MaxSteps, MaxTime = options.MaxTime,
            };
            CheckOutput(module, plan.Columns, fitted, device);
            columns.CheckNetwork(module, plan.Columns, device);
            using var heap = new HeapReuse();
            if (resume is { Run.Stopped: not null })
            {
                HostDoors.Info(channel, $"The run in '{options.Checkpoints!.Folder}' has finished: its model is taken from there.");
                state.GoTo(resume.Run.Epoch, 0, resume.Run.Step, resume.Run.BestEpoch, resume.Run.Epochs);
                if (resume.Run.Stopped is { } reason and not StopReason.Completed)
                    state.RequestStop(reason);
            }
            else
            {
                if (resume?.Run.Step >= options.MaxSteps)
                    state.RequestStop(StopReason.LimitReached); // before another step
                if (resume is not null)
                    HostDoors.Info(channel, $"Going on after step {resume.Run.Step:N0}, epoch {resume.Run.Epoch}, from '{options.Checkpoints!.Folder}'.");
                TrainingLoop.Run(state, train, validation, callbacks, resume, options.CancellationToken);
            }

            module.eval();
            if (isChannelsLast)
                ChannelsLast.Undo(module);
            AdapterWeights? trained = null;
            if (adapter is not null)
            {
                trained = adapter.Take();
                // the network as it would be without an adapter, and no trace of it
                var merged = adapter.Merge(() => network.Build(NetworkColumn.ShapeOf(plan.Columns), fitted.OutputWidth), device);
                module.Dispose();
                module = merged;
            }
            return new DeepModel(module, new SavedModel
            {
                Model = network, Inputs = plan.Columns, Task = fitted, ScoringBatchSize = options.ScoringBatchSize,
                History = new TrainingHistory { Epochs = state.History, Stopped = state.Stopping ?? StopReason.Completed, BestEpoch = state.BestEpoch, IngestTime = ingest, Run = conditions() },
            }, device)
            { Adapter = trained };
        }
        catch
        {
            module.Dispose();
            throw;
        }
        finally
        {
            foreach (var metric in metrics)
                metric.Dispose();
        }
    }

    private DeterministicAlgorithms? Restrict(IChannel channel)
    {
        if (options.Deterministic && !DeterministicAlgorithms.IsAvailable)
            HostDoors.Warn(channel, "Deterministic = true needs functions that the libtorch in use does not export under the names of libtorch 2.10 for Linux (TorchSharp 0.107): " +
                "nothing is restricted. On the CPU a run repeats to the bit all the same.");
        return options.Deterministic && DeterministicAlgorithms.IsAvailable ? new DeterministicAlgorithms() : null;
    }

    private LossConfig LossFor(DeepTask fitted)
    {
        var loss = options.Loss ?? fitted.Targets switch
        {
            TargetKind.ClassIndex => new CrossEntropy(),
            TargetKind.Probability => new BinaryCrossEntropy(),
            TargetKind.Value => new MeanSquaredError(),
            TargetKind.ClassPerStep => new CrossEntropy(),
            TargetKind.Sequence => new Ctc(),
            TargetKind.Identity => new Triplet(),
            _ => throw new InvalidOperationException($"Targets of kind {fitted.Targets} have no usual loss: set Loss in the options."),
        };
        if (fitted.Targets == TargetKind.ClassPerStep && loss.LearnsFromTargets)
            throw new ArgumentException($"{loss.GetType().Name} cannot be balanced over the classes of steps. Leave Balance unset, or give ClassWeights.", "options");
        return loss.Takes(fitted.Targets) ? fitted is EmbeddingTask { Classes: > 0 and var classes } ? loss.ForClasses(classes) : loss : throw new ArgumentException(
            $"{loss.GetType().Name} takes targets of kind {loss.Targets}, but this task's are {fitted.Targets}. Leave Loss unset for the usual one.", "options");
    }

    private Sampling? SamplingFor(DeepTask fitted, LossConfig loss)
    {
        var sampling = options.Sampling ?? loss.UsualSampling;
        return sampling is null || fitted.Targets is TargetKind.ClassIndex or TargetKind.Identity || fitted is BinaryTask ? sampling : throw new ArgumentException(
            $"{sampling.GetType().Name} draws rows by their classes, but this task's targets are of kind {fitted.Targets}. Leave Sampling unset.", "options");
    }

    private IReadOnlyList<MetricConfig> MetricsFor(DeepTask fitted)
    {
        var metrics = options.Metrics ?? fitted.Targets switch
        {
            TargetKind.ClassIndex => [new Accuracy()],
            TargetKind.Probability => [new BinaryAccuracy()],
            TargetKind.Value => [new Rmse(), new Mae()],
            TargetKind.Sequence => [new SymbolErrorRate()],
            TargetKind.ClassPerStep => [new Accuracy()],
            TargetKind.Identity => [new EqualErrorRate()],
            _ => [],
        };
        return metrics.FirstOrDefault(metric => !metric.Takes(fitted.Targets)) is { } unfit ? throw new ArgumentException(
            $"{unfit.GetType().Name} measures targets of kind {unfit.Targets}, but this task's are {fitted.Targets}.", "options") : metrics;
    }

    // a wrong shape would broadcast against the target and train on nonsense: look before the first step
    private static void CheckOutput(nn.Module module, IReadOnlyList<NetworkColumn> columns, DeepTask fitted, Device device)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        module.eval();
        var output = module.Call(NetworkColumn.Apply(columns, InputTensors.Zeros(columns.Select(column => column.Features), 2, device)));
        if (!fitted.Takes(output.shape, 2))
            throw new ArgumentException($"The network gives [{string.Join(", ", output.shape)}] for 2 rows of shape {NetworkColumn.ShapeOf(columns)}, " +
                $"but must give {fitted.OutputShape}: {WhatOutputsAre(fitted.Targets)}.", "model");
    }

    private static string WhatOutputsAre(TargetKind targets) => targets switch
    {
        TargetKind.ClassIndex => "one raw output for each class",
        TargetKind.Identity => "the numbers of the embedding",
        TargetKind.ClassPerStep => "for each step one raw output for each class, as networks for sequences give with Pooling = Pooling.None",
        TargetKind.Sequence => "for each step the blank and each symbol, as networks for sequences give with Pooling = Pooling.None",
        _ => "the raw outputs for each target",
    };
}
