using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions.Tests.Torch.Training.Losses;

[Collection(nameof(Alone))]
public sealed class CrossEntropyTests
{
    private static readonly float[] classWeights = [1, 2, 0.5f];

    public static TheoryData<CrossEntropy> Variants => 
        [new CrossEntropy(), new CrossEntropy { LabelSmoothing = 0.1 }, new CrossEntropy { ClassWeights = classWeights }, new CrossEntropy { ClassWeights = classWeights, LabelSmoothing = 0.2 }];

    [Theory, MemberData(nameof(Variants))]
    public void WithoutRowWeights_IsTorchsOwn_ForIndicesAndProbabilities(CrossEntropy config)
    {
        using var scope = NewDisposeScope();
        using var loss = config.Build(3, CPU);
        var (output, indices, probabilities) = (rand(5, 3), tensor([0L, 2, 1, 1, 0]), rand(5, 3).softmax(1));
        using var weights = config.ClassWeights is null ? null : tensor(classWeights);
        foreach (var target in new[] { indices, probabilities })
            Assert.Equal(F.cross_entropy(output, target, weights, label_smoothing: config.LabelSmoothing).ToDouble(), loss.Compute(output, target, null).Mean.ToDouble(), 1e-6);
    }

    [Theory, MemberData(nameof(Variants))]
    public void ARowOfWeightTwo_CountsAsTwoRows_ForIndicesAndProbabilities(CrossEntropy config)
    {
        using var scope = NewDisposeScope();
        using var loss = config.Build(3, CPU);
        var (output, indices, probabilities) = (rand(3, 3), tensor([0L, 2, 1]), rand(3, 3).softmax(1));
        var twice = tensor([0L, 1, 1, 2]);
        foreach (var target in new[] { indices, probabilities })
        {
            var repeated = loss.Compute(output.index_select(0, twice), target.index_select(0, twice), null);
            var weighted = loss.Compute(output, target, tensor([1f, 2, 1]));
            Assert.Equal(repeated.Mean.ToDouble(), weighted.Mean.ToDouble(), 1e-6);
            Assert.Equal(repeated.Normalizer?.ToDouble() ?? 4, weighted.Normalizer!.ToDouble(), 1e-6);
        }
    }

    [Fact]
    public void ProbabilitiesThatAreCertain_AreAsGoodAsIndices()
    {
        using var scope = NewDisposeScope();
        using var loss = new CrossEntropy().Build(3, CPU);
        var (output, indices) = (rand(5, 3), tensor([0L, 2, 1, 1, 0]));
        Assert.Equal(loss.Compute(output, indices, null).Mean.ToDouble(), loss.Compute(output, F.one_hot(indices, 3).to(ScalarType.Float32), null).Mean.ToDouble(), 1e-6);
    }

    [Fact]
    public void ABatchThatWeighsNothing_HasALossOfZero_AndNoGradientThatIsNoNumber()
    {
        using var scope = NewDisposeScope();
        using var loss = new CrossEntropy().Build(3, CPU);
        var output = rand(2, 3).requires_grad_();
        var value = loss.Compute(output, tensor([0L, 1]), zeros(2));
        value.Mean.backward();
        Assert.Equal((0, 0), (value.Mean.ToDouble(), value.Normalizer!.ToDouble()));
        Assert.Equal(0, output.grad!.abs().sum().ToDouble());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AClassAtEachStep_IsAMeanOverTheStepsThatHaveOne_AsPyTorchsIgnoreIndex(bool withClassWeights)
    {
        using var scope = NewDisposeScope();
        using var loss = new CrossEntropy { ClassWeights = withClassWeights ? [1, 2, 0.5f] : null, LabelSmoothing = 0.1 }.Build(3, CPU);
        var (output, target) = (rand(2, 4, 3), tensor(new long[,] { { 0, -100, 2, 1 }, { 1, 1, -100, -100 } }));
        var value = loss.Compute(output, target, null);
        var plain = loss.Compute(output.reshape(-1, 3).index_select(0, tensor([0L, 2, 3, 4, 5])), tensor([0L, 2, 1, 1, 1]), withClassWeights ? null : ones(5));
        Assert.Equal(plain.Mean.ToDouble(), value.Mean.ToDouble(), 1e-6);
        Assert.Equal(withClassWeights ? 1 + 0.5 + 2 + 2 + 2 : 5, value.Normalizer!.ToDouble(), 1e-6);
        // a row of weight 2 is two rows
        var weighted = loss.Compute(output, target, tensor([2f, 1]));
        var repeated = loss.Compute(output.index_select(0, tensor([0L, 0, 1])), target.index_select(0, tensor([0L, 0, 1])), null);
        Assert.Equal(repeated.Mean.ToDouble(), weighted.Mean.ToDouble(), 1e-6);
        Assert.Equal(repeated.Normalizer!.ToDouble(), weighted.Normalizer!.ToDouble(), 1e-6);
    }

    [Fact]
    public void StepsWithoutAnyTarget_HaveALossOfZero()
    {
        using var scope = NewDisposeScope();
        using var loss = new CrossEntropy().Build(3, CPU);
        var output = rand(2, 4, 3).requires_grad_();
        var value = loss.Compute(output, full(2, 4, -100L), null);
        value.Mean.backward();
        Assert.Equal((0, 0), (value.Mean.ToDouble(), value.Normalizer!.ToDouble()));
        Assert.Equal(0, output.grad!.abs().sum().ToDouble());
    }

    [Fact]
    public void PerplexityAndAccuracy_OfSteps_CountThoseThatHaveATarget()
    {
        using var scope = NewDisposeScope();
        using var perplexity = new Perplexity().Build(3, CPU);
        using var accuracy = new Accuracy().Build(3, CPU);
        var target = tensor(new long[,] { { 0, 1, -100 }, { 2, -100, -100 } });
        var output = F.one_hot(tensor(new long[,] { { 0, 2, 1 }, { 2, 0, 0 } }), 3).to(ScalarType.Float32);
        foreach (var metric in new[] { perplexity, accuracy })
            metric.Update(output, target, null);
        Assert.Equal(2 / 3.0, accuracy.Value, 1e-9);
        var (hit, miss) = (Math.Log(Math.E + 2) - 1, Math.Log(Math.E + 2));
        Assert.Equal(Math.Exp((2 * hit + miss) / 3), perplexity.Value, 1e-5);
    }

    [Theory]
    [InlineData(new float[] { 1, 2 }, "ClassWeights has 2 numbers for 3 classes")]
    [InlineData(new float[] { 1, -2, 1 }, "must be finite and not negative, but are [1, -2, 1]")]
    public void ClassWeightsThatDoNotFit_SayWhy(float[] weights, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<ArgumentException>(() => new CrossEntropy { ClassWeights = weights }.Build(3, CPU)).Message);

    [Theory, MemberData(nameof(Variants))]
    public void Json_GivesTheSameConfigBack(CrossEntropy config) => Assert.Equal(config, ConfigJson.Read<LossConfig>(ConfigJson.Write<LossConfig>(config)));

    [Fact]
    public void Equality_ComparesTheWeightsClassByClass() => Assert.NotEqual(new CrossEntropy { ClassWeights = [1, 2] }, new CrossEntropy { ClassWeights = [2, 1] });
}
