using Microsoft.ML.Data;
using MLNet.DeepExtensions.Onnx;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A pipeline as one graph: from the columns that enter its numeric part to those that scoring and the steps behind it give.</summary>
internal sealed class PipelineGraph
{
    /// <summary>ONNX's operators for classical models, of which table lookup is one.</summary>
    public const string ClassicalDomain = "ai.onnx.ml";

    // that of opset 20
    private const int ClassicalVersion = 4;

    private readonly PipelineSteps steps;
    private readonly OnnxGraph graph;
    private readonly PipelineInputs inputs;
    private readonly Dictionary<Origin, ColumnValue> written = new(ReferenceEqualityComparer.Instance);
    private readonly SortedDictionary<int, List<string>> inside = [];
    private readonly List<OnnxColumn> outputs = [];
    private readonly List<OnnxStep> behind = [];
    private Dictionary<string, GraphValue>? scores;

    private PipelineGraph(PipelineSteps steps, OnnxGraph graph) => (this.steps, this.graph, inputs) = (steps, graph, new PipelineInputs(steps, graph));

    /// <summary>Writes a pipeline.</summary>
    /// <exception cref="NotSupportedException">A part of the network, its task or the type of a column has no form in ONNX; the message names it.</exception>
    public static (ModelProto File, OnnxConversion Conversion) Write(PipelineSteps steps)
    {
        var model = steps.Model;
        TaskOutputs.Check(model.Saved.Task);
        model.Enter();
        try
        {
            using var scope = NewDisposeScope();
            using var calls = ModuleCalls.Watch(model.Module, NetworkColumn.ShapeOf(model.Saved.Inputs));
            var pipeline = new PipelineGraph(steps, new OnnxGraph(model.Module, module => calls.Of(module)?.Input));
            pipeline.WriteOutputs();
            return pipeline.Finish();
        }
        finally
        {
            model.Leave();
        }
    }

    private void WriteOutputs()
    {
        // a later column of a name hides an earlier one
        var given = new Dictionary<string, Origin>(StringComparer.Ordinal);
        for (var step = steps.Network; step < steps.Count; step++)
            foreach (var column in steps.MadeBy(step))
            {
                var origin = steps.Resolve(column.Name, step + 1);
                if (origin.All().OfType<Given>().Any(outside => outside.Stage > steps.Network + 1))
                {
                    if (!behind.Any(known => known.Makes.Contains(column.Name)))
                        behind.Add(steps.Describe(step));
                }
                else if (origin.All().Any(part => part is NetworkOutput))
                    given[column.Name] = origin;
            }
        foreach (var (name, origin) in given.Where(column => steps.IsKept(column.Key)))
            WriteOutput(name, origin);
        if (outputs.Count == 0)
            throw new ArgumentException("The pipeline drops all columns that its network gives, so that a graph would give nothing. Keep one of them: name it in SelectColumns, or leave it out of DropColumns.", "model");
        if (graph.Graph.Input.FirstOrDefault(input => outputs.Any(output => output.Name == input.Name)) is { } both)
            throw new NotSupportedException($"Column '{both.Name}' goes into the graph, and another one of that name comes out of it, which ONNX does not know. Give the column that the pipeline makes another name.");
    }

    private void WriteOutput(string name, Origin origin)
    {
        var (column, values) = (origin.Column, Write(origin).Values);
        var item = OnnxTypes.ItemOf(column.Type);
        var holds = "";
        if (item is KeyDataViewType key)
        {
            var hasValues = KeyForms.HasValues(column);
            (values, item, holds) = hasValues ? (KeyForms.Look(graph, column, values), KeyForms.ValuesOf(column), $"the label itself, one of {key.Count}; {Missing(KeyForms.ValuesOf(column))} where a score is no number")
                : (graph.Cast(values, OnnxTypes.Of(item)!.Value), item, $"a key from 1 to {key.Count}, or 0 where a score is no number");
        }
        var (type, sizes) = (OnnxTypes.Of(item)!.Value, OnnxTypes.SizesOf(column.Type));
        if (sizes.Count > 1)
            values = values.Reshape([-1, .. sizes]);
        graph.Output(values, name, type, ["rows", .. sizes.Cast<object>()]);
        outputs.Add(new OnnxColumn(name, OnnxTypes.NameOf(type), ["rows", .. sizes.Select(size => $"{size}")], $"{column.Type}",
            holds.Length > 0 ? holds : origin is NetworkOutput && TaskOutputs.Holds(steps.Model.Saved.Task, name) is { } said ? said : PipelineInputs.Holds(column)));
    }

