using System.Globalization;
using System.Reflection;
using MLNet.DeepExtensions.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A trained network as an ONNX model: from the columns' own values, as they are buffered, to scores.</summary>
internal static class OnnxExport
{
    // what ONNX Runtime 1.17 and newer read
    private const int IrVersion = 9;

    /// <summary>Writes the graph that a scoring engine runs: one output, <see cref="PortableModel.ScoresName"/>.</summary>
    /// <exception cref="NotSupportedException">A part of the network has no form in ONNX; the message names it.</exception>
    public static ModelProto ForScoring(DeepModel model) => Write(model, (graph, task, scores) => graph.Output(scores, PortableModel.ScoresName, OnnxGraph.DataType.Float, task.IsSequence ? ["rows", "steps", task.OutputWidth] : ["rows", task.OutputWidth]));

    private static ModelProto Write(DeepModel model, Action<OnnxGraph, DeepTask, GraphValue> outputs)
    {
        model.Enter();
        try
        {
            var saved = model.Saved;
            using var scope = NewDisposeScope();
            var calls = ModuleCalls.Watch(model.Module, NetworkColumn.ShapeOf(saved.Inputs));
            var graph = new OnnxGraph(model.Module, module => calls.Of(module)?.Input);
            var columns = saved.Inputs.Select(column => InputOf(graph, column)).ToList();
            var output = graph.Call(model.Module, new GraphInput(columns));
            outputs(graph, saved.Task, Activate(graph, output, saved.Task.Activation));
            return Model(graph, saved);
        }
        finally
        {
            model.Leave();
        }
    }

    private static GraphColumn InputOf(OnnxGraph graph, NetworkColumn column)
    {
        var (features, name) = (column.Features, column.Features.Name);
        var type = features.Elements switch { ElementKind.UInt8 => OnnxGraph.DataType.UInt8, ElementKind.Int32 => OnnxGraph.DataType.Int32, _ => OnnxGraph.DataType.Float };
        object[] shape = !features.Shape.IsVariable ? ["rows", features.Shape.Count] : features.Shape is SequenceShape steps ? ["rows", $"{name}.steps", steps.Width] : ["rows", $"{name}.steps"];
        var values = OnnxInputStage.Export(graph, column.Stage, graph.Input(name, type, shape), features);
        return new GraphColumn(name, values, features.Shape.IsVariable ? graph.Input(PortableModel.LengthsOf(name), OnnxGraph.DataType.Int64, ["rows"]) : null);
    }

    internal static GraphValue Activate(OnnxGraph graph, GraphValue output, OutputActivation activation) => activation switch
    {
        OutputActivation.Softmax => graph.Node("Softmax", [output], ("axis", -1L)),
        OutputActivation.Sigmoid => graph.Node("Sigmoid", [output]),
        OutputActivation.Exponential => graph.Node("Exp", [output]),
        // as libtorch's normalize: nothing is divided by less than 1e-12
        OutputActivation.UnitLength => graph.Node("Div", [output, graph.Node("Max", [graph.Node("ReduceL2", [output, graph.Constant(1)], ("keepdims", 1L)), graph.Constant(1e-12f)])]),
        _ => output,
    };

    internal static ModelProto Model(OnnxGraph graph, SavedModel saved)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion, ProducerName = "MLNet.DeepExtensions", ProducerVersion = typeof(OnnxExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "",
            Graph = graph.Graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OnnxGraph.Opset } },
        };
        void Say(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        Say("model", saved.Model.ToString());
        if (saved.History.Run is { } run)
            Say("trained", run.Started.ToString("O", CultureInfo.InvariantCulture));
        if ((saved.Task as MulticlassTask)?.Labels is { } labels)
            Say("labels", System.Text.Json.JsonSerializer.Serialize(labels.Values));
        return model;
    }
}
