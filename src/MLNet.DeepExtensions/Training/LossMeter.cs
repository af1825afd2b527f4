using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// The mean loss over an epoch's rows, and the watch for a loss that is no number. On the CPU each step is looked at; on a GPU that would make the host wait
/// for every step, so the losses stay there and are looked at some steps later, oldest first: the exception still names the right step.
/// </summary>
internal sealed class LossMeter(Device device, bool onHost) : IDisposable
{
    private const int Lookback = 32;

    private readonly Tensor recent = zeros(Lookback, ScalarType.Float32, device).DetachFromDisposeScope();
    private readonly Tensor sum = zeros(1, ScalarType.Float64, device).DetachFromDisposeScope();
    private readonly Tensor weight = zeros(1, ScalarType.Float64, device).DetachFromDisposeScope();
    private double hostSum;
    private double hostWeight;
    private int pending;

    public LossMeter(Device device) : this(device, onHost: device.type == DeviceType.CPU) { }

    public double Value => (hostSum + sum.item<double>()) / (hostWeight + weight.item<double>());

    public void Reset()
    {
        (hostSum, hostWeight, pending) = (0, 0, 0);
        sum.zero_();
        weight.zero_();
    }

    /// <exception cref="TrainingDivergedException">The loss, or an earlier one that was still on the device, is infinite or NaN.</exception>
    public void Add(TrainingState state, LossValue loss, int rows)
    {
        if (onHost)
        {
            var mean = loss.Mean.ToDouble();
            state.SetLoss(mean);
            if (!double.IsFinite(mean))
                throw new TrainingDivergedException(state.Epoch, state.Step, state.Optimizer.LearningRate, mean);
            var divisor = loss.Normalizer?.ToDouble() ?? rows;
            hostSum += mean * divisor;
            hostWeight += divisor;
            return;
        }
        using var mean32 = loss.Mean.detach().to(ScalarType.Float32);
        state.SetLoss(mean32.alias());
        recent[pending++] = mean32;
        AddUnchecked(loss, rows);
        if (pending == Lookback)
            CheckPending(state);
    }

    public void AddUnchecked(LossValue loss, int rows)
    {
        using var mean = loss.Mean.detach().to(ScalarType.Float64);
        if (loss.Normalizer is { } divisor)
        {
            sum.add_(mean * divisor);
            weight.add_(divisor);
            return;
        }
        sum.add_(mean, alpha: rows);
        hostWeight += rows;
    }

    public void CheckPending(TrainingState state)
    {
        if (pending == 0)
            return;
        using var onCpu = recent.cpu();
        var values = onCpu.data<float>().ToArray();
        var first = Array.FindIndex(values, 0, pending, value => !float.IsFinite(value));
        if (first >= 0)
            throw new TrainingDivergedException(state.Epoch, state.Step - pending + 1 + first, state.Optimizer.LearningRate, values[first]);
        pending = 0;
    }

    public void Dispose()
    {
        recent.Dispose();
        sum.Dispose();
        weight.Dispose();
    }
}
