using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>MNIST as our loader gives it and as a developer would read it by hand.</summary>
internal static class Mnist
{
    public static IDataView View(MLContext ml, string set) => ml.Data.LoadIdx(PathOf($"{set}-images-idx3-ubyte.gz"), PathOf($"{set}-labels-idx1-ubyte.gz"));

    public static IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options) =>
        ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [128] }, options));

    public static DeepTransformer Trained(ITransformer model) => ((IEnumerable<ITransformer>)model).OfType<DeepTransformer>().Single();

    /// <summary>All rows as tensors on the CPU: pictures in [0, 1] as float32 [N, 784], digits as int64 [N].</summary>
    public static (Tensor Pictures, Tensor Digits) Tensors(string set)
    {
        var pixels = Unpack(PathOf($"{set}-images-idx3-ubyte.gz"), header: 16);
        var digits = Unpack(PathOf($"{set}-labels-idx1-ubyte.gz"), header: 8);
        using var scope = NewDisposeScope();
        return (tensor(pixels).reshape(-1, 784).to(ScalarType.Float32).div(255).MoveToOuterDisposeScope(),
            tensor(Array.ConvertAll(digits, digit => (long)digit)).MoveToOuterDisposeScope());
    }

    private static byte[] Unpack(string path, int header)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray()[header..];
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "data", "mnist", name);
}
