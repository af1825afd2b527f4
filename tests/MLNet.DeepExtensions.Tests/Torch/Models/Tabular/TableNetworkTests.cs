using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Tabular;

/// <summary>What both networks for tables do with their columns.</summary>
[Collection(nameof(Alone))]
public class TableNetworkTests
{
    public static TheoryData<ModelConfig> Networks => [new TabularNet { Width = 16, EmbeddingWidth = 4 }, new TabularNet { Width = 16, Embedding = null }, new TabularNet { Embedding = new Periodic() },
        new FtTransformer { Width = 16, Heads = 2 }, new FtTransformer { Width = 16, Heads = 2, Embedding = new PiecewiseLinear { Bins = 5 } }];

    private static readonly FittedNumbers fitted = new() { Mean = [1, 2, 3, 4], Std = [1, 2, 1, 2], Missing = [1, 3], Bins = [[0, 1], [0, 1, 2], [0, 3], [1, 2]] };

    [Theory, MemberData(nameof(Networks))]
    public void AMissingNumber_IsScored_AndSeenWhereTrainingHadIt(ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var module = Build(config);
        module.eval();
        float[,] rows = { { 1, 2, 3, 4 }, { 1, float.NaN, 3, 4 }, { float.NaN, 2, 3, 4 } };
        var scores = module.Call(Input(tensor(rows)));
        Assert.True(scores.isfinite().all().item<bool>());
        Assert.False(scores[0].allclose(scores[1]), "feature 1 was missing in training: it has a mark");
        Assert.True(scores[0].allclose(scores[2], 1e-5, 1e-6), "feature 0 never was: the mean takes its place");
    }

    [Theory, MemberData(nameof(Networks))]
    public void WhereNumbersAreMissing_TheMarkLearns(ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var module = Build(config);
        float[,] rows = { { 1, 2, 3, 4 }, { 1, float.NaN, 3, float.NaN }, { float.NaN, 2, 3, 4 } };
        module.Call(Input(tensor(rows))).pow(2).sum().backward();
        Assert.All(module.named_parameters(), parameter => Assert.True(parameter.parameter.grad!.isfinite().all().item<bool>(), parameter.name));
        if (config is FtTransformer)
            Assert.True(module.get_parameter("tokenizer.missing")!.grad!.abs().sum().item<float>() > 0);
    }

    [Theory, MemberData(nameof(Networks))]
    public void PaddingOfASetOfKeys_NeverChangesAScore(ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var module = Build(config);
        module.eval();
        var numbers = rand(2, 4);
        var alone = module.Call(Input(numbers, tensor(new[,] { { 3, 4 }, { 1, 2 } }, dtype: ScalarType.Int32), tensor(new[] { 2L, 1 })));
        var padded = module.Call(Input(numbers, tensor(new[,] { { 3, 4, 6, 6 }, { 1, 5, 5, 5 } }, dtype: ScalarType.Int32), tensor(new[] { 2L, 1 })));
        Assert.True(alone.allclose(padded, 1e-5, 1e-6));
    }

    [Fact]
    public void Columns_ThatAreNeitherNumbersNorKeys_AreRefusedByName() => Assert.Contains("column 'Photo' is ImageShape", Assert.Throws<ArgumentException>(() =>
        new TabularNet().Build(new ColumnsShape([new("Age", new VectorShape(1)), new("Photo", new ImageShape(8, 8))]), 2)).Message);

    [Fact]
    public void NumbersOfOtherColumns_AreRefused() => Assert.Contains("learnt of 4 features, but the columns have 3", Assert.Throws<ArgumentException>(() =>
        new TabularNet { Numbers = fitted }.Build(new VectorShape(3), 2)).Message);

    [Fact]
    public void AKeyThatWasNeverSeen_StartsNeutral()
    {
        using var scope = NewDisposeScope();
        using var embedding = new KeyEmbedding(5, 3, 1, CPU);
        Assert.Equal(new float[3], embedding.call(new InputTensor("", zeros(1, 1, dtype: ScalarType.Int32))).data<float>().ToArray());
    }

    private static nn.Module Build(ModelConfig config)
    {
        random.manual_seed(1);
        config = config switch { TabularNet net => net with { Numbers = fitted }, FtTransformer transformer => transformer with { Numbers = fitted }, _ => config };
        return config.Build(new ColumnsShape([new("A", new VectorShape(3)), new("Kind", new IdsShape(4, 1)), new("B", new VectorShape(1)), new("Words", new IdsShape(7))]), 2);
    }

    private static ModelInput Input(Tensor numbers, Tensor? words = null, Tensor? lengths = null)
    {
        var rows = numbers.shape[0];
        return new ModelInput([new InputTensor("A", numbers.narrow(1, 0, 3)), new InputTensor("Kind", ones(rows, 1, dtype: ScalarType.Int32)), new InputTensor("B", numbers.narrow(1, 3, 1)),
            new InputTensor("Words", words ?? ones(rows, 2, dtype: ScalarType.Int32), lengths ?? ones(rows, dtype: ScalarType.Int64))]);
    }
}
