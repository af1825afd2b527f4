namespace MLNet.DeepExtensions;

/// <summary>What became of a pipeline that <c>mlContext.Model.ConvertToDeepOnnx</c> wrote as one ONNX graph. The file says the same in its metadata.</summary>
/// <param name="Inputs">What the graph takes: columns of the data, or what the steps outside make of them.</param>
/// <param name="Outputs">What it gives: the columns that scoring adds, and those that steps behind the network make of them.</param>
/// <param name="StepsInside">The steps that are part of the graph, in the order of the pipeline.</param>
/// <param name="StepsOutside">The steps that the caller does, in the order of the pipeline: those that the inputs come from, and those behind the network.</param>
public sealed record OnnxConversion(IReadOnlyList<OnnxColumn> Inputs, IReadOnlyList<OnnxColumn> Outputs, IReadOnlyList<string> StepsInside, IReadOnlyList<OnnxStep> StepsOutside);

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name; a column's.</param>
/// <param name="Type">The type of its numbers as NumPy calls it, such as <c>float32</c> or <c>uint8</c>, or <c>text</c>.</param>
/// <param name="Shape">Its dimensions: numbers, or a name where the size is free, such as <c>rows</c>. A column of single values is [rows, 1].</param>
/// <param name="ColumnType">The column's type as ML.NET writes it.</param>
/// <param name="Holds">What it holds, with units and ranges.</param>
public sealed record OnnxColumn(string Name, string Type, IReadOnlyList<string> Shape, string ColumnType, string Holds);

/// <summary>A step that is not part of a graph.</summary>
/// <param name="Name">The step.</param>
/// <param name="From">The columns that it reads.</param>
/// <param name="Makes">The columns that it makes.</param>
/// <param name="Settings">Its settings, where it is one of this library's; else null.</param>
public sealed record OnnxStep(string Name, IReadOnlyList<string> From, IReadOnlyList<string> Makes, string? Settings = null);
