using Google.Protobuf;
using Microsoft.ML;
using MLNet.DeepExtensions.Onnx;
using MLNet.DeepExtensions.Tests.Conformance;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting;

/// <summary>Graphs that somebody damaged, by chance or on purpose: they are refused or score something, and the process lives.</summary>
public sealed class FuzzedGraphTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void FlippedBytes_AreRefusedOrScoreSomething()
    {
        var (graph, config, rows) = Small();
        var dice = new Random(1);
        var refused = 0;
        for (var round = 0; round < 600; round++)
        {
            var bytes = (byte[])graph.Clone();
            for (var flips = dice.Next(1, 6); flips > 0; flips--)
                bytes[dice.Next(bytes.Length)] = (byte)dice.Next(256);
            refused += Survives(config, bytes, rows) ? 0 : 1;
        }
        Assert.InRange(refused, 50, 600);
    }

    [Fact]
    public void CutAndRepeatedBytes_AreRefusedOrScoreSomething()
    {
        var (graph, config, rows) = Small();
        var dice = new Random(2);
        for (var round = 0; round < 300; round++)
        {
            var (start, length) = (dice.Next(graph.Length), dice.Next(1, 60));
            var end = Math.Min(graph.Length, start + length);
            Survives(config, round % 2 == 0 ? [.. graph[..start], .. graph[end..]] : [.. graph[..end], .. graph[start..]], rows);
        }
    }

    [Theory]
    [InlineData("dims that are larger than the data")]
    [InlineData("dims below zero")]
    [InlineData("dims whose product overflows")]
    [InlineData("less data than dims")]
    [InlineData("a type that is none")]
    [InlineData("text in place of numbers")]
    public void AWeightThatIsNotWhatItSays_IsRefused_ByName(string kind)
    {
        var (graph, config, _) = Small();
        var model = ModelProto.Parser.ParseFrom(graph);
        var weight = model.Graph.Initializer.First(tensor => tensor.Dims.Count == 2);
        switch (kind)
        {
            case "dims that are larger than the data": weight.Dims[0] *= 1000; break;
            case "dims below zero": weight.Dims[0] = -weight.Dims[0]; break;
            case "dims whose product overflows": (weight.Dims[0], weight.Dims[1]) = (1L << 40, 1L << 40); break;
            case "less data than dims": weight.RawData = ByteString.CopyFrom(weight.RawData.Span[..^4]); break;
            case "a type that is none": weight.DataType = 77; break;
            default: weight.DataType = OnnxGraph.DataType.String; break;
        }
        var e = Assert.Throws<InvalidModelFileException>(() => new OnnxEngine(config, model.ToByteArray()));
        Assert.Contains(weight.Name, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a circle")]
    [InlineData("an operator that is none")]
    [InlineData("an output that nothing gives")]
    [InlineData("an input of another type")]
    [InlineData("opset 99")]
    [InlineData("two nodes that give one value")]
    public void AGraphThatCannotRun_IsRefused(string kind)
    {
        var (graph, config, rows) = Small();
        var model = ModelProto.Parser.ParseFrom(graph);
        var nodes = model.Graph.Node;
        switch (kind)
        {
            case "a circle": nodes[0].Input[0] = nodes[^1].Output[0]; break;
            case "an operator that is none": nodes[0].OpType = "Frobnicate"; break;
            case "an output that nothing gives": nodes.RemoveAt(nodes.Count - 1); break;
            case "an input of another type": model.Graph.Input[0].Type.TensorType.ElemType = OnnxGraph.DataType.String; break;
            case "opset 99": model.OpsetImport[0].Version = 99; break;
            default: nodes.Add(nodes[0].Clone()); break;
        }
        Assert.False(Survives(config, model.ToByteArray(), rows));
    }

    /// <returns>Whether it was taken and scored rows; what is not, is refused in a way that an application can catch.</returns>
    private static bool Survives(PortableModel config, byte[] graph, InputRows rows)
    {
        try
        {
            using var engine = new OnnxEngine(config, graph);
            engine.Score(rows, new ScoreRows());
            return true;
        }
        catch (Exception e) when (e is InvalidModelFileException or InvalidOperationException)
        {
            return false;
        }
    }

    private (byte[] Graph, PortableModel Config, InputRows Rows) Small()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }).Fit(data);
        var network = trained.LastTransformer;
        var graph = OnnxExport.ForScoring(network.Model).ToByteArray();
        var config = new PortableModel { Features = [.. network.Model.Saved.Inputs.Select(input => input.Features)], Task = network.Model.Saved.Task };
        var rows = InputRows.For(config.Features, null, 3);
        for (var row = 0; row < 3; row++)
            ((RowStore<float>)rows.Columns[0]).Add([row, 1f, 2f, 3f]);
        using var engine = new OnnxEngine(config, graph);
        engine.Score(rows, new ScoreRows());
        return (graph, config, rows);
    }
}
