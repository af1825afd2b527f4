using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Conformance;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting;

/// <summary>Portable models whose weights take two bytes, or one.</summary>
public sealed class SmallerWeightsTests
{
    private readonly MLContext ml = new(seed: 1);

    [Theory]
    [InlineData(PortableWeights.Float16, 0.55, 9_995)]
    [InlineData(PortableWeights.Int8, 0.32, 9_950)]
    public void ADigitsFile_IsAFractionAsLong_AndNearlyAllLabelsStay(PortableWeights weights, double share, int alike)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "data", "mnist");
        var digits = ml.Data.LoadIdx(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"));
        using var trained = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Epochs = 1, Seed = 1 })).Fit(digits);
        using MemoryStream whole = new(), small = new();
        ml.Model.SavePortable(trained, digits.Schema, whole);
        ml.Model.SavePortable(trained, digits.Schema, small, weights);
        Assert.InRange(small.Length, 1, (long)(share * whole.Length));

        var context = new MLContext();
        var (expected, actual) = (Scored.Of(ml, trained, digits), Scored.Of(context, context.Model.Load(small, out _), digits));
        Assert.InRange(expected.Zip(actual).Count(pair => pair.First.Label == pair.Second.Label), alike, expected.Count);
    }

    [Fact]
    public void ARowBesideAFarLargerOne_ScoresAsItDoesAlone()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }, new Mlp { HiddenSizes = [64, 64] }).Fit(data);
        using var file = new MemoryStream();
        ml.Model.SavePortable(trained, data.Schema, file, PortableWeights.Int8);
        var context = new MLContext();
        var portable = context.Model.Load(file, out _);
        var rows = ml.Data.CreateEnumerable<Blobs.Row>(ml.Data.TakeRows(data, 2), reuseRowObject: false).ToList();
        var alone = Scored.Of(context, portable, ml.Data.LoadFromEnumerable(rows.Take(1)));
        Array.ForEach(Enumerable.Range(0, rows[1].Features.Length).ToArray(), i => rows[1].Features[i] *= 1e6f);
        Scored.AssertSame(alone, Scored.Of(context, portable, ml.Data.LoadFromEnumerable(rows)).Take(1).ToList(), 1e-6);
    }

    [Fact]
    public void NumbersTooLargeForHalfPrecision_KeepTheirFourBytes()
    {
        var graph = new OnnxGraph("weights");
        graph.Initializer("small", [256], OnnxGraph.DataType.Float, MemoryMarshal.AsBytes<float>(Enumerable.Repeat(0.5f, 256).ToArray()));
        graph.Initializer("large", [256], OnnxGraph.DataType.Float, MemoryMarshal.AsBytes<float>([1e5f, .. new float[255]]));
        HalfWeights.Apply(graph.Graph);
        Assert.Equal([(256 * 2, "small.half"), (256 * 4, "large")], graph.Graph.Initializer.Select(tensor => (tensor.RawData.Length, tensor.Name)));
    }
}
