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
    public void Fit_LstmOnAVector_SaysHowToCutItIntoSteps() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Lstm()).Fit(Keys()), "Lstm reads sequences of steps", "a vector [4]", "inputShape: new SequenceShape(width)");

    [Fact]
    public void Fit_LstmOnAPicture_SaysWhichNetworksTakeOne_AndHowRowsAreSteps() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Lstm(), inputShape: new ImageShape(2, 2)).Fit(Keys()), "a picture [1, 2, 2]", "ConvNet", "new SequenceShape(2)");

    [Fact]
    public void Fit_StepsThatDoNotDivideTheVector_SaysWhichDo() =>
        Says<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.Deep(new Lstm(), inputShape: new SequenceShape(3)).Fit(Keys()), "4 values in each row", "no whole steps of 3", "new SequenceShape(1 or 2 or 4)");

    [Fact]
    public void Fit_RowsOfAnyLengthWithoutAShape_SaysHowToGiveOne() =>
        Says<ArgumentOutOfRangeException>(() => ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Lstm())).Fit(ml.Data.LoadFromEnumerable([new Ragged()])),
            "'Features' must have the same length in every row", "new SequenceShape(width)");

    [Fact]
    public void Fit_AVectorBesideASequenceInOneLstm_SaysFusion() =>
        Says<ArgumentException>(() => ml.MulticlassClassification.Trainers.Deep(new Lstm(), [new InputColumn("Features", new SequenceShape(2)), "Weight"]).Fit(Keys()), "column 'Weight' is a vector [1]", "new Fusion()");

    [Fact]
    public void Fit_ALabelForEachStepFromOneAnswer_SaysHowToPoolNothing() =>
        Says<ArgumentException>(() => ml.Transforms.Text.TokenizeIntoCharactersAsKeys("Label", "Label", useMarkerCharacters: false).Append(
            ml.MulticlassClassification.Trainers.DeepSequence(new Gru(), inputShape: new SequenceShape(1))).Fit(ml.Data.LoadFromEnumerable([new Ragged()])), "Pooling = Pooling.None");

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

    private sealed class Ragged
    {
        public string Label { get; set; } = "a";

        public float[] Features { get; set; } = [1, 2, 3];
    }

    private sealed class Wide
    {
        [VectorType(5)]
        public float[] Features { get; set; } = new float[5];
    }
}
