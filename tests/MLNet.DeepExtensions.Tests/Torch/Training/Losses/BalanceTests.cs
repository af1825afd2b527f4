using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training.Losses;

/// <summary>Weights of classes that come from the training rows.</summary>
[Collection(nameof(Alone))]
public sealed class BalanceTests
{
    private readonly MLContext ml = new(seed: 3);

    private static DeepTrainerOptions Options => new() { Epochs = 2, BatchSize = 8, Seed = 5, Optimizer = new Sgd { LearningRate = 0.1 } };

    // 24 rows of a, 12 of b, 4 of c: scikit-learn's compute_class_weight("balanced") gives 40 / (3 · 24), 40 / (3 · 12), 40 / (3 · 4)
    private static readonly float[] weights = [40f / 72, 40f / 36, 40f / 12];

    private static List<Row> Rows()
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, 40).Select(i => new Row
        {
            Label = i < 24 ? "a" : i < 36 ? "b" : "c", Yes = i < 10, Marks = [i < 10, i < 30], Weight = i < 24 ? 0.5f : 1,
            Features = [(float)random.NextDouble(), (float)random.NextDouble()],
        })];
    }

    public static TheoryData<LossConfig, LossConfig> OverClasses => new()
    {
        { new CrossEntropy { Balance = true, LabelSmoothing = 0.1 }, new CrossEntropy { ClassWeights = weights, LabelSmoothing = 0.1 } },
        { new Focal { Balance = true }, new Focal { ClassWeights = weights } },
    };

    [Theory, MemberData(nameof(OverClasses))]
    public void Classes_AreWeighedAsScikitLearnDoes(LossConfig balanced, LossConfig byHand)
    {
        using var first = Fit(Options with { Loss = balanced });
        using var second = Fit(Options with { Loss = byHand });
        Same(first, second);
    }

    [Fact]
    public void Classes_RowsWithWeights_AreCountedByThem()
    {
        // 12, 12 and 4
        using var first = Fit(Options with { Loss = new CrossEntropy { Balance = true } }, weight: "Weight");
        using var second = Fit(Options with { Loss = new CrossEntropy { ClassWeights = [28f / 36, 28f / 36, 28f / 12] } }, weight: "Weight");
        Same(first, second);
    }

    [Fact]
    public void Classes_RowsThatAreStreamed_CountTheSame()
    {
        var said = new List<string>();
        ml.Log += (_, entry) => said.Add(entry.Message);
        using var kept = Fit(Options with { Loss = new CrossEntropy { Balance = true } });
        using var streamed = Fit(Options with { Loss = new CrossEntropy { Balance = true }, CacheBudget = 100 });
        var lines = said.Where(line => line.Contains("The loss is balanced over the training rows")).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Equal(lines[0], lines[1]);
        Assert.Contains("1.1111112", lines[0]);
        Assert.Contains(said, line => line.Contains("read again in each epoch"));
    }

    [Fact]
    public void Classes_TheRowsOfValidation_DoNotCount()
    {
        // two thirds of each class remain, in the same shares
        using var first = Fit(Options with { Loss = new CrossEntropy { Balance = true }, ValidationFraction = 0.25 });
        using var second = Fit(Options with { Loss = new CrossEntropy { ClassWeights = [30f / 54, 30f / 27, 30f / 9] }, ValidationFraction = 0.25 });
        Same(first, second);
    }

    [Fact]
    public void YesOrNo_PositivesCountAsMuchAsNegatives()
    {
        DeepTransformer FitBinary(LossConfig loss) => ml.BinaryClassification.Trainers.Deep(new Mlp { HiddenSizes = [4] }, Options with { Loss = loss }, labelColumnName: "Yes").Fit(ml.Data.LoadFromEnumerable(Rows()));
        using var first = FitBinary(new BinaryCrossEntropy { Balance = true });
        using var second = FitBinary(new BinaryCrossEntropy { PosWeight = [3] });
        Same(first, second);
    }

    [Fact]
    public void SeveralLabels_EachHasItsOwnWeight()
    {
        DeepTransformer FitMarks(LossConfig loss) => ml.MulticlassClassification.Trainers.DeepMultiLabel(new Mlp { HiddenSizes = [4] }, Options with { Loss = loss }, labelColumnName: "Marks").Fit(ml.Data.LoadFromEnumerable(Rows()));
        using var first = FitMarks(new BinaryCrossEntropy { Balance = true });
        using var second = FitMarks(new BinaryCrossEntropy { PosWeight = [3, 1f / 3] });
        Same(first, second);
    }

    [Fact]
    public void Counts_AClassWithoutRows_KeepsWeight1()
    {
        Assert.Equal([12f / 18, 12f / 6, 1], new TargetCounts([9, 3, 0], 12).ClassWeights);
        Assert.Equal([1, 1, 3], new TargetCounts([0, 8, 2], 8).PosWeights);
    }

    [Fact]
    public void AConfigWithBoth_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Fit(Options with { Loss = new CrossEntropy { Balance = true, ClassWeights = weights } }));
        Assert.Contains("Balance = true finds ClassWeights in the training rows; leave one of the two out", error.Message);
    }

    [Fact]
    public void BuiltWithoutData_SaysWhereTheNumbersWouldComeFrom() =>
        Assert.Contains("Set ClassWeights", Assert.Throws<InvalidOperationException>(() => new CrossEntropy { Balance = true }.Build(3, CPU)).Message);

    [Fact]
    public void ACheckpoint_HasTheWeightsAsNumbers_AndOtherRowsAreAnotherRun()
    {
        var folder = Directory.CreateTempSubdirectory("balance").FullName;
        try
        {
            var options = Options with { Loss = new CrossEntropy { Balance = true }, Checkpoints = new CheckpointPolicy(folder) };
            using var first = Fit(options);
            var settings = Checkpoint.LoadRun(Path.Combine(folder, "finished.checkpoint")).Settings;
            Assert.Equal(weights, settings["loss"]!["classWeights"]!.AsArray().Select(weight => (float)weight!));
            using var again = Fit(options);
            Same(first, again);
            var others = Rows();
            others[0].Label = "c";
            var error = Assert.Throws<InvalidOperationException>(() => Fit(options, rows: others));
            Assert.Contains("classWeights", error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Focal_WithGamma0_IsCrossEntropyWithTheSameWeights(bool mixed)
    {
        using var scope = NewDisposeScope();
        var (output, weight) = (rand(6, 3), rand(6));
        var target = mixed ? rand(6, 3).softmax(1) : tensor([0L, 1, 2, 2, 1, 0]);
        using var focal = new Focal { Gamma = 0, ClassWeights = weights }.Build(3, CPU);
        using var cross = new CrossEntropy { ClassWeights = weights }.Build(3, CPU);
        foreach (var rows in new[] { null, weight })
        {
            Assert.Equal(cross.Compute(output, target, rows).Mean.ToDouble(), focal.Compute(output, target, rows).Mean.ToDouble(), 1e-6);
            Assert.Equal(cross.Compute(output, target, rows).Normalizer?.ToDouble() ?? 6, focal.Compute(output, target, rows).Normalizer?.ToDouble() ?? 6, 1e-5);
        }
    }

    public sealed class Row
    {
        public string Label { get; set; } = "";

        public bool Yes { get; set; }

        [VectorType(2)]
        public bool[] Marks { get; set; } = [];

        public float Weight { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private DeepTransformer Fit(DeepTrainerOptions options, string? weight = null, List<Row>? rows = null) => ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [4] }, options, exampleWeightColumnName: weight)).Fit(ml.Data.LoadFromEnumerable(rows ?? Rows())).LastTransformer;

    private static void Same(DeepTransformer first, DeepTransformer second)
    {
        foreach (var (name, tensor) in first.Module.state_dict())
            Assert.True(tensor.allclose(second.Module.state_dict()[name], 1e-6, 1e-7), name);
    }
}