    private ColumnValue Write(Origin origin)
    {
        if (written.TryGetValue(origin, out var value))
            return value;
        switch (origin)
        {
            case Given given:
                value = inputs.Add(given);
                break;
            case NetworkOutput:
                value = new ColumnValue((scores ??= Score())[origin.Column.Name]);
                break;
            case Made made:
                var sources = made.Sources.Select(Write).ToList();
                graph.Within(made.Form.What.Replace('/', '_'), () => (value = made.Form.Write(graph, sources)).Values);
                if (!inside.TryAdd(made.Step, [made.Form.What]))
                    inside[made.Step].Add(made.Form.What);
                break;
        }
        return written[origin] = value!;
    }

    private Dictionary<string, GraphValue> Score()
    {
        var saved = steps.Model.Saved;
        var columns = saved.Inputs.Select(Column).ToList();
        var output = OnnxExport.Activate(graph, graph.Call(steps.Model.Module, new GraphInput(columns)), saved.Task.Activation);
        inside[steps.Network] = [$"{saved.Model.GetType().Name}"];
        return TaskOutputs.Export(graph, saved.Task, output);
    }

    private GraphColumn Column(NetworkColumn column)
    {
        var features = column.Features;
        var (rows, lengths) = Read(column);
        if (features.Picture)
            rows = PixelForm.Planes(graph, rows, (ImageShape)features.Shape);
        else if (features.Elements == ElementKind.Float32)
            rows = graph.Cast(rows, OnnxTypes.Float);
        return new GraphColumn(features.Name, OnnxInputStage.Export(graph, column.Stage, rows, features), lengths);
    }

    private ColumnValue Read(NetworkColumn column)
    {
        var features = column.Features;
        if (features.Text is not null)
            return inputs.AddTokens(column);
        if (steps.Model.Saved.Task is ForecastTask forecast)
            return inputs.AddWindow(column, forecast.Columns);
        var origin = steps.Resolve(features.Name, steps.Network);
        switch (origin, features.Shape)
        {
            case (_, ImageShape shape) when features.Picture:
                // nothing but a new name can be between pictures and a network
                var given = origin.All().OfType<Given>().Single();
                return written.TryGetValue(given, out var known) ? known : written[given] = inputs.AddPictures(given, shape);
            case (Given sequences, SequenceShape { Length: null, Width: var width }):
                return inputs.AddSequence(sequences, width);
            case (_, SequenceShape { Length: null, Width: var width }):
                // what steps give has each row's numbers side by side
                var (values, numbers) = Write(origin);
                return new ColumnValue(values.Reshape(0, -1, width), numbers! / graph.Constant(width));
            default:
                return Write(origin);
        }
    }

    private (ModelProto, OnnxConversion) Finish()
    {
        var conversion = new OnnxConversion(inputs.Columns, outputs, [.. inside.Values.SelectMany(what => what)], [.. inputs.StepsOutside, .. behind]);
        var file = OnnxExport.Model(graph, steps.Model.Saved);
        if (graph.Graph.Node.Any(node => node.Domain == ClassicalDomain))
            file.OpsetImport.Add(new OperatorSetIdProto { Domain = ClassicalDomain, Version = ClassicalVersion });
        PipelineMetadata.Write(file, conversion);
        return (file, conversion);
    }

    private static string Missing(DataViewType values) => values switch
    {
        TextDataViewType => "an empty text",
        BooleanDataViewType => "false",
        _ when OnnxTypes.IsReal(values) => "NaN",
        _ => "0",
    };
}
