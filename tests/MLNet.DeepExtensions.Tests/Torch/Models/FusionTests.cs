using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class FusionTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 30, BatchSize = 16, Seed = 2, Optimizer = new Adam { LearningRate = 0.01 } };

    private readonly MLContext ml = new(seed: 1);

    [Theory]
    [InlineData(FusionMethod.Concatenate)]
    [InlineData(FusionMethod.Attention)]
    public void APictureAndANumber_OfWhichBothAreNeeded_AreLearntTogether_AndSaved(FusionMethod method)
    {
        var (train, test) = (ml.Data.LoadFromEnumerable(Bars(400, 1)), ml.Data.LoadFromEnumerable(Bars(200, 2)));
        var fusion = new Fusion { EmbeddingSize = 16, Method = method, Encoders = [new("Picture", new ConvNet { Widths = [4, 8], Dropout = 0 })], Head = new Mlp { HiddenSizes = [32] } };
        using var model = Pipeline(fusion, [new InputColumn("Picture", new ImageShape(8, 8)), "Turn"]).Fit(train);
        Assert.InRange(ml.BinaryClassification.Evaluate(model.Transform(test)).Accuracy, 0.97, 1);

        // either column alone knows nothing
        using var picture = Pipeline(new ConvNet { Widths = [4, 8], Dropout = 0 }, [new InputColumn("Picture", new ImageShape(8, 8))], options with { Epochs = 10 }).Fit(train);
        Assert.InRange(ml.BinaryClassification.Evaluate(picture.Transform(test)).Accuracy, 0.3, 0.7);
        using var number = Pipeline(new Mlp(), ["Turn"], options with { Epochs = 10 }).Fit(train);
        Assert.InRange(ml.BinaryClassification.Evaluate(number.Transform(test)).Accuracy, 0.3, 0.7);

        using var file = new MemoryStream();
        ml.Model.Save(model, train.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(model.Transform(test).GetColumn<float>("Score"), loaded.Transform(test).GetColumn<float>("Score"));
    }

    [Fact]
    public void UsualEncoders_AreChosenByShape()
    {
        using var module = new Fusion().Build(new ColumnsShape([new("Photo", new ImageShape(16, 16, 3)), new("Icon", new ImageShape(4, 4)), new("Age", new VectorShape(1)),
            new("City", new IdsShape(7, 1)), new("Words", new IdsShape(99)), new("Heart.Rate", new SequenceShape(1)), new("Heart_Rate", new SequenceShape(2, 5))]), 3);
        var names = module.state_dict().Keys.ToHashSet();
        Assert.Superset(new HashSet<string> { "encoders.Photo.fc.weight", "encoders.Photo.stages.2.widen.weight", "encoders.Icon.fc1.weight", "encoders.Age.fc1.weight", "encoders.City.embedding.weight",
            "encoders.Words.lstm.weight_ih_l0", "encoders.Heart_Rate.lstm.weight_ih_l0", "encoders.Heart_Rate_.lstm.weight_ih_l0", "head.fc2.weight" }, names);
    }

    [Fact]
    public void WhatDoesNotFit_IsNamedWithItsColumnAndItsEncoder()
    {
        var shape = new ColumnsShape([new("Photo", new ImageShape(16, 16, 3)), new("Age", new VectorShape(1))]);
        Says("Column 'Photo' with its encoder Lstm: Lstm reads sequences of steps, but an example is a picture [3, 16, 16]", new Fusion { Encoders = [new("Photo", new Lstm())] }, shape);
        Says("Column 'Age' with its encoder ResNet: ResNet-18 takes pictures", new Fusion { Encoders = [new("Age", new ResNet())] }, shape);
        Says("encoder ResNet for column 'Foto', but the feature columns are: Photo, Age", new Fusion { Encoders = [new("Foto", new ResNet())] }, shape);
        Says("Fusion takes several columns", new Fusion(), new VectorShape(3));
        Assert.Contains("Encoders has 2 for column 'Age'", Assert.Throws<ArgumentException>(() => ml.Regression.Trainers.Deep(new Fusion { Encoders = [new("Age", new Mlp()), new("Age", new Mlp())] }, ["Age", "City"])).Message);
        Assert.Contains("Dropout", Assert.Throws<ArgumentException>(() => ml.Regression.Trainers.Deep(new Fusion { Encoders = [new("Age", new Mlp { Dropout = 2 })] }, ["Age", "City"])).Message);

        using var scope = NewDisposeScope();
        using var stepwise = new Fusion { Encoders = [new("Heart", new Gru { Pooling = Pooling.None })] }.Build(new ColumnsShape([new("Heart", new SequenceShape(1, 4)), new("Age", new VectorShape(1))]), 2);
        Assert.Contains("encoder of column 'Heart' gave [2, 4, 64], but must give [2, 64]: one vector for each row; set its Pooling",
            Assert.Throws<InvalidOperationException>(() => stepwise.call(new ModelInput([new("Heart", rand(2, 4, 1)), new("Age", rand(2, 1))]))).Message);

        static void Says(string text, ModelConfig config, InputShape shape) => Assert.Contains(text, Assert.Throws<ArgumentException>(() => config.Build(shape, 2)).Message);
    }

    private DeepTrainer Pipeline(ModelConfig model, IReadOnlyList<InputColumn> columns, DeepTrainerOptions? how = null) =>
        ml.BinaryClassification.Trainers.Deep(model, columns, how ?? options);

    // a bar lies or stands, and the number says which of them is meant
    private static IEnumerable<Bar> Bars(int count, int seed)
    {
        var dice = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var (stands, turn, place) = (dice.Next(2) == 1, dice.Next(2), dice.Next(8));
            yield return new Bar
            {
                Label = stands == (turn == 1),
                Turn = turn,
                Picture = [.. Enumerable.Range(0, 64).Select(pixel => (stands ? pixel % 8 : pixel / 8) == place ? 1f : 0.2f * dice.NextSingle())],
            };
        }
    }

    private sealed class Bar
    {
        public bool Label { get; set; }

        public float Turn { get; set; }

        [VectorType(64)]
        public float[] Picture { get; set; } = [];
    }
}
