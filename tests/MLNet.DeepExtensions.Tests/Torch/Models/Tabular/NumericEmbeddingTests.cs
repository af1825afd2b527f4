using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Tabular;

/// <summary>Numbers become vectors as Gorishniy et al. 2022 say.</summary>
[Collection(nameof(Alone))]
public class NumericEmbeddingTests
{
    [Fact]
    public void Quantiles_AreNumpys_AndEqualOnesComeOnce()
    {
        var numbers = new NumberStatistics(0, 1, false, [1, 2, 4, 8, 16]);
        // numpy.quantile([1, 2, 4, 8, 16], [0, 1/3, 2/3, 1])
        Assert.Equal([1f, 2.6666667f, 6.6666667f, 16f], numbers.Quantiles(3), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal([0f, 1f], new NumberStatistics(0, 1, false, [0, 0, 0, 0, 1]).Quantiles(4));
        Assert.Equal([7f], new NumberStatistics(0, 1, false, [7, 7, 7]).Quantiles(4));
        Assert.Empty(new NumberStatistics(0, 1, true, []).Quantiles(4));
    }

    [Fact]
    public void AValueThatMostRowsHave_LeavesTheOthersTheirBins()
    {
        var numbers = new NumberStatistics(0, 1, false, [.. Enumerable.Repeat(0f, 900), .. Enumerable.Range(1, 100).Select(i => (float)i)]);
        var cuts = numbers.Quantiles(10);
        Assert.Equal((0, 100), (cuts[0], cuts[^1]));
        Assert.InRange(cuts.Count, 10, 11);
        Assert.All(cuts.Skip(2).Zip(cuts.Skip(1)), two => Assert.InRange(two.First - two.Second, 5, 15));
    }

    [Fact]
    public void PiecewiseLinear_SaysHowFarANumberReachesIntoEachBin()
    {
        using var scope = NewDisposeScope();
        // one feature of bins [10, 20], [20, 40], [40, 50]; one that never changes; one of 0 and 1; all of mean 0 and standard deviation 10
        var fitted = new FittedNumbers { Mean = [0, 0, 0], Std = [10, 10, 10], Bins = [[10, 20, 40, 50], [10], [0, 1]] };
        var module = new PiecewiseLinear { Bins = 3 }.Build(fitted, 2, CPU);
        var bins = ((TorchSharp.Modules.Sequential)module).children().First();
        var encoded = ((nn.Module<Tensor, Tensor>)bins).call(tensor(new float[,] { { 3.5f, 1f, 0.05f }, { 0f, 1.5f, 0.1f }, { 6f, 0f, 0f } }));
        Assert.Equal([3, 3, 3], encoded.shape);
        float[] expected =
        [
            // 35, 10, 0.5: beyond the first bin, within the second
            1, 0.75f, 0,  0, 0, 0,  0.5f, 0, 0,
            // 0, 15, 1: below the first bin the line goes on
            -1, 0, 0,  0.5f, 0, 0,  1, 0, 0,
            // 60, 0, 0: and above the last
            1, 1, 2,  -1, 0, 0,  0, 0, 0,
        ];
        Assert.Equal(expected, encoded.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Periodic_IsCosinesAndSines_OfTheFrequencies()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var module = (TorchSharp.Modules.Sequential)new Periodic { Frequencies = 3, Sigma = 0.5 }.Build(FittedNumbers.Untouched(2), 4, CPU);
        var frequencies = module.get_parameter("waves.frequencies")!.data<float>().ToArray();
        var x = tensor(new float[,] { { 0.3f, -1.2f } });
        var waves = ((nn.Module<Tensor, Tensor>)module.children().First()).call(x).data<float>().ToArray();
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(Math.Cos(2 * Math.PI * frequencies[k] * 0.3f), waves[k], 1e-5);
            Assert.Equal(Math.Sin(2 * Math.PI * frequencies[k] * 0.3f), waves[3 + k], 1e-5);
            Assert.Equal(Math.Cos(2 * Math.PI * frequencies[3 + k] * -1.2f), waves[6 + k], 1e-5);
        }
        Assert.Equal([1, 2, 4], module.call(x).shape);
    }

    [Fact]
    public void EachFeature_HasALinearLayerOfItsOwn()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var module = new EachLinear(2, 3, 4, CPU);
        var x = rand(5, 2, 3);
        var y = module.call(x);
        for (var feature = 0; feature < 2; feature++)
        {
            var expected = x.select(1, feature).matmul(module.get_parameter("weight")![feature]) + module.get_parameter("bias")!.view(2, 4)[feature];
            Assert.True(y.select(1, feature).allclose(expected, 1e-5, 1e-6));
        }
    }
}
