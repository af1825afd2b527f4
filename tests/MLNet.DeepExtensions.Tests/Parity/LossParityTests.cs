using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>PyTorch's values of losses on numbers sin(0.1 j + k), and that weights of all the same size change nothing.</summary>
public sealed class LossParityTests
{
    private const double Tolerance = 1e-5;

    // a sum of terms of 0.05 that cancel to 0.0015: float32's last bit of the terms is in the fifth digit of the sum, there as here
    private static readonly Dictionary<string, double> larger = new() { ["kl_div_batchmean"] = 5e-5 };

    private static readonly Case[] cases =
    [
        new("cross_entropy", new CrossEntropy(), () => Fill(100, 4, 5), Classes),
        new("cross_entropy_weighted", new CrossEntropy { ClassWeights = [1, 2, 0.5f, 1.5f, 1] }, () => Fill(100, 4, 5), Classes),
        new("cross_entropy_label_smoothing_0_1", new CrossEntropy { LabelSmoothing = 0.1 }, () => Fill(100, 4, 5), Classes),
        new("focal_gamma_2", new Focal(), () => Fill(100, 4, 5), Classes),
        new("soft_cross_entropy", new CrossEntropy(), () => Fill(6, 1, 5), () => Fill(7, 1, 5).softmax(1)),
        new("kl_div_batchmean", new KlDivergence(), () => Fill(6, 1, 5), () => Fill(7, 1, 5).softmax(1)),
        // two rows of three numbers have the same mean as six rows of one
        new("mse", new MeanSquaredError(), () => Fill(101, 6, 1), () => Fill(102, 6, 1)),
        new("mse", new MeanSquaredError(), () => Fill(101, 2, 3), () => Fill(102, 2, 3)),
        new("mae", new MeanAbsoluteError(), () => Fill(101, 6, 1), () => Fill(102, 6, 1)),
        new("mae", new MeanAbsoluteError(), () => Fill(101, 2, 3), () => Fill(102, 2, 3)),
        new("huber_delta_1", new Huber(), () => Fill(101, 6, 1), () => Fill(102, 6, 1)),
        new("huber_delta_1", new Huber(), () => Fill(101, 2, 3), () => Fill(102, 2, 3)),
        new("smooth_l1_beta_0_5", new SmoothL1 { Beta = 0.5 }, () => Fill(6, 5, 1), () => Fill(7, 5, 1)),
        new("poisson_nll", new PoissonNll(), () => Fill(6, 5, 1), () => Fill(7, 5, 1).abs()),
        new("bce_with_logits", new BinaryCrossEntropy(), () => Fill(101, 6, 1), () => Fill(102, 6, 1).gt(0).to(ScalarType.Float32)),
        new("bce_pos_weight_3", new BinaryCrossEntropy { PosWeight = [3] }, () => Fill(6, 1, 5), () => Fill(7, 1, 5).gt(0).to(ScalarType.Float32)),
        // PyTorch's takes the variance itself; ours takes what softplus makes of the second output
        new("gaussian_nll", new GaussianNll(), () => stack([Fill(6, 5, 1), (Fill(6, 5, 1).pow(2) + 0.1).expm1().log()], 2).reshape(5, 2), () => Fill(7, 5, 1)),
        new("pinball_0_1_0_5_0_9", new Quantile { Quantiles = [0.1] }, () => Fill(6, 5, 1), () => Fill(7, 5, 1), "0.1"),
        new("pinball_0_1_0_5_0_9", new Quantile { Quantiles = [0.5] }, () => Fill(6, 5, 1), () => Fill(7, 5, 1), "0.5"),
        new("pinball_0_1_0_5_0_9", new Quantile { Quantiles = [0.9] }, () => Fill(6, 5, 1), () => Fill(7, 5, 1), "0.9"),
        // the second row has ten steps: its last two are padding, which a certain blank leaves out
        new("ctc", new Ctc(), () => new InputTensor("", zeros(2, 12, 1), tensor([12L, 10])).BlankPadding(Fill(106, 12, 12).reshape(12, 2, 6).transpose(0, 1)), () => tensor(new[,] { { 1, 2, 3 }, { 4, 5, 0 } })),
    ];

    /// <summary>What is held, for <see cref="ParityCompleteness"/>.</summary>
    internal static IEnumerable<(string Name, Type Config)> Held => cases.Select(item => (item.Name, item.Config.GetType()));

    public static TheoryData<int, string> Cases
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (var i = 0; i < cases.Length; i++)
                data.Add(i, $"{cases[i].Name} {cases[i].Part}");
            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void IsPyTorchs(int index, string name)
    {
        var item = cases[index];
        Assert.StartsWith(item.Name, name);
        var number = TrainingNumbers.Of("losses", item.Name);
        Is((item.Part is { } part ? number.GetProperty(part) : number).GetDouble(), larger.GetValueOrDefault(item.Name, Tolerance), item.Config, item.Output, item.Target);
    }

    [Fact]
    public void GaussianNll_OfTheVarianceItself_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var mean = Fill(6, 5, 1);
        Assert.Equal(TrainingNumbers.Loss("gaussian_nll"), GaussianNll.OfVariance(mean, Fill(7, 5, 1), mean.pow(2) + 0.1, 1e-6).mean().ToDouble(), Tolerance);
    }

    [Fact]
    public void Quantile_OfSeveral_IsTheirMean()
    {
        var numbers = TrainingNumbers.Of("losses", "pinball_0_1_0_5_0_9").EnumerateObject().Average(item => item.Value.GetDouble());
        Is(numbers, Tolerance, new Quantile(), () => Fill(6, 5, 1).expand(5, 3), () => Fill(7, 5, 1));
    }

    // three triplets, each of which is a batch in which the anchor alone has a say
    [Fact, Holds("triplet_margin_1")]
    public void Triplet_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var rows = new[] { 103, 104, 105 }.Select(k => Fill(k, 3, 8)).ToArray();
        using var loss = new Triplet { Margin = 1, Normalized = false }.Build(8, CPU);
        var mean = Enumerable.Range(0, 3).Average(i => loss.Compute(stack([.. rows.Select(row => row[i])], 0), tensor([0L, 0, 1]), tensor([1f, 1e-12f, 1e-12f])).Mean.ToDouble());
        var expected = TrainingNumbers.Loss("triplet_margin_1");
        Assert.Equal(expected, mean, Tolerance * expected);
    }

    [Fact, Holds("batch_hard_triplet_margin_0_2")]
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
    [Fact, Holds("cosine_embedding_margin_0_3")]
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

    private static void Is(double expected, double tolerance, LossConfig config, Func<Tensor> output, Func<Tensor> target)
    {
        using var scope = NewDisposeScope();
        var (given, wanted) = (output(), target());
        using var loss = config.Build((int)given.shape[1], CPU);
        Near(loss.Compute(given, wanted, null).Mean);
        // rows that all weigh the same change nothing
        Near(loss.Compute(given, wanted, full(given.shape[0], 4f)).Mean);

        void Near(Tensor mean)
        {
            var off = Math.Abs(mean.ToDouble() - expected) / Math.Abs(expected);
            Assert.True(off <= tolerance, $"{mean.ToDouble()} instead of {expected}: {off:0.0e0} of it");
        }
    }

    private static Tensor Classes() => tensor([0L, 3, 4, 1]);

    private static Tensor Fill(int k, params long[] shape) => OptimizerProblems.Fill(k, shape);

    // part: where one name has several numbers
    private sealed record Case(string Name, LossConfig Config, Func<Tensor> Output, Func<Tensor> Target, string? Part = null);
}
