using System;
using System.IO;
using Google.Protobuf;
using MLNet.DeepExtensions;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>
    /// Writes a trained pipeline as one ONNX graph (opset 20) for any runtime: from the columns that enter its numeric part to <c>Score</c>, <c>PredictedLabel</c> and what the steps behind the network make of them.
    /// Labels are the graph's own: a <c>PredictedLabel</c> whose keys have values is the value itself, such as the name of a class.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted pipeline with one deep network, or that network alone; one that was loaded, too.</param>
    /// <param name="inputSchema">The schema of the data that it takes, as the training rows have it.</param>
    /// <param name="path">The file. It is replaced only when all is written.</param>
    /// <returns>What the graph takes and gives, and which steps are inside and outside. Steps without a form (reading and resizing pictures, tokenizing, custom mappings) stay outside: what they make is given to the graph.</returns>
    /// <exception cref="ArgumentException">There is no deep network in the pipeline, or several.</exception>
    /// <exception cref="NotSupportedException">A part of the network, its task, or the type of a column has no form in ONNX; the message names it.</exception>
    public static OnnxConversion ConvertToDeepOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (file, conversion) = Convert(model, inputSchema);
        AtomicFile.Write(path, file.WriteTo);
        return conversion;
    }

    /// <inheritdoc cref="ConvertToDeepOnnx(ModelOperationsCatalog, ITransformer, DataViewSchema, string)"/>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted pipeline with one deep network, or that network alone; one that was loaded, too.</param>
    /// <param name="inputSchema">The schema of the data that it takes, as the training rows have it.</param>
    /// <param name="stream">Takes the file.</param>
    public static OnnxConversion ConvertToDeepOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        var (file, conversion) = Convert(model, inputSchema);
        file.WriteTo(stream);
        return conversion;
    }

    private static (MLNet.DeepExtensions.Onnx.ModelProto File, OnnxConversion Conversion) Convert(ITransformer model, DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        return PipelineGraph.Write(new PipelineSteps(model, inputSchema));
    }
}
