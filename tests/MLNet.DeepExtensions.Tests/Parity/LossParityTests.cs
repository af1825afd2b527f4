using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>PyTorch's values of losses on numbers sin(0.1 j + k), and that weights of all the same size change nothing.</summary>
public sealed class LossParityTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("cross_entropy")]
    [InlineData("cross_entropy_weighted")]
    [InlineData("cross_entropy_label_smoothing_0_1")]
    [InlineData("focal_gamma_2")]
    public void OfClasses_IsPyTorchs(string name)
    {
        LossConfig config = name switch
        {
            "cross_entropy_weighted" => new CrossEntropy { ClassWeights = [1, 2, 0.5f, 1.5f, 1] },
            "cross_entropy_label_smoothing_0_1" => new CrossEntropy { LabelSmoothing = 0.1 },
            "focal_gamma_2" => new Focal(),
            _ => new CrossEntropy(),
        };
        Is(TrainingNumbers.Loss(name), config, () => Fill(100, 4, 5), () => tensor([0L, 3, 4, 1]));
    }

    [Fact]
    public void CrossEntropyOfProbabilities_IsPyTorchs() => Is(TrainingNumbers.Loss("soft_cross_entropy"), new CrossEntropy(), () => Fill(6, 1, 5), () => Fill(7, 1, 5).softmax(1));

    [Fact]
    public void KlDivergence_IsPyTorchs() => Is(TrainingNumbers.Loss("kl_div_batchmean"), new KlDivergence(), () => Fill(6, 1, 5), () => Fill(7, 1, 5).softmax(1));

    [Theory]
    [InlineData("mse")]
    [InlineData("mae")]
    [InlineData("huber_delta_1")]
    public void OfNumbers_IsPyTorchs(string name)
    {
        LossConfig config = name switch { "mse" => new MeanSquaredError(), "mae" => new MeanAbsoluteError(), _ => new Huber() };
        Is(TrainingNumbers.Loss(name), config, () => Fill(101, 6, 1), () => Fill(102, 6, 1));
        // two rows of three numbers have the same mean as six rows of one
        Is(TrainingNumbers.Loss(name), config, () => Fill(101, 2, 3), () => Fill(102, 2, 3));
    }

    [Fact]
    public void SmoothL1_IsPyTorchs() => Is(TrainingNumbers.Loss("smooth_l1_beta_0_5"), new SmoothL1 { Beta = 0.5 }, () => Fill(6, 5, 1), () => Fill(7, 5, 1));

    [Fact]
    public void PoissonNll_IsPyTorchs() => Is(TrainingNumbers.Loss("poisson_nll"), new PoissonNll(), () => Fill(6, 5, 1), () => Fill(7, 5, 1).abs());

    [Fact]
    public void BinaryCrossEntropy_IsPyTorchs()
    {
        Is(TrainingNumbers.Loss("bce_with_logits"), new BinaryCrossEntropy(), () => Fill(101, 6, 1), () => Fill(102, 6, 1).gt(0).to(ScalarType.Float32));
        Is(TrainingNumbers.Loss("bce_pos_weight_3"), new BinaryCrossEntropy { PosWeight = [3] }, () => Fill(6, 1, 5), () => Fill(7, 1, 5).gt(0).to(ScalarType.Float32));
    }

    // PyTorch's takes the variance itself; ours takes what softplus makes of the second output
    [Fact]
    public void GaussianNll_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var mean = Fill(6, 5, 1);
        Assert.Equal(TrainingNumbers.Loss("gaussian_nll"), GaussianNll.OfVariance(mean, Fill(7, 5, 1), mean.pow(2) + 0.1, 1e-6).mean().ToDouble(), Tolerance);
        Is(TrainingNumbers.Loss("gaussian_nll"), new GaussianNll(), () => stack([Fill(6, 5, 1), (Fill(6, 5, 1).pow(2) + 0.1).expm1().log()], 2).reshape(5, 2), () => Fill(7, 5, 1));
    }

    [Theory]
    [InlineData("0.1")]
    [InlineData("0.5")]
    [InlineData("0.9")]
    public void Quantile_IsThePinballLoss(string quantile) => Is(TrainingNumbers.Of("losses", "pinball_0_1_0_5_0_9").GetProperty(quantile).GetDouble(),
        new Quantile { Quantiles = [double.Parse(quantile)] }, () => Fill(6, 5, 1), () => Fill(7, 5, 1));

    [Fact]
    public void Quantile_OfSeveral_IsTheirMean()
    {
        var numbers = TrainingNumbers.Of("losses", "pinball_0_1_0_5_0_9").EnumerateObject().Average(item => item.Value.GetDouble());
        Is(numbers, new Quantile(), () => Fill(6, 5, 1).expand(5, 3), () => Fill(7, 5, 1));
    }

    [Fact]
    public void BatchHardTriplet_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var numbers = TrainingNumbers.Of("losses", "batch_hard_triplet_margin_0_2");
        var output = Embeddings(numbers);
        var target = tensor(numbers.GetProperty("labels").EnumerateArray().Select(number => number.GetInt64()).ToArray());
        // the rows are of length 1
        foreach (var config in new[] { new Triplet { Normalized = false }, new Triplet() })
        {
            using var loss = config.Build((int)output.shape[1], CPU);
            Assert.Equal(numbers.GetProperty("loss").GetDouble(), loss.Compute(output, target, null).Mean.ToDouble(), Tolerance);
        }
    }

    // three pairs, of which the second is of two classes
    [Fact]
    public void CosineEmbedding_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var rows = Embeddings(TrainingNumbers.Of("losses", "batch_hard_triplet_margin_0_2"));
        using var loss = new CosineEmbedding { Margin = 0.3 }.Build((int)rows.shape[1], CPU);
        var mean = Enumerable.Range(0, 3).Average(i => loss.Compute(stack([rows[i], rows[i + 3]], 0), tensor([0L, i == 1 ? 1 : 0]), null).Mean.ToDouble());
        Assert.Equal(TrainingNumbers.Loss("cosine_embedding_margin_0_3"), mean, Tolerance);
    }

    private static Tensor Embeddings(System.Text.Json.JsonElement numbers) =>
        tensor(TrainingNumbers.Row(numbers.GetProperty("embeddings")).Select(value => (float)value).ToArray()).reshape(6, 8);

    private static void Is(double expected, LossConfig config, Func<Tensor> output, Func<Tensor> target)
    {
        using var scope = NewDisposeScope();
        var (given, wanted) = (output(), target());
        using var loss = config.Build((int)given.shape[1], CPU);
        Assert.Equal(expected, loss.Compute(given, wanted, null).Mean.ToDouble(), Tolerance * Math.Max(1, Math.Abs(expected)));
        // rows that all weigh the same change nothing
        Assert.Equal(expected, loss.Compute(given, wanted, full(given.shape[0], 4f)).Mean.ToDouble(), Tolerance * Math.Max(1, Math.Abs(expected)));
    }

    private static Tensor Fill(int k, params long[] shape) => OptimizerProblems.Fill(k, shape);
}
