using System;
using System.IO;
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
    /// <param name="path">The file. It is replaced only when all is written. Weights of more than 1 GiB lie in a file beside it, <c>pets.onnx.data</c>, whose SHA-256 is in the metadata as <c>weights_sha256</c>.</param>
    /// <param name="weights">How weights are kept: fewer bytes make a smaller file and other scores.</param>
    /// <returns>What the graph takes and gives, and which steps are inside and outside. Steps without a form (reading and resizing pictures, tokenizing, custom mappings) stay outside: what they make is given to the graph.</returns>
    /// <exception cref="ArgumentException">There is no deep network in the pipeline, or several.</exception>
    /// <exception cref="NotSupportedException">A part of the network, its task, or the type of a column has no form in ONNX; the message names it.</exception>
    public static OnnxConversion ConvertToDeepOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path, PortableWeights weights = PortableWeights.Float32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (file, conversion) = Convert(model, inputSchema, weights);
        OnnxWeights.WriteTo(path, file);
        return conversion;
    }

    /// <inheritdoc cref="ConvertToDeepOnnx(ModelOperationsCatalog, ITransformer, DataViewSchema, string, PortableWeights)"/>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted pipeline with one deep network, or that network alone; one that was loaded, too.</param>
    /// <param name="inputSchema">The schema of the data that it takes, as the training rows have it.</param>
    /// <param name="stream">Takes the file, with all of its weights.</param>
    /// <param name="weights">How weights are kept.</param>
    public static OnnxConversion ConvertToDeepOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, Stream stream, PortableWeights weights = PortableWeights.Float32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        var (file, conversion) = Convert(model, inputSchema, weights);
        OnnxWeights.WriteTo(stream, file, "Give a path in place of a stream, so that weights lie in a file beside it, or smaller weights.");
        return conversion;
    }

    private static (MLNet.DeepExtensions.Onnx.ModelProto File, OnnxConversion Conversion) Convert(ITransformer model, DataViewSchema inputSchema, PortableWeights weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        var (file, conversion) = PipelineGraph.Write(new PipelineSteps(model, inputSchema));
        return (SmallerWeights.Apply(file, weights), conversion);
    }
}
