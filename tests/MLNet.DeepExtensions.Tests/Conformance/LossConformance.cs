using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every registered loss and metric must do.</summary>
[Collection(nameof(Alone))]
public sealed class LossConformance
{
    private const int Rows = 6, Outputs = 12;          // of one, two, three numbers for each target

    public static TheoryData<Type> Losses => [.. LossConfig.Registered];

    // a loss over pairs has no rows that add up: what a row gives depends on the batch that it is in
    public static TheoryData<Type> LossesOfRows => [.. LossConfig.Registered.Where(type => !LooksAtPairs(type))];

    public static TheoryData<Type> LossesOfPairs => [.. LossConfig.Registered.Where(LooksAtPairs)];

    public static TheoryData<Type> Metrics => [.. MetricConfig.Registered];

    [Theory, MemberData(nameof(Losses))]
    public void Loss_IsAFiniteScalarWithAGradient(Type type)
    {
        using var scope = NewDisposeScope();
        using var loss = Loss(type);
        foreach (var weight in new[] { null, rand(Rows) })
        {
            var output = Output(type).requires_grad_();
            var value = loss.Compute(output, Target(type), weight);
            Assert.Empty(value.Mean.shape);
            Assert.True(double.IsFinite(value.Mean.ToDouble()));
            value.Mean.backward();
            Assert.True(output.grad!.abs().sum().ToDouble() > 0);
        }
    }

    [Theory, MemberData(nameof(Losses))]
    public void Loss_ARowOfWeightZero_HasNoSay(Type type)
    {
        using var scope = NewDisposeScope();
        using var loss = Loss(type);
        var output = Output(type);
        var weight = tensor([1f, 2, 0, 1, 0, 1]);
        var before = loss.Compute(output, Target(type), weight);
        output[2] = output[4] = full_like(output[2], -9f);
        var after = loss.Compute(output, Target(type), weight);
        Assert.Equal(before.Mean.ToDouble(), after.Mean.ToDouble(), 1e-6);
        Assert.Equal(before.Normalizer!.ToDouble(), after.Normalizer!.ToDouble(), 1e-6);
        if (!LooksAtPairs(type))
            Assert.Equal(5, after.Normalizer!.ToDouble(), 1e-6);
    }

    [Theory, MemberData(nameof(LossesOfRows))]
    public void Loss_OfTwoBatches_AddsUpToThatOfBoth(Type type)
    {
        using var scope = NewDisposeScope();
        using var loss = Loss(type);
        var (output, weight) = (Output(type), rand(Rows));
        foreach (var weights in new[] { null, weight })
        {
            var whole = loss.Compute(output, Target(type), weights);
            double sum = 0, total = 0;
            foreach (var (first, count) in new[] { (0, 4), (4, 2) })
            {
                var part = loss.Compute(output.narrow(0, first, count), Target(type).narrow(0, first, count), weights?.narrow(0, first, count));
                var divisor = part.Normalizer?.ToDouble() ?? count;
                sum += part.Mean.ToDouble() * divisor;
                total += divisor;
            }
            Assert.Equal(whole.Mean.ToDouble(), sum / total, 1e-6 * Math.Max(1, sum / total));
        }
    }

    [Theory, MemberData(nameof(LossesOfPairs))]
    public void LossOfPairs_OfABatchWithoutPairs_IsZeroWithGradientsOfZero(Type type)
    {
        using var scope = NewDisposeScope();
        using var loss = Loss(type);
        foreach (var target in new[] { tensor([3L]), tensor([0L, 0]), tensor([0L, 1, 2]) })
        {
            var output = zeros(target.shape[0], Outputs).requires_grad_();
            var value = loss.Compute(output, target, zeros(target.shape[0]));
            value.Mean.backward();
            Assert.Equal(0, value.Mean.ToDouble());
            Assert.Equal(0, output.grad!.abs().sum().ToDouble());
        }
    }

    [Theory, MemberData(nameof(LossesOfPairs))]
    public void LossOfPairs_IsSmallerWhereClassesAreApart_AndItsGradientLeadsThere(Type type)
    {
        using var scope = NewDisposeScope();
        using var loss = Loss(type);
        var target = tensor([0L, 0, 1, 1, 2, 2]);
        var apart = eye(3, Outputs).repeat_interleave(2, 0);
        var mixed = (0.2 * apart + linspace(0, 40, Rows * Outputs).reshape(Rows, Outputs).sin()).requires_grad_();
        var value = loss.Compute(mixed, target, null).Mean;
        Assert.True(loss.Compute(apart, target, null).Mean.ToDouble() < value.ToDouble());
        value.backward();
        Assert.True(loss.Compute(mixed.detach() - 0.01 * mixed.grad!, target, null).Mean.ToDouble() < value.ToDouble());
    }

    [Theory, MemberData(nameof(Losses))]
    public void Loss_WithParametersOfItsOwn_GivesThemGradients_AndTakesItsStateBack(Type type)
    {
        using var scope = NewDisposeScope();
        using var loss = Loss(type);
        using var other = Loss(type);
        loss.Compute(Output(type), Target(type), null).Mean.requires_grad_().backward();
        Assert.All(loss.Parameters, item => Assert.True(item.Parameter.grad!.abs().sum().ToDouble() > 0));
        using var saved = new SavedState();
        loss.SaveState(saved);
        other.LoadState(saved);
        foreach (var (mine, its) in loss.Parameters.Zip(other.Parameters))
            Assert.Equal(mine.Parameter.data<float>().ToArray(), its.Parameter.data<float>().ToArray());
    }

