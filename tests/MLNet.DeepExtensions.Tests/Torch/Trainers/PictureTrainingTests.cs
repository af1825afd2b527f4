using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions.Tests;

public sealed class PictureTrainingTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;
    private readonly List<string> log = [];

    public PictureTrainingTests() => ml.Log += (_, entry) =>
    {
        lock (log)
            log.Add(entry.Message);
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public string Name { get; set; } = "";
    }

    [Fact]
    public void Fit_PictureColumn_LearnsAndPredictsFromFileBytesAndPicture()
    {
        ColouredSquares.Draw(folder, 24);
        var data = ml.Data.LoadImageFolder(folder);
        using var model = Pipeline(Options with { Epochs = 8 }).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")).Fit(data);
        Assert.Equal(1, ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy, 2);

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out _);
        var path = Path.Combine(folder, "red", "3.png");
        using var byPath = ml.Model.CreatePredictionEngine<ImageFile, Prediction>(loaded);
        using var byBytes = ml.Model.CreatePredictionEngine<FileContent, Prediction>(loaded);
        using var byPicture = ml.Model.CreatePredictionEngine<Picture, Prediction>(loaded);
        using var image = MLImage.CreateFromFile(path);
        var expected = byPath.Predict(new ImageFile { ImagePath = path });
        Assert.Equal("red", expected.Name);
        Assert.Equal(expected.Score, byBytes.Predict(new FileContent { Content = File.ReadAllBytes(path) }).Score);
        Assert.Equal(expected.Score, byPicture.Predict(new Picture { Image = image }).Score);
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void Fit_LoadImagesAndResizeImages_TakesMLNetsPicturesAsTheyAre()
    {
        ColouredSquares.Draw(folder, 12);
        var data = ml.Data.LoadImageFolder(folder);
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadImages("Image", null, "ImagePath")).Append(ml.Transforms.ResizeImages("Image", 8, 8))
            .Append(Trainer(Options)).Fit(data);
        Assert.Equal(12, ml.Data.CreateEnumerable<Prediction>(model.Transform(data), false, ignoreMissingColumns: true).Count());
    }

    [Fact]
    public void Fit_ConvertToGrayscaleAndExtractPixels_TakesTheVectorOfPixels()
    {
        Assert.SkipUnless(typeof(SKBitmap).Assembly.GetName().Version!.Major == 2, "ML.NET 5.0.1's ExtractPixels needs SkiaSharp 2");
        ColouredSquares.Draw(folder, 24);
        var data = ml.Data.LoadImageFolder(folder);
        var images = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadImages("Image", null, "ImagePath")).Append(ml.Transforms.ResizeImages("Image", 8, 8));
        using var grey = images.Append(ml.Transforms.ConvertToGrayscale("Grey", "Image")).Append(Trainer(Options, "Grey")).Fit(data);
        using var pixels = images.Append(ml.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1 / 255f)).Append(Trainer(Options with { Epochs = 20 }, "Pixels")).Fit(data);
        Assert.Equal(24, grey.Transform(data).GetColumn<float[]>("Score").Count());
        Assert.Equal(1, ml.MulticlassClassification.Evaluate(pixels.Transform(data)).MicroAccuracy);
    }

    [Fact]
    public void Fit_PicturesOfUnknownSize_SaysHowToResizeThem()
    {
        ColouredSquares.Draw(folder, 6);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.ReadImages("Image", "ImagePath")).Append(Trainer(Options));
        Assert.Contains("ResizeImages(\"Image\", 128, 128)", Assert.Throws<ArgumentOutOfRangeException>(() => pipeline.Fit(ml.Data.LoadImageFolder(folder))).Message);
    }

    [Fact]
    public void Transform_PictureColumnBesideTheScores_IsAnErrorForWhoAsksForABrokenOneOnly()
    {
        ColouredSquares.Draw(folder, 12);
        using var model = Pipeline(Options with { BrokenImages = BrokenImages.Skip }).Fit(ml.Data.LoadImageFolder(folder));
        File.WriteAllText(Path.Combine(folder, "red", "2.png"), "no picture");
        var scored = model.Transform(ml.Data.LoadImageFolder(folder));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var (image, score) = (cursor.GetGetter<MLImage>(scored.Schema["Image"]), cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]));
        var (pictures, failures) = (0, 0);
        while (cursor.MoveNext())
        {
            MLImage picture = null!;
            VBuffer<float> scores = default;
            score(ref scores);
            if (float.IsNaN(scores.GetItemOrDefault(0)))
            {
                Assert.Throws<InvalidImageException>(() => image(ref picture));
                failures++;
                continue;
            }
            image(ref picture);
            picture.Dispose();
            pictures++;
        }
        Assert.Equal((11, 1), (pictures, failures));
    }

    [Fact]
    public void Fit_BrokenPicturesAmongGoodOnes_SkipCountsAndNamesThem()
    {
        ColouredSquares.Draw(folder, 12);
        var broken = DifficultPictures.WriteBroken(Path.Combine(folder, "red"));
        using var model = Pipeline(Options with { BrokenImages = BrokenImages.Skip }).Fit(ml.Data.LoadImageFolder(folder));
        string said;
        lock (log)
            said = Assert.Single(log, line => line.Contains("Left out of the training rows"));
        Assert.Contains($"{broken.Count} whose picture cannot be read; 12 remain.", said);
        Assert.Contains("cut-in-the-middle.jpg' is cut off", said);
        Assert.Contains($"and {broken.Count - 10} more.", said);
    }

    [Fact]
    public void Fit_MLNetsLoadImagesAndBrokenPicture_NamesTheFile()
    {
        ColouredSquares.Draw(folder, 12);
        DifficultPictures.WriteBroken(Path.Combine(folder, "red"));
        var broken = Directory.GetFiles(Path.Combine(folder, "red")).Where(file => Path.GetFileName(file) is "noise.jpg" or "text.jpg");
        foreach (var file in broken)
        {
            var data = ml.Data.LoadFromEnumerable([new ImageFile { ImagePath = file, Label = "red" }, .. ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(folder, path => path.StartsWith("blue") ? "blue" : null), false)]);
            var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadImages("Image", null, "ImagePath")).Append(ml.Transforms.ResizeImages("Image", 8, 8)).Append(Trainer(Options));
            Assert.Contains(file, Assert.Throws<InvalidImageException>(() => pipeline.Fit(data)).Message);
        }
    }

    public static TheoryData<string> BrokenNames => ReadImagesTests.BrokenNames;

    [Theory, MemberData(nameof(BrokenNames))]
    public void Fit_OneBrokenPicture_ThrowNamesItAndSaysHowToSkip(string name)
    {
        ColouredSquares.Draw(folder, 12);
        DifficultPictures.WriteBroken(Path.Combine(folder, "other"));
        var broken = new ImageFile { ImagePath = Path.Combine(folder, "other", name), Label = "red" };
        var data = ml.Data.LoadFromEnumerable([.. ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(folder, path => path.StartsWith("other") ? null : ImageLabel.OfFolder(path)), false), broken]);
        var error = Assert.Throws<InvalidImageException>(() => Pipeline(Options).Fit(data));
        Assert.Contains(name, error.Message);
        Assert.Contains("BrokenImages.Skip", error.Message);
    }

    [Fact]
    public void Score_BrokenPictureWhereTrainingSkips_IsNaNAndTheOthersAreScored()
    {
        ColouredSquares.Draw(folder, 12);
        var data = ml.Data.LoadImageFolder(folder);
        using var model = Pipeline(Options with { BrokenImages = BrokenImages.Skip }).Fit(data);
        var good = Path.Combine(folder, "red", "0.png");
        var scores = ml.Data.CreateEnumerable<Prediction>(model.Transform(ml.Data.LoadFromEnumerable(
            [new ImageFile { ImagePath = good }, new ImageFile { ImagePath = "nowhere.jpg" }, new ImageFile { ImagePath = good }])), false, ignoreMissingColumns: true).Select(row => row.Score).ToList();
        Assert.All(scores[1], score => Assert.True(float.IsNaN(score)));
        Assert.Equal(scores[0], scores[2]);
        Assert.DoesNotContain(scores[0], float.IsNaN);
        using var engine = ml.Model.CreatePredictionEngine<ImageFile, Prediction>(model);
        Assert.All(engine.Predict(new ImageFile { ImagePath = "nowhere.jpg" }).Score, score => Assert.True(float.IsNaN(score)));
    }

    [Fact]
    public void Fit_ReadByManyThreads_GivesTheSameBitsEachTime()
    {
        ColouredSquares.Draw(folder, 300);
        var split = ml.Data.TrainValidationTestSplit(ml.Data.LoadImageFolder(folder), 0.8, 0.1, 0.1, seed: 3);
        var first = Weights();
        Assert.Equal(first, Weights());

        byte[] Weights()
        {
            using var model = Pipeline(Options).Fit(split.Train, split.Validation);
            return Bytes(model);
        }
    }

    [Fact]
    public void Fit_StreamedTwiceWithOneSeed_GivesTheSameBits()
    {
        ColouredSquares.Draw(folder, 120);
        var data = ml.Data.LoadImageFolder(folder);
        var options = Options with { CacheBudget = 5_000 };
        using var first = Pipeline(options).Fit(data);
        using var second = Pipeline(options).Fit(data);
        Assert.Equal(Bytes(first), Bytes(second));
    }

    [Fact]
    public void Fit_CacheFolder_KeepsTheRestInAFileAndGivesTheSameBits()
    {
        ColouredSquares.Draw(folder, 120);
        var cache = Path.Combine(folder, ".cache");
        var data = ml.Data.LoadImageFolder(folder);
        using var inMemory = Pipeline(Options).Fit(data);
        using var onDisk = Pipeline(Options with { CacheBudget = 0, CacheFolder = cache, Callbacks = [new EachBatch(() => Assert.Single(Directory.GetFiles(cache)))] }).Fit(data);
        Assert.Equal(Bytes(inMemory), Bytes(onDisk));
        Assert.Empty(Directory.GetFiles(cache));
    }

    [Fact]
    public void Fit_MoreThanTheBudgetAndValidationFraction_SaysWhatToDo()
    {
        ColouredSquares.Draw(folder, 60);
        var error = Assert.Throws<InvalidOperationException>(() => Pipeline(Options with { CacheBudget = 100, ValidationFraction = 0.2 }).Fit(ml.Data.LoadImageFolder(folder)));
        Assert.Contains("CacheFolder", error.Message);
    }

    private sealed class EachBatch(Action look) : Callback
    {
        public override void OnBatchEnd(TrainingState state) => look();
    }

    private sealed class FileContent
    {
        [ColumnName("ImagePath")]
        public byte[] Content { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class Picture
    {
        [ColumnName("ImagePath"), Microsoft.ML.Transforms.Image.ImageType(16, 16)]
        public MLImage? Image { get; set; }

        public string Label { get; set; } = "";
    }

    private static DeepTrainerOptions Options => new() { Epochs = 2, BatchSize = 8, Seed = 5, Optimizer = new Adam { LearningRate = 0.01 } };

    private DeepTrainer Trainer(DeepTrainerOptions options, string column = "Image") =>
        ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [8] }, options, featureColumnName: column);

    private EstimatorChain<DeepTransformer> Pipeline(DeepTrainerOptions options, int side = 8) => ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = side, Width = side }))
        .Append(Trainer(options));

    private static byte[] Bytes(TransformerChain<DeepTransformer> model) => [.. model.LastTransformer.Module.state_dict().SelectMany(entry => entry.Value.bytes.ToArray())];
}
