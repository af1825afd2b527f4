using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Graphs;

public class OnnxGraphTests
{
    [Fact]
    public void ConstantsOfDifferentTypes_AreDifferentConstants()
    {
        using var network = nn.Identity();
        var graph = new OnnxGraph(network, _ => null);
        Assert.Equal(3, new[] { graph.Scalar(1), graph.Constant(1f), graph.Constant(1L) }.Select(value => value.Name).Distinct().Count());
        Assert.Equal(graph.Scalar(1), graph.Scalar(1));
        Assert.Equal(graph.Constant(0.5f), graph.Constant(0.5f));
    }

    [Fact]
    public void NodesAndWeights_AreNamedAfterTheModule()
    {
        using var network = nn.Sequential(("first", nn.Sequential(("0", nn.Linear(3, 2)))), ("act", nn.ReLU()));
        var graph = new OnnxGraph(network, _ => null);
        var output = graph.Call(network, graph.Input("x", OnnxGraph.DataType.Float, "rows", 3));
        Assert.Equal("act/Relu:0", output.Name);
        Assert.Equal(["first/0/MatMul", "first/0/Add", "act/Relu"], graph.Graph.Node.Select(node => node.Name));
        Assert.Equal(["first.0.weightᵀ", "first.0.bias"], graph.Graph.Initializer.Select(weight => weight.Name));
    }
}