    [Theory, MemberData(nameof(Losses))]
    public void Loss_Json_GivesTheSameConfigBack(Type type)
    {
        var config = (LossConfig)Activator.CreateInstance(type)!;
        Assert.Equal(config, ConfigJson.Read<LossConfig>(ConfigJson.Write(config)));
    }

    [Theory, MemberData(nameof(Losses))]
    public void Loss_LeavesNoLiveTensor(Type type)
    {
        using var outer = NewDisposeScope();
        var (output, weight, target) = (Output(type), rand(Rows), Target(type));
        Once();
        var before = Tensor.TotalCount;
        // TorchSharp counts the empty wrapper that a parameter was made from until the garbage collector takes it
        var wrappers = Once();
        Assert.Equal(before + wrappers, Tensor.TotalCount);

        int Once()
        {
            using var scope = NewDisposeScope();
            using var loss = Loss(type);
            loss.Compute(output, target, weight);
            return loss.Parameters.Count;
        }
    }

    [Theory, MemberData(nameof(Metrics))]
    public void Metric_Json_GivesTheSameConfigBack(Type type)
    {
        var config = (MetricConfig)Activator.CreateInstance(type)!;
        Assert.Equal(config, ConfigJson.Read<MetricConfig>(ConfigJson.Write(config)));
    }

    [Theory, MemberData(nameof(Metrics))]
    public void Metric_LeavesNoLiveTensor(Type type)
    {
        using var outer = NewDisposeScope();
        var (output, weight, target) = (Output(type), rand(Rows), Target(type));
        Once();
        var before = Tensor.TotalCount;
        Once();
        Assert.Equal(before, Tensor.TotalCount);

        void Once()
        {
            using var scope = NewDisposeScope();
            using var metric = ((MetricConfig)Activator.CreateInstance(type)!).Build(Outputs, CPU);
            metric.Update(output, target, null);
            metric.Update(output, target, weight);
            metric.Reset();
        }
    }

    [Theory, MemberData(nameof(Metrics))]
    public void Metric_OfTwoBatches_IsThatOfBoth_AndResetForgets(Type type)
    {
        using var scope = NewDisposeScope();
        using var metric = ((MetricConfig)Activator.CreateInstance(type)!).Build(Outputs, CPU);
        var (output, weight) = (Output(type), rand(Rows));
        Assert.True(double.IsNaN(metric.Value));
        foreach (var weights in new[] { null, weight })
        {
            metric.Update(output, Target(type), weights);
            var whole = metric.Value;
            metric.Reset();
            metric.Update(output.narrow(0, 0, 4), Target(type).narrow(0, 0, 4), weights?.narrow(0, 0, 4));
            metric.Update(output.narrow(0, 4, 2), Target(type).narrow(0, 4, 2), weights?.narrow(0, 4, 2));
            Assert.Equal(whole, metric.Value, 1e-6 * Math.Max(1, Math.Abs(whole)));
            metric.Reset();
            Assert.True(double.IsNaN(metric.Value));
        }
    }

    [Fact]
    public void Accuracy_CountsHits_ByWeightWhereThereIsOne()
    {
        using var scope = NewDisposeScope();
        using var accuracy = new Accuracy().Build(2, CPU);
        var output = tensor(new float[,] { { 1, 0 }, { 0, 1 }, { 1, 0 }, { 0, 1 } });
        var target = tensor([0L, 1, 1, 1]);
        accuracy.Update(output, target, null);
        Assert.Equal(0.75, accuracy.Value);
        accuracy.Reset();
        accuracy.Update(output, target, tensor([1f, 1, 6, 0]));
        Assert.Equal(0.25, accuracy.Value, 1e-9);
    }

    private static Loss Loss(Type type) => ((LossConfig)Activator.CreateInstance(type)!).ForClasses(4).Build(Outputs, CPU);

    private static bool LooksAtPairs(Type type) => ((LossConfig)Activator.CreateInstance(type)!).UsualSampling is ClassesPerBatch;

    private static Tensor Output(Type type) => TargetsOf(Activator.CreateInstance(type)!) is TargetKind.Sequence or TargetKind.ClassPerStep ? rand(Rows, 7, Outputs) : rand(Rows, Outputs);

    private static TargetKind TargetsOf(object config) => (config as LossConfig)?.Targets ?? ((MetricConfig)config).Targets;

    private static Tensor Target(Type type)
    {
        var config = Activator.CreateInstance(type)!;
        var targets = Outputs / (config is LossConfig loss ? loss.Form.OutputsPerTarget : 1);
        return TargetsOf(config) switch
        {
            TargetKind.ClassIndex or TargetKind.Identity => tensor([0L, 1, 2, 3, 1, 0]),
            TargetKind.Probability => arange(Rows * targets).remainder(2).to(ScalarType.Float32).reshape(Rows, targets),
            TargetKind.ClassPerStep => tensor([.. Enumerable.Range(0, Rows * 7).Select(i => i % 3 == 1 ? StepTargets.None : i % Outputs)]).reshape(Rows, 7),
            TargetKind.Sequence => tensor(new[,] { { 1, 2, 3 }, { 4, 4, 0 }, { 5, 0, 0 }, { 6, 7, 8 }, { 9, 0, 0 }, { 2, 1, 0 } }),
            _ => linspace(0.1, 0.9, Rows * targets).reshape(Rows, targets),
        };
    }
}
