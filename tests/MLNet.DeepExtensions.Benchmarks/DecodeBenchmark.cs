using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>A folder of JPEG files becomes rows in memory: our whole way from the files, against decoding and resizing alone. The pictures are drawn here.</summary>
internal static class DecodeBenchmark
{
    private const int Pictures = 400, Width = 500, Height = 375, Side = 128;

    public static void Run(int pairs)
    {
        var folder = Directory.CreateTempSubdirectory("decode").FullName;
        try
        {
            Draw(folder);
            var ml = new MLContext(seed: 1);
            var files = Directory.GetFiles(folder, "*.jpg", SearchOption.AllDirectories);
            var data = ml.Data.LoadImageFolder(folder);
            var trainer = ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [] }, new DeepTrainerOptions { Epochs = 1, BatchSize = Pictures }, featureColumnName: "Image");
            var labels = ml.Transforms.Conversion.MapValueToKey("Label");
            var ours = labels.Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = Side, Width = Side, Fit = ImageFit.Stretch })).Append(trainer);
            var theirs = labels.Append(ml.Transforms.LoadImages("Image", null, "ImagePath")).Append(ml.Transforms.ResizeImages("Image", Side, Side,
                resizing: Microsoft.ML.Transforms.Image.ImageResizingEstimator.ResizingKind.Fill)).Append(trainer);

            Pairs.Run("decode", pairs, () => Ingest(ours), Skia, units: Pictures, asSpeed: true);
            Pairs.Run("decode-mlnet-steps", pairs, () => Ingest(theirs), Skia, units: Pictures, asSpeed: true);

            double Ingest(EstimatorChain<DeepTransformer> pipeline)
            {
                using var model = pipeline.Fit(data);
                return model.LastTransformer.History.IngestTime.TotalSeconds;
            }

            double Skia() => Pairs.Seconds(() => Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, file =>
            {
                using var picture = SKBitmap.Decode(file);
                using var resized = picture.Resize(new SKImageInfo(Side, Side), SKFilterQuality.Medium);
            }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // waves and noise: about as hard to decode as a photo
    private static void Draw(string folder)
    {
        var random = new Random(1);
        using var bitmap = new SKBitmap(Width, Height);
        for (var i = 0; i < Pictures; i++)
        {
            var (a, b, c) = (random.NextDouble() / 20, random.NextDouble() / 20, random.NextDouble() * 6);
            for (var y = 0; y < Height; y++)
                for (var x = 0; x < Width; x++)
                    bitmap.SetPixel(x, y, new SKColor((byte)(128 + 90 * Math.Sin(a * x + c) + random.Next(-18, 18)), (byte)(128 + 90 * Math.Sin(b * y + a * x) + random.Next(-18, 18)), (byte)(128 + 90 * Math.Cos(b * y))));
            var path = Path.Combine(folder, i % 2 == 0 ? "even" : "odd", $"{i}.jpg");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = File.Create(path);
            bitmap.Encode(file, SKEncodedImageFormat.Jpeg, 90);
        }
    }
}
