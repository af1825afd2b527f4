using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>What a beginner gets wrong, and the line that the message tells to write.</summary>
public class BeginnersMistakesTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Fit_LabelIsNotAKey_SaysHowToMakeOne() =>
        Says<ArgumentOutOfRangeException>(() => Trainer().Fit(Blobs.View(ml, 9)), "Label column 'Label' must be a key", "MapValueToKey(\"Label\")");

    [Fact]
    public void Fit_LabelColumnIsMissing_ListsTheColumns() =>
        Says<ArgumentOutOfRangeException>(() => Trainer(label: "Species").Fit(Keys()), "label column 'Species'", "Label, Features, Weight, Number", "labelColumnName");

    [Fact]
    public void Fit_FeatureColumnIsMissing_ListsTheColumns() =>
        Says<ArgumentOutOfRangeException>(() => Trainer(feature: "Pixels").Fit(Keys()), "feature column 'Pixels'", "featureColumnName", "AppendCacheCheckpoint");

    [Fact]
    public void Fit_FeatureColumnHoldsText_SaysWhatItIs() =>
        Says<ArgumentOutOfRangeException>(() => ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(Trainer(feature: "Words")).Fit(ml.Data.LoadFromEnumerable([new Texts()])), "a vector of Single or Byte", "String");

    [Fact]
    public void Fit_InputShapeOfAnotherSize_SaysBoth() =>
        Says<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp(), inputShape: new ImageShape(28, 28)).Fit(Keys()),
            "has 4 values in each row", "[1, 28, 28] takes 784");

    [Fact]
    public void Fit_LeNetOnAVector_SaysHowToShapeIt() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new LeNet5()).Fit(Keys()), "LeNet5 takes pictures", "inputShape: new ImageShape(28, 28, 1)");

    [Fact]
    public void Fit_NoRows_SaysSo() =>
        Says<InvalidOperationException>(() => Trainer().Fit(ml.Data.FilterRowsByColumn(Keys(), "Weight", lowerBound: 5)), "The training set has no rows");

    [Fact]
    public void Options_OutOfRange_AreAllNamedAtOnce() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp { Dropout = 1.5 }, new DeepTrainerOptions()), "Dropout", "1.5");

    [Fact]
    public void Options_SeveralOutOfRange_AreAllNamedAtOnce() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Epochs = 0, BatchSize = -1, ValidationFraction = 1 }), "Epochs", "BatchSize", "ValidationFraction");

    [Fact]
    public void Options_NestedOutOfRange_IsNamedWithItsPath() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Optimizer = new Adam { LearningRate = -1 } }), "Optimizer", "LearningRate", "-1");

    [Fact]
    public void Options_UnknownDevice_SaysWhichThereAre() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Device = "gpu" }), "'gpu'", "\"cuda\"", "\"auto\"");

    [Fact]
    public void EarlyStopping_WithoutValidation_SaysHowToGetOne() =>
        Says<InvalidOperationException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Callbacks = [new EarlyStopping()] }).Fit(Keys()),
            "Fit(train, validation)", "ValidationFraction");

    [Fact]
    public void Network_OfTheWrongWidth_IsRefusedBeforeTheFirstStep() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep((input, _) => TorchSharp.torch.nn.Linear(input.Count, 1)).Fit(Keys()), "must give [rows, 3]");

    [Fact]
    public void Transform_OtherFeatureSize_SaysWhatTrainingHad()
    {
        using var model = Trainer().Fit(Keys());
        Says<ArgumentOutOfRangeException>(() => model.Transform(ml.Data.LoadFromEnumerable([new Wide()])), "4 × Single as in training", "Vector<Single, 5>");
    }

    [Fact]
    public void Device_CudaWithoutAGpu_SaysWhichPackage()
    {
        if (TorchSharp.torch.cuda.is_available())
            Assert.Skip("This machine has a CUDA GPU.");
        Says<InvalidOperationException>(() => ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Device = "cuda" }).Fit(Keys()), "TorchSharp-cuda-linux", "Device = \"auto\"");
    }

    private DeepTrainer Trainer(string label = "Label", string feature = "Features") =>
        ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [4] }, new DeepTrainerOptions { Epochs = 1 }, label, feature);

    private IDataView Keys()
    {
        var data = Blobs.View(ml, 30);
        return ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
    }

    private static void Says<T>(Action mistake, params string[] parts) where T : Exception
    {
        var error = Assert.Throws<T>(mistake);
        foreach (var part in parts)
            Assert.Contains(part, error.Message);
    }

    private sealed class Texts
    {
        public string Label { get; set; } = "a";

        public string Text { get; set; } = "some words";
    }

    private sealed class Wide
    {
        [VectorType(5)]
        public float[] Features { get; set; } = new float[5];
    }
}
