using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting;

/// <summary>Weights that lie in a file beside the graph.</summary>
public sealed class OnnxWeightsTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void WeightsBeside_ScoreAsWeightsWithin_AndHaveTheirHash()
    {
        var graph = Graph();
        var (within, apart) = (Path.Combine(folder.FullName, "within.onnx"), Path.Combine(folder.FullName, "apart.onnx"));
        OnnxWeights.WriteTo(within, graph.Clone());
        OnnxWeights.WriteTo(apart, graph, mostWithin: 100);
        Assert.Equal(["apart.onnx", "apart.onnx.data", "within.onnx"], folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.True(new FileInfo(apart).Length < new FileInfo(within).Length / 2);

        using var rows = OrtValue.CreateTensorValueFromMemory([1f, 2, 3, 4, 5, 6, 7, 8], [2, 4]);
        Assert.Equal(Scores(within, rows), Scores(apart, rows));

        var metadata = ModelProto.Parser.ParseFrom(File.ReadAllBytes(apart)).MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.Equal("apart.onnx.data", metadata["weights_file"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{apart}.data"))), metadata["weights_sha256"]);
    }

    [Fact]
    public void WeightsBeside_LieInTheSameFolder_AndWhereMemoryCanBeMapped()
    {
        var path = Path.Combine(folder.FullName, "apart.onnx");
        OnnxWeights.WriteTo(path, Graph(), mostWithin: 100);
        var moved = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External).ToList();
        Assert.NotEmpty(moved);
        Assert.All(moved, tensor =>
        {
            var data = tensor.ExternalData.ToDictionary(entry => entry.Key, entry => entry.Value);
            Assert.Equal("apart.onnx.data", data["location"]);
            Assert.Equal(0, long.Parse(data["offset"]) % 4096);
            Assert.Equal(tensor.Dims.Aggregate(4L, (a, b) => a * b), long.Parse(data["length"]));
        });
    }

    [Fact]
    public void WhenWeightsCannotBeWritten_NoOlderGraphReadsThem()
    {
        var path = Path.Combine(folder.FullName, "apart.onnx");
        OnnxWeights.WriteTo(path, Graph(), mostWithin: 100);
        // a folder in the place of the file
        File.Delete($"{path}.data");
        Directory.CreateDirectory($"{path}.data");
        Assert.ThrowsAny<Exception>(() => OnnxWeights.WriteTo(path, Graph(), mostWithin: 100));
        Assert.False(File.Exists(path));
    }

    private ModelProto Graph()
    {
        using var trained = Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }, new Mlp { HiddenSizes = [64, 32] }).Fit(Blobs.View(ml, 40));
        return OnnxExport.ForScoring(trained.LastTransformer.Model);
    }

    private static float[] Scores(string path, OrtValue rows)
    {
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, [rows], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
