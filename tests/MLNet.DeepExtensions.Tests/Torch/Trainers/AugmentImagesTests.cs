using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class AugmentImagesTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(12, 10)]
        public byte[] Picture { get; set; } = [];

        [VectorType(120)]
        public float[] Flat { get; set; } = [];

        [VectorType]
        public float[] AnyLength { get; set; } = [];
    }

    [Fact]
    public void Step_PassesValuesThrough_AndIsSavedWithThem()
    {
        foreach (var column in new[] { "Picture", "Flat" })
            EstimatorContract.Check(ml, ml.Transforms.AugmentImages(column, new RandomHorizontalFlip(), new RandomCrop(12, 10) { Padding = 2 }), Data(8));
    }

    [Fact]
    public void Step_PassesMLImagesThrough()
    {
        using var image = MLImage.CreateFromPixels(2, 2, MLPixelFormat.Rgba32, new byte[16]);
        var data = ml.Data.LoadFromEnumerable(new[] { new ImageRow { Image = image } });
        var passed = ml.Transforms.AugmentImages("Image", new RandomHorizontalFlip()).Fit(data).Transform(data);
        Assert.Single(InputPlan.AugmentationsOf(passed.Schema["Image"]));
        Assert.Equal(2, Assert.Single(ml.Data.CreateEnumerable<ImageRow>(passed, reuseRowObject: false)).Image!.Width);
    }

    [Fact]
    public void Annotation_SurvivesCopyColumnsSaveAndLoad_AndASecondStepAddsToIt()
    {
        var data = Data(8);
        var model = ml.Transforms.AugmentImages("Picture", new RandomHorizontalFlip(0.25)).Append(ml.Transforms.CopyColumns("Copy", "Picture"))
            .Append(ml.Transforms.AugmentImages("Copy", new RandomErasing { Scale = (0.1, 0.2) })).Fit(data);
        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var schema = ml.Model.Load(file, out _).Transform(data).Schema;
        Assert.Equal([new RandomHorizontalFlip(0.25)], InputPlan.AugmentationsOf(schema["Picture"]));
        Assert.Equal([new RandomHorizontalFlip(0.25), new RandomErasing { Scale = (0.1, 0.2) }], InputPlan.AugmentationsOf(schema["Copy"]));
    }

    [Fact]
    public void Fit_PlaysAugmentationsInTraining_AndNeverInValidationOrScoring()
    {
        List<(bool Training, double Highest)> seen = [];
        // black pictures with a white rectangle: whoever sees white sees an augmented one
        var pipeline = Pipeline("Picture", new WatchingModel(seen), Options, new RandomErasing(1) { Scale = (0.3, 0.3), Ratio = (1, 1), Value = 1 });
        using var model = pipeline.Fit(Data(24), Data(12));
        model.Transform(Data(12)).Preview();
        Assert.All(seen, batch => Assert.Equal(batch.Training ? 1 : 0, batch.Highest));
        Assert.Contains(seen, batch => batch.Training);
        Assert.Contains(seen, batch => !batch.Training);
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameScores_AndAnotherOneDoesNot()
    {
        float[] Scores(int seed)
        {
            using var model = Pipeline("Picture", new Mlp { HiddenSizes = [4] }, Options with { Seed = seed }, new RandomCrop(12, 10) { Padding = 2 }, new RandomErasing { Value = 0.7 }).Fit(Data(24));
            return [.. model.Transform(Data(4)).GetColumn<float[]>("Score").SelectMany(score => score)];
        }

        Assert.Equal(Scores(1), Scores(1));
        Assert.NotEqual(Scores(1), Scores(2));
    }

    [Fact]
    public void Fit_CropsOfRandomSize_BuildTheNetworkForThem_AndScoringTakesTheMiddle()
    {
        var data = Data(24);
        using var model = Pipeline("Picture", new Mlp { HiddenSizes = [4] }, Options with { Normalization = Normalization.Measured }, new RandomResizedCrop(8, 6), new MixUp()).Fit(data, Data(8));
        var trained = model.LastTransformer.Model;
        Assert.Equal(new PictureSize(8, 6), trained.Input.CentreCrop);
        Assert.Equal(new ImageShape(8, 6), trained.Input.OutputShape(trained.InputShape));
        Assert.Equal(new ImageShape(12, 10), trained.InputShape);
        Assert.Equal([48 * 4, 4, 4 * 2, 2], trained.Module.parameters().Select(parameter => parameter.numel()));

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out _);
        Assert.Equal(model.Transform(data).GetColumn<float[]>("Score"), loaded.Transform(data).GetColumn<float[]>("Score"));
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void Fit_FlatVector_NeedsInputShape_AndTheMessageSaysSo()
    {
        var step = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.AugmentImages("Flat", new RandomHorizontalFlip()));
        var error = Assert.Throws<ArgumentException>(() => step.Append(Trainer(null)).Fit(Data(8)));
        Assert.Contains("inputShape: new ImageShape(height, width, channels)", error.Message);
        using var model = step.Append(Trainer(new ImageShape(12, 10))).Fit(Data(8));

        DeepTrainer Trainer(InputShape? shape) => ml.MulticlassClassification.Trainers.Deep(new Mlp(), Options, featureColumnName: "Flat", inputShape: shape);
    }

    [Theory]
    [InlineData("Label", "must hold pictures, or vectors of Byte or Single of one length")]
    [InlineData("AnyLength", "must hold pictures, or vectors of Byte or Single of one length")]
    [InlineData("Photo", "The picture column 'Photo' is not in the data")]
    public void ColumnThatHoldsNoPictures_SaysWhatToDo(string column, string complaint)
    {
        var step = ml.Transforms.AugmentImages(column, new RandomHorizontalFlip());
        Assert.Contains(complaint, Assert.Throws<ArgumentOutOfRangeException>(() => step.Fit(Data(4))).Message);
        Assert.Contains(complaint, Assert.Throws<ArgumentOutOfRangeException>(() => step.Append(ml.Transforms.CopyColumns("A", column)).Fit(Data(4))).Message);
    }

    [Fact]
    public void FitWithValidation_WhoseAugmentationsAreLostOnTheWay_NamesTheStepThatLostThem()
    {
        IEstimator<ITransformer> After(params IEstimator<ITransformer>[] steps) => steps.Aggregate((IEstimator<ITransformer>)ml.Transforms.Conversion.MapValueToKey("Label"), (all, step) => all.Append(step));
        var flip = ml.Transforms.AugmentImages("Flat", new RandomHorizontalFlip());
        var scale = ml.Transforms.NormalizeMinMax("Flat");
        var trainer = ml.MulticlassClassification.Trainers.Deep(new Mlp(), Options, featureColumnName: "Flat", inputShape: new ImageShape(12, 10));
        var message = Assert.Throws<InvalidOperationException>(() => After(flip, scale, trainer).Fit(Data(8), Data(8))).Message;
        Assert.Contains("AugmentImages(\"Flat\", …)", message);
        Assert.Contains("Normaliz", message);
        (After(scale, flip, trainer).Fit(Data(8), Data(8)) as IDisposable)?.Dispose();
    }

    [Fact]
    public void NoAugmentations_ChangeNothing()
    {
        using var with = Pipeline("Picture", new Mlp(), Options).Fit(Data(8));
        using var without = Pipeline("Picture", new Mlp(), Options, new RandomHorizontalFlip(0)).Fit(Data(8));
        Assert.Equal(without.Transform(Data(8)).GetColumn<float[]>("Score"), with.Transform(Data(8)).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void Settings_OutOfRange_AreRefusedAtOnce()
    {
        Assert.Contains("Probability", Assert.Throws<ArgumentException>(() => ml.Transforms.AugmentImages("Picture", new RandomErasing(2))).Message);
        Assert.Contains("KernelSize must be odd", Assert.Throws<ArgumentException>(() => ml.Transforms.AugmentImages("Picture", new GaussianBlur(4))).Message);
    }

    private static DeepTrainerOptions Options => new() { Epochs = 2, BatchSize = 8 };

    private EstimatorChain<DeepTransformer> Pipeline(string column, ModelConfig model, DeepTrainerOptions options, params Augmentation[] augmentations) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.AugmentImages(column, augmentations))
            .Append(ml.MulticlassClassification.Trainers.Deep(model, options, featureColumnName: column));

    private IDataView Data(int count) => ml.Data.LoadFromEnumerable(Enumerable.Range(0, count)
        .Select(i => new Row { Label = i % 2 == 0 ? "even" : "odd", Picture = new byte[120], Flat = [.. Enumerable.Repeat(i / 100f, 120)], AnyLength = [1] }));

    private sealed class ImageRow
    {
        [Microsoft.ML.Transforms.Image.ImageType(2, 2)]
        public MLImage? Image { get; set; }
    }

    private sealed record WatchingModel(List<(bool Training, double Highest)> Seen) : ModelConfig
    {
        public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null) => new Watching(Linear(input.Count, outputs), Seen);
    }

    private sealed class Watching : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> linear;
        private readonly List<(bool, double)> seen;

        public Watching(Module<Tensor, Tensor> linear, List<(bool, double)> seen) : base(nameof(Watching))
        {
            (this.linear, this.seen) = (linear, seen);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            seen.Add((training, input.amax().ToDouble()));
            return linear.call(input.flatten(1));
        }
    }
}
