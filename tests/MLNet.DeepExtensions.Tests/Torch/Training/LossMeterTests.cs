using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

/// <summary>The way of a GPU, where losses stay on the device for some steps, walked on the CPU's memory.</summary>
[Collection(nameof(Alone))]
public sealed class LossMeterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(70)]
    public void OnADevice_TheExceptionStillNamesTheRightStepAndItsLearningRate(int badStep)
    {
        using var scope = NewDisposeScope();
        using var meter = new LossMeter(CPU, onHost: false);
        var (state, _) = SmallRuns.Prepare(epochs: 1);
        state.Epoch = 1;
        meter.Begin(training: true);
        var error = Assert.Throws<TrainingDivergedException>(() =>
        {
            for (var step = 1; step <= 75; step++)
            {
                state.Step = step;
                state.Optimizer.LearningRate = step;
                meter.Add(state, new LossValue(tensor(step == badStep ? float.NaN : 1f), null), count: 2);
            }
            meter.Settle(state);
        });
        Assert.Equal((1, badStep, badStep), (error.Epoch, error.Step, (int)error.LearningRate));
        Assert.Equal(double.NaN, error.Loss);
    }

    [Fact]
    public void OnADevice_TheMeanIsThatOfTheHost_WithAndWithoutNormalizers()
    {
        using var scope = NewDisposeScope();
        var (state, _) = SmallRuns.Prepare(epochs: 1);
        var (losses, normalizers) = (rand(75), rand(75));
        Assert.Equal(Mean(onHost: true), Mean(onHost: false), 1e-12);
        Assert.Equal(((losses * normalizers).sum() / normalizers.sum()).ToDouble(), Mean(onHost: false), 1e-6);
        normalizers = null;
        Assert.Equal(Mean(onHost: true), Mean(onHost: false), 1e-12);

        double Mean(bool onHost)
        {
            using var meter = new LossMeter(CPU, onHost);
            meter.Begin(training: true);
            for (var step = 0; step < 75; step++)
                meter.Add(state, new LossValue(losses[step], normalizers?[step]), count: step % 3 + 1);
            meter.Settle(state);
            return meter.Value;
        }
    }

    [Fact]
    public void OnADevice_TheLastLossCanBeReadAfterEachStep_AndIsNotThatOfValidation()
    {
        using var scope = NewDisposeScope();
        using var meter = new LossMeter(CPU, onHost: false);
        var (state, _) = SmallRuns.Prepare(epochs: 1);
        meter.Begin(training: true);
        for (var step = 1; step <= 40; step++)
        {
            using (var loss = tensor((float)step, requires_grad: true))
                meter.Add(state, new LossValue(loss, null), count: 2);
            if (step % 3 == 0)
                Assert.Equal(step, state.LastLoss);
        }
        meter.Settle(state);
        meter.Begin(training: false);
        for (var batch = 1; batch <= 40; batch++)               // more than there is room for
            meter.Add(state, new LossValue(tensor(float.NaN), null), count: 2);
        meter.Settle(state);
        Assert.Equal(40, state.LastLoss);
        Assert.Equal(double.NaN, meter.Value);
    }

    [Fact]
    public void OnADevice_NoTensorIsLeftByAStep()
    {
        using var meter = new LossMeter(CPU, onHost: false);
        var (state, _) = SmallRuns.Prepare(epochs: 1);
        using var loss = tensor(1f, requires_grad: true);
        meter.Begin(training: true);
        var before = Tensor.TotalCount;
        for (var step = 0; step < 64; step++)
            meter.Add(state, new LossValue(loss, loss), count: 2);
        Assert.Equal(before, Tensor.TotalCount);
    }
}
