using System.IO.Compression;
using Microsoft.ML;
using MLNet.DeepExtensions.Tests.Torch.Exporting.Pipelines;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>Every registered architecture leaves as a graph that ONNX Runtime answers as libtorch does, or says by name what has no form there.</summary>
public class PortableConformance
{
    // what has no form yet, by the part that the message names
    private static readonly Dictionary<Type, string> notYet = new()
    {
    };

    private readonly MLContext ml = new(seed: 1);

    // those that tests register are their own affair
    public static TheoryData<Type> Models => [.. ModelConfig.Registered.Where(type => type.Assembly == typeof(ModelConfig).Assembly)];

    private (MLContext Context, ITransformer Portable) Reload(ITransformer trained, DataViewSchema schema, PortableWeights weights)
    {
        using var file = new MemoryStream();
        ml.Model.SavePortable(trained, schema, file, weights);
        file.Position = 0;
        var context = new MLContext();
        return (context, context.Model.Load(file, out _));
    }

    [Theory, MemberData(nameof(Models))]
    public void EveryModel_GivesTheSameScores_ThroughOnnxRuntime_AndNearlyTheSameInFewerBytes(Type type)
    {
        var (model, input, outputs) = ((ModelConfig)Activator.CreateInstance(type)!).Smallest();
        var (data, columns) = ExampleRows.Of(ml, input, outputs, 12);
        using var trained = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(model, columns, new DeepTrainerOptions { Epochs = 2, BatchSize = 4, Seed = 1, KeepBestWeights = false })).Fit(data);
        using var file = new MemoryStream();
        if (notYet.TryGetValue(type, out var part))
        {
            Assert.Contains(part, Assert.Throws<NotSupportedException>(() => ml.Model.SavePortable(trained, data.Schema, file)).Message, StringComparison.Ordinal);
            return;
        }
        ml.Model.SavePortable(trained, data.Schema, file);
        using (var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true))
        using (var network = archive.Entries.Single(entry => entry.Name == "network.onnx").Open())
        using (var graph = new MemoryStream())
        {
            network.CopyTo(graph);
            Converted.Strict(graph.ToArray()).Dispose();
        }
        file.Position = 0;
        var context = new MLContext();
        var portable = context.Model.Load(file, out _);
        foreach (var rows in new[] { 1, 5, 12 })
        {
            var view = ml.Data.TakeRows(data, rows);
            Scored.AssertSame(Scored.Of(ml, trained, view), Scored.Of(context, portable, view), 1e-4);
        }
        using var converted = new Converted(ml, trained, data.Schema);
        converted.AssertSame(data, 1e-4);

        foreach (var (weights, tolerance, alone) in ((PortableWeights, double, double)[])[(PortableWeights.Float16, 0.005, 1e-5), (PortableWeights.Int8, 0.05, 1e-3)])
        {
            (context, portable) = Reload(trained, data.Schema, weights);
            var together = Scored.Of(context, portable, data);
            Scored.AssertSame(Scored.Of(ml, trained, data), together, tolerance);
            // rows never see each other; but a sum in another order may fall to the other side of a half, and be rounded otherwise
            Scored.AssertSame(together.Take(1).ToList(), Scored.Of(context, portable, ml.Data.TakeRows(data, 1)), alone);
        }
    }
}

/// <summary>What a model says of rows.</summary>
internal static class Scored
{
    public static List<(float[] Score, uint Label)> Of(MLContext ml, ITransformer model, IDataView data)
    {
        var scored = model.Transform(data);
        return [.. Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<float[]>(scored, "Score").Zip(Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<uint>(scored, "PredictedLabel"))];
    }

    public static void AssertSame(List<(float[] Score, uint Label)> expected, List<(float[] Score, uint Label)> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.Equal(one.Score, other.Score, (a, b) => Math.Abs(a - b) <= tolerance);
            Assert.All(other.Score, score => Assert.True(float.IsFinite(score)));
        }
    }
}
