using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeConsole;

/// <summary>A pipeline that is a plain ONNX file: ONNX Runtime alone goes from bytes to labels. Any other runtime would do, in any language.</summary>
internal static class PlainOnnx
{
    private const int BatchSize = 256;

    public static int Digits(MLContext ml, FileInfo file)
    {
        var data = Path.Combine(AppContext.BaseDirectory, "data", "mnist");
        var test = ml.Data.LoadIdx(Path.Combine(data, "t10k-images-idx3-ubyte.gz"), Path.Combine(data, "t10k-labels-idx1-ubyte.gz"));
        using var session = new InferenceSession(file.FullName);
        return Report("digits, plain ONNX", ml.Data.CreateEnumerable<Digit>(test, reuseRowObject: false).Select(digit => (digit.Features, $"{digit.Label}")), Read);

        IEnumerable<string> Read(byte[] bytes, int rows)
        {
            #region plain
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<byte>(bytes, [rows, 28, 28]))], ["Digit"]);
            var digits = outputs[0].AsTensor<byte>().ToArray();
            #endregion
            return digits.Select(digit => $"{digit}");
        }
    }

    public static int Pictures(MLContext ml, FileInfo file, DirectoryInfo folder)
    {
        using var session = new InferenceSession(file.FullName);
        // decoding and resizing are what the graph leaves to its caller: here ML.NET's steps do it, as in training
        int[] shape = session.InputMetadata["Image"].Dimensions;
        var (height, width) = (shape[1], shape[2]);
        var photos = ml.Data.LoadImageFolder(folder.FullName);
        var read = ml.Transforms.ReadImages("Image", "ImagePath", new MLNet.DeepExtensions.ImageReading { Height = height, Width = width }).Append(ml.Transforms.ExtractPixels("Pixels", "Image", interleavePixelColors: true, outputAsFloatArray: false));
        return Report("pictures, plain ONNX", ml.Data.CreateEnumerable<RgbPhoto>(read.Fit(photos).Transform(photos), reuseRowObject: false).Select(photo => (photo.Pixels, photo.Label)), Read);

        IEnumerable<string> Read(byte[] bytes, int rows)
        {
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("Image", new DenseTensor<byte>(bytes, [rows, height, width, 3]))], ["Answer"]);
            return [.. outputs[0].AsTensor<string>()];
        }
    }

    private static int Report(string what, IEnumerable<(byte[] Bytes, string Label)> rows, Func<byte[], int, IEnumerable<string>> read)
    {
        var (count, right, scoring) = (0, 0, new Stopwatch());
        foreach (var batch in rows.Chunk(BatchSize))
        {
            var bytes = batch.SelectMany(row => row.Bytes).ToArray();
            scoring.Start();
            var labels = read(bytes, batch.Length).ToList();
            scoring.Stop();
            count += batch.Length;
            right += batch.Zip(labels).Count(pair => pair.First.Label == pair.Second);
        }
        Console.WriteLine($"{count:N0} {what}: {(double)right / count:P2} right, {count / scoring.Elapsed.TotalSeconds:N0} a second.");
        Console.WriteLine("RESULT " + JsonSerializer.Serialize(new { sample = "edge-console", what, rows = count, accuracy = Math.Round((double)right / count, 4), rows_per_second = Math.Round(count / scoring.Elapsed.TotalSeconds) }));
        return 0;
    }

    private sealed class RgbPhoto
    {
        public string Label { get; set; } = "";

        public byte[] Pixels { get; set; } = [];
    }
}
