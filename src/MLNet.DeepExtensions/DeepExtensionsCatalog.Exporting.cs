using System;
using System.IO;
using Google.Protobuf;
using MLNet.DeepExtensions;

namespace Microsoft.ML;

public static partial class DeepExtensionsCatalog
{
    /// <summary>
    /// Saves a model for applications without libtorch: an ordinary ML.NET model file with the same columns and the same answers, whose networks are ONNX graphs. It is opened with
    /// <c>mlContext.Model.Load</c> where the package MLNet.DeepExtensions.Onnx is; MLNet.DeepExtensions itself is not needed there.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted pipeline, or one transformer.</param>
    /// <param name="inputSchema">The schema of the data that it takes; null says nothing of it, as in <c>mlContext.Model.Save</c>.</param>
    /// <param name="path">The file. It is replaced only when all is written.</param>
    /// <param name="weights">How weights are kept: fewer bytes make a smaller file and other scores.</param>
    /// <exception cref="NotSupportedException">A network has a part that ONNX cannot say, or that it is not known how to; the message names it.</exception>
    public static void SavePortable(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string path, PortableWeights weights = PortableWeights.Float32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var portable = PortableChains.Of(model, weights);
        AtomicFile.Write(path, stream => catalog.Save(portable, inputSchema, stream));
    }

    /// <inheritdoc cref="SavePortable(ModelOperationsCatalog, ITransformer, DataViewSchema?, string, PortableWeights)"/>
    /// <param name="catalog">The catalog, <c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted pipeline, or one transformer.</param>
    /// <param name="inputSchema">The schema of the data that it takes; null says nothing of it.</param>
    /// <param name="stream">Takes the file; it must be able to seek.</param>
    /// <param name="weights">How weights are kept.</param>
    public static void SavePortable(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, Stream stream, PortableWeights weights = PortableWeights.Float32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        catalog.Save(PortableChains.Of(model, weights), inputSchema, stream);
    }
}
