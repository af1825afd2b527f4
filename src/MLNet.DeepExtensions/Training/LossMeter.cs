using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The mean loss over an epoch's rows, and the watch for a loss that is no number. On the CPU each step is looked at; on a GPU that would make the host wait
/// for every step, so the losses stay there and are looked at some steps later, oldest first: the exception still names the right step and its learning rate.
/// </summary>
internal sealed class LossMeter : IDisposable
{
    private const int Lookback = 32;

    private readonly bool onHost;
    private readonly Tensor recent;                             // [2, Lookback]: means and normalizers of the steps that are still on the device
    private readonly Tensor[] means;                            // views of it, one for each step: nothing is made for a step but a copy
    private readonly Tensor[] normalizers;
    private readonly double[] rows = new double[Lookback];      // NaN where the divisor is on the device
    private readonly double[] learningRates = new double[Lookback];
    private int pending;
    private bool training;
    private double sum;
    private double weight;

    public LossMeter(Device device) : this(device, onHost: device.type == DeviceType.CPU) { }

    public LossMeter(Device device, bool onHost)
    {
        this.onHost = onHost;
        recent = zeros(2, Lookback, ScalarType.Float32, device).DetachFromDisposeScope();
        means = [.. Enumerable.Range(0, Lookback).Select(step => recent[0, step].DetachFromDisposeScope())];
        normalizers = [.. Enumerable.Range(0, Lookback).Select(step => recent[1, step].DetachFromDisposeScope())];
    }

    /// <summary>The mean over all rows since <see cref="Begin"/>, as far as they are settled; NaN where there were none.</summary>
    public double Value => sum / weight;

    /// <summary>Forgets all rows.</summary>
    /// <param name="training">Whether the losses to come are those of steps: these must be finite.</param>
    public void Begin(bool training) => (sum, weight, pending, this.training) = (0, 0, 0, training);

    /// <exception cref="TrainingDivergedException">The loss, or an earlier one that was still on the device, is infinite or NaN.</exception>
    public void Add(TrainingState state, LossValue loss, int count)
    {
        if (onHost)
        {
            var mean = Number(loss.Mean);
            if (training)
                state.SetLoss(mean);
            if (training && !double.IsFinite(mean))
                throw new TrainingDivergedException(state.Epoch, state.Step, state.Optimizer.LearningRate, mean);
            Count(mean, loss.Normalizer is { } divisor ? Number(divisor) : count);
            return;
        }
        Copy(loss.Mean, means[pending]);
        if (loss.Normalizer is not null)
            Copy(loss.Normalizer, normalizers[pending]);
        if (training)
            state.SetLoss(means[pending]);
        (rows[pending], learningRates[pending]) = (loss.Normalizer is null ? count : double.NaN, state.Optimizer.LearningRate);
        if (++pending == Lookback)
            Settle(state);
    }

    /// <summary>Looks at the losses that are still on the device.</summary>
    /// <exception cref="TrainingDivergedException">One of them is infinite or NaN.</exception>
    public void Settle(TrainingState state)
    {
        if (pending == 0)
            return;
        using var onCpu = recent.cpu();
        var values = onCpu.data<float>().ToArray();             // means first, then normalizers
        for (var step = 0; step < pending; step++)
        {
            double mean = values[step];
            if (training && !double.IsFinite(mean))
            {
                state.SetLoss(mean);
                throw new TrainingDivergedException(state.Epoch, state.Step - pending + 1 + step, learningRates[step], mean);
            }
            Count(mean, double.IsNaN(rows[step]) ? values[Lookback + step] : rows[step]);
        }
        if (training)
            state.SetLoss(values[pending - 1]);                 // validation is about to use the place where it stood
        pending = 0;
    }

    /// <summary>Keeps the sums; what is still on the device is settled first.</summary>
    public void SaveState(TrainingState state, SavedState saved)
    {
        Settle(state);
        (saved["sum"], saved["weight"]) = (sum, weight);
    }

    public void LoadState(SavedState saved) => (sum, weight) = (saved["sum"], saved["weight"]);

    public void Dispose()
    {
        foreach (var view in (Tensor[])[.. means, .. normalizers, recent])
            view.Dispose();
    }

    private void Count(double mean, double divisor)
    {
        sum += mean * divisor;
        weight += divisor;
    }

    // a scalar that is left to the garbage collector costs more than the number
    private static double Number(Tensor value)
    {
        using var scalar = value.ToScalar();
        return scalar.ToDouble();
    }

    private static void Copy(Tensor value, Tensor place)
    {
        using var detached = value.detach();
        place.copy_(detached);                                  // gives the place itself, unlike other operations in place
    }
}
