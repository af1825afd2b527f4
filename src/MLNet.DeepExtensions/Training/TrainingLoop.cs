using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The one loop: epochs, batches, steps. What varies is an object handed to it.</summary>
internal static class TrainingLoop
{
    /// <summary>Trains until the last epoch, or until somebody asks for a stop.</summary>
    /// <param name="state">The run, before its first step.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="validation">The validation rows, if any.</param>
    /// <param name="callbacks">What takes part, in this order.</param>
    /// <param name="resume">Puts the run where an earlier one stood; null begins it.</param>
    /// <param name="cancellation">Ends the run after the current step.</param>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    public static void Run(
        TrainingState state, IBatchSource train, IBatchSource? validation, IReadOnlyList<Callback> callbacks, ResumePoint? resume = null, CancellationToken cancellation = default)
    {
        var rowsPerStep = (long)train.BatchSize * state.BatchesPerStep;
        state.StepsPerEpoch = (int)((train.Rows + rowsPerStep - 1) / rowsPerStep);
        (state.RowsPerEpoch, state.HasValidation, state.TrainingBatches) = (train.Rows, validation is not null, train);
        using var losses = new LossMeter(state.Device);
        state.Losses = losses;
        foreach (var callback in callbacks)
            callback.OnTrainBegin(state);
        resume?.RestoreRun(state, callbacks);
        state.RowsInEpoch = state.StepInEpoch * rowsPerStep;

        while ((state.Epoch < state.Epochs || resume is { IsMidway: true }) && state.Stopping is null && !Cancelled(state, cancellation))
        {
            var clock = Stopwatch.StartNew();
            var midway = resume is { IsMidway: true } ? resume : null;
            resume = null;
            if (midway is null)
            {
                state.Epoch++;
                (state.StepInEpoch, state.RowsInEpoch, state.IsMidway) = (0, 0, true);
                foreach (var callback in callbacks)
                    callback.OnEpochBegin(state);
            }

            var trained = state.TrainFigures = midway?.TrainFigures ?? TrainEpoch(state, train, losses, callbacks, midway, cancellation);
            if (trained is null)
                break;                                          // stopped halfway: there is nothing whole to report
            // a source that is read anew in each epoch knows its length when it has been read
            if (midway?.TrainFigures is null)
                (state.StepsPerEpoch, state.RowsPerEpoch) = (state.StepInEpoch, train.Rows);
            if (validation is not null)
                foreach (var callback in callbacks)
                    callback.OnValidationBegin(state);
            var validated = validation is null ? null : Evaluate(state, validation, losses, cancellation);
            if (validation is not null && validated is null)
                break;
            var report = new EpochReport
            {
                Epoch = state.Epoch, Epochs = state.Epochs, Step = state.Step, LearningRate = state.Optimizer.LearningRate, Rows = state.RowsPerEpoch,
                Duration = clock.Elapsed, Train = trained, Validation = validated,
            };
            state.TrainFigures = null;
            state.Add(report);
            foreach (var callback in callbacks)
                callback.OnEpochEnd(state, report);
        }

        foreach (var callback in callbacks)
            callback.OnTrainEnd(state);
    }

    // null where it was stopped halfway
    private static Dictionary<string, double>? TrainEpoch(
        TrainingState state, IBatchSource train, LossMeter losses, IReadOnlyList<Callback> callbacks, ResumePoint? midway, CancellationToken cancellation)
    {
        Begin(state, losses, training: true);
        midway?.RestoreSums(state);
        using var batches = train.Read(state.Epoch, state.StepInEpoch * state.BatchesPerStep).GetEnumerator();
        while (state.Stopping is null)
        {
            if (Cancelled(state, cancellation))
                break;
            using var scope = NewDisposeScope();                // every tensor of this step dies here
            lock (TorchGenerator.Gate)                          // a model that is loaded meanwhile waits for this step, not for the run
            {
                if (!batches.MoveNext())
                    return End(state, losses);
                Step(state, batches, losses);
            }
            foreach (var callback in callbacks)                 // outside of the gate: they may wait for whom they like
                callback.OnBatchEnd(state);
        }
        return state.StepInEpoch > 0 && state.StepInEpoch == state.StepsPerEpoch ? End(state, losses) : null;
    }

    // the enumerator stands on the step's first batch
    private static void Step(TrainingState state, IEnumerator<Batch> batches, LossMeter losses)
    {
        state.Optimizer.ZeroGrad();
        state.Step++;
        state.StepInEpoch++;
        if (state.BatchesPerStep == 1)
            state.Arithmetic.Backward(Forward(state, batches.Current, losses).Mean);
        else
            Accumulate(state, batches, losses);
        state.Arithmetic.Step(state.Optimizer);
    }

    // sums of gradients, divided in the end: the mean over all rows, also where the last batch is smaller or rows have weights
    private static void Accumulate(TrainingState state, IEnumerator<Batch> batches, LossMeter losses)
    {
        Tensor? total = null;
        var count = 0;
        do
        {
            var loss = Forward(state, batches.Current, losses);
            var divisor = loss.Normalizer ?? full([], (float)batches.Current.Count, device: state.Device);
            state.Arithmetic.Backward(loss.Mean * divisor);
            total = total is null ? divisor.detach() : total + divisor.detach();
        }
        while (++count < state.BatchesPerStep && batches.MoveNext());
        using var _ = no_grad();
        foreach (var (_, parameter) in state.Optimizer.Parameters)
            if (parameter.grad is { } gradient)
                gradient.div_(total!.clamp_min(RowLoss.SmallestNormal));
    }

    private static LossValue Forward(TrainingState state, Batch batch, LossMeter losses)
    {
        var output = state.Arithmetic.Forward(state.Module, batch.Input);  // [N, outputs]
        var loss = state.Loss.Compute(output, batch.Target, batch.Weight);
        losses.Add(state, loss, batch.Count);                   // before the step: a loss that is no number must not reach the weights
        state.RowsInEpoch += batch.Count;
        if (state.Metrics.Count == 0)
            return loss;
        var detached = output.detach();
        foreach (var metric in state.Metrics)
            metric.Update(detached, batch.Target, batch.Weight);
        return loss;
    }

    /// <summary>Loss and metrics over a whole set, without changing anything; nothing where it was cancelled halfway.</summary>
    private static Dictionary<string, double>? Evaluate(TrainingState state, IBatchSource source, LossMeter losses, CancellationToken cancellation)
    {
        Begin(state, losses, training: false);
        using var inference = inference_mode();
        using var batches = source.Read(epoch: 0).GetEnumerator();
        while (!Cancelled(state, cancellation))
        {
            using var scope = NewDisposeScope();
            if (!batches.MoveNext())
                return End(state, losses);
            var batch = batches.Current;
            var output = state.Arithmetic.Forward(state.Module, batch.Input);  // [N, outputs]
            losses.Add(state, state.Loss.Compute(output, batch.Target, batch.Weight), batch.Count);
            foreach (var metric in state.Metrics)
                metric.Update(output, batch.Target, batch.Weight);
        }
        return null;
    }

    private static bool Cancelled(TrainingState state, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            state.RequestStop(StopReason.Cancelled);
        return cancellation.IsCancellationRequested;
    }

    private static void Begin(TrainingState state, LossMeter losses, bool training)
    {
        using var scope = NewDisposeScope();                    // an operation in place gives a new handle, too
        state.Module.train(training);
        state.Frozen.Rest();
        losses.Begin(training);
        foreach (var metric in state.Metrics)
            metric.Reset();
    }

    private static Dictionary<string, double> End(TrainingState state, LossMeter losses)
    {
        losses.Settle(state);
        var values = new Dictionary<string, double> { ["loss"] = losses.Value };
        foreach (var metric in state.Metrics)
            values[metric.Name] = metric.Value;
        return values;
    }
}
