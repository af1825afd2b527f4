using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/pictures.md, run as it is shown there.</summary>
public sealed class PicturesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    #region types
    public sealed class Answer
    {
        public string Animal { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    public sealed class Upload
    {
        [ColumnName("ImagePath")]                              // the pipeline's input; a file's bytes do as well as its path
        public byte[] Content { get; set; } = [];

        public string Label { get; set; } = "";                // MapValueToKey asks for it; what it holds does not matter
    }
    #endregion

    [Fact]
    public void FromFolderToPredictions()
    {
        ColouredSquares.Draw(folder, 40);
        const int side = 16;
        #region data
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadImageFolder(folder);            // folder/cat/7.jpg, folder/dog/12.png, …
        var split = ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: "Label");
        #endregion

        #region pipeline
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = side, Width = side }))
            .Append(ml.Transforms.AugmentImages("Image", new RandomCrop(side, side) { Padding = 2 }, new RandomHorizontalFlip()))
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet { Widths = [16, 32] }, new DeepTrainerOptions
            {
                Epochs = 6,
                BatchSize = 8,
                Optimizer = new AdamW { LearningRate = 2e-3 },
                Schedule = new OneCycle(),
                Normalization = Normalization.Measured,
                BrokenImages = BrokenImages.Skip,
            }, featureColumnName: "Image"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Animal", "PredictedLabel"));

        using var model = pipeline.Fit(split.Train, split.Validation);
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.Test));
        #endregion
        Assert.True(metrics.MicroAccuracy > 0.7);

        var path = Path.Combine(folder, "red", "1.png");
        #region predict
        using var fromFile = ml.Model.CreatePredictionEngine<ImageFile, Answer>(model);
        var animal = fromFile.Predict(new ImageFile { ImagePath = path }).Animal;

        using var fromBytes = ml.Model.CreatePredictionEngine<Upload, Answer>(model);
        var same = fromBytes.Predict(new Upload { Content = File.ReadAllBytes(path) }).Animal;
        #endregion
        Assert.Equal(animal, same);

        var output = folder;
        #region reports
        var trained = model.OfType<DeepTransformer>().Single();
        trained.History.SaveLearningCurve(Path.Combine(output, "learning-curve.png"));
        metrics.ConfusionMatrix.SavePicture(Path.Combine(output, "confusion-matrix.png"));
        AugmentationSheet.Save(model.Transform(split.Train), "Image", Path.Combine(output, "augmented.png"));
        PredictionGallery.SaveMostWrong(model.Transform(split.Test), Path.Combine(output, "most-wrong.png"));

        using var heat = new GradCam(trained).Explain(path);
        heat.Overlay.Save(Path.Combine(output, "heat.png"));   // why it says so
        #endregion
        Assert.True(File.Exists(Path.Combine(output, "heat.png")));
    }

    [Fact]
    public void FineTuning()
    {
        ColouredSquares.Draw(folder, 16, side: 32);
        var ml = new MLContext(seed: 1);
        var weights = Path.Combine(folder, "squeezenet.safetensors");
        var data = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = 32, Width = 32 }))
            .Fit(ml.Data.LoadImageFolder(folder)).Transform(ml.Data.LoadImageFolder(folder));
        using (var some = ml.MulticlassClassification.Trainers.Deep(new SqueezeNet(), new DeepTrainerOptions { Epochs = 1 }, featureColumnName: "Image").Fit(data))
            some.SaveWeights(weights);

        #region pretrained
        var options = new DeepTrainerOptions
        {
            InitialWeights = new PretrainedWeights(weights),   // .safetensors, or PyTorch's .pth
            Normalization = Normalization.ImageNet,            // as those weights were trained
            Epochs = 8,
            BatchSize = 32,
            Optimizer = new AdamW { LearningRate = 1e-3, Groups = [new ParameterGroup("features") { LearningRateFactor = 0.1 }] },
            Schedule = new OneCycle(),
        };
        var trainer = ml.MulticlassClassification.Trainers.Deep(new SqueezeNet(), options, featureColumnName: "Image");
        #endregion

        #region freeze
        var headOnly = options with { Freeze = ["features"] };
        var stepByStep = options with { Freeze = ["features"], Callbacks = [new GradualUnfreezing("features.12", "features.11", "features.10")] };
        #endregion

        foreach (var with in new[] { options, headOnly, stepByStep })
        {
            using var model = ml.MulticlassClassification.Trainers.Deep(new SqueezeNet(), with with { Epochs = 1 }, featureColumnName: "Image").Fit(data);
            Assert.Single(model.History.Epochs);
        }
        Assert.NotNull(trainer);
    }

    [Fact]
    public void TenMillionPictures()
    {
        var options = new DeepTrainerOptions();
        #region large
        options = options with { CacheBudget = 8L << 30 };                       // bytes; null takes half of the free memory
        options = options with { CacheFolder = "/data/cache" };                  // what does not fit lies in a file there, decoded once
        options = options with { Precision = Precision.BFloat16Mixed };          // where the processor has units for it
        #endregion
        Assert.Equal(8L << 30, options.CacheBudget);
    }
}
