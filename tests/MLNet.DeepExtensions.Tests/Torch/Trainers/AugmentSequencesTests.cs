using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class AugmentSequencesTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public float[] Steps { get; set; } = [];
    }

    [Fact]
    public void Step_PassesValuesThrough_AndIsSavedWithThem() =>
        EstimatorContract.Check(ml, ml.Transforms.AugmentSequences("Steps", new TimeMasking(3), new RandomNoise()), Data(8));

    [Fact]
    public void Fit_PlaysAugmentationsInTraining_AndNeverInValidationOrScoring()
    {
        List<(bool Training, double Highest)> seen = [];
        using var model = Pipeline(new WatchingModel(seen), Options, new FrequencyMasking(2) { Count = 20, Value = 7 }).Fit(Data(24), Data(12));
        model.Transform(Data(12)).Preview();
        Assert.All(seen, batch => Assert.Equal(batch.Training ? 7 : 0, batch.Highest));
        Assert.Contains(seen, batch => batch.Training);
        Assert.Contains(seen, batch => !batch.Training);
    }

    [Fact]
    public void Fit_PlaysThemBehindNormalisation()
    {
        List<(bool Training, double Highest)> seen = [];
        using var model = Pipeline(new WatchingModel(seen), Options with { Normalization = Normalization.Given([10f], [0.1f]) }, new FrequencyMasking(2) { Count = 20, Value = 7 }).Fit(Data(24));
        Assert.Contains(seen, batch => batch is { Training: true, Highest: 7 });
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameScores_AndAnotherOneDoesNot()
    {
        float[] Scores(int seed)
        {
            using var model = Pipeline(new SequenceConvNet { Widths = [4] }, Options with { Seed = seed }, new TimeMasking(3), new RandomNoise()).Fit(Data(24));
            return [.. model.Transform(Data(4)).GetColumn<float[]>("Score").SelectMany(score => score)];
        }

        Assert.Equal(Scores(1), Scores(1));
        Assert.NotEqual(Scores(1), Scores(2));
    }

    [Fact]
    public void WhatDoesNotFit_SaysWhatToWrite()
    {
        Assert.Contains("must hold sequences", Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.AugmentSequences("Label", new TimeMasking(3)).Fit(Data(4))).Message);
        Assert.Contains("MaxSteps", Assert.Throws<ArgumentException>(() => ml.Transforms.AugmentSequences("Steps", new TimeMasking(0))).Message);
        Assert.Contains("Std must be an interval", Assert.Throws<ArgumentException>(() => ml.Transforms.AugmentSequences("Steps", new RandomNoise { Std = (1, 0) })).Message);
        var flat = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new { Label = i % 2 == 0, A = 1f, B = 2f }));
        var pipeline = ml.Transforms.Concatenate("Features", "A", "B").Append(ml.Transforms.AugmentSequences("Features", new TimeMasking(3))).Append(ml.BinaryClassification.Trainers.Deep(new Mlp(), Options));
        Assert.Contains("new SequenceShape(width)", Assert.Throws<ArgumentException>(() => pipeline.Fit(flat)).Message);
    }

    [Fact]
    public void FitWithValidation_WhoseAugmentationsAreLostOnTheWay_NamesTheStep()
    {
        var flat = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new { Label = i % 2 == 0, A = (float)i, B = 2f }));
        var pipeline = ml.Transforms.Concatenate("Features", "A", "B").Append(ml.Transforms.AugmentSequences("Features", new TimeMasking(3))).Append(ml.Transforms.NormalizeMinMax("Features"))
            .Append(ml.BinaryClassification.Trainers.Deep(new SequenceConvNet(), Options, inputShape: new SequenceShape(1)));
        Assert.Contains("AugmentSequences(\"Features\", …)", Assert.Throws<InvalidOperationException>(() => pipeline.Fit(flat, flat)).Message);
    }

    private static DeepTrainerOptions Options => new() { Epochs = 2, BatchSize = 8 };

    private EstimatorChain<DeepTransformer> Pipeline(ModelConfig model, DeepTrainerOptions options, params SequenceAugmentation[] augmentations) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.AugmentSequences("Steps", augmentations))
            .Append(ml.MulticlassClassification.Trainers.Deep(model, options, featureColumnName: "Steps", inputShape: new SequenceShape(2)));

    // all zeros, of one to five steps
    private IDataView Data(int count) => ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row { Label = i % 2 == 0 ? "even" : "odd", Steps = new float[2 * (1 + i % 5)] }));

    private sealed record WatchingModel(List<(bool Training, double Highest)> Seen) : ModelConfig
    {
        public override Module Build(InputShape input, int outputs, Device? device = null) => new Watching(Linear(2, outputs), Seen);
    }

    private sealed class Watching : Module<ModelInput, Tensor>
    {
        private readonly Module<Tensor, Tensor> linear;
        private readonly List<(bool, double)> seen;

        public Watching(Module<Tensor, Tensor> linear, List<(bool, double)> seen) : base(nameof(Watching))
        {
            (this.linear, this.seen) = (linear, seen);
            RegisterComponents();
        }

        public override Tensor forward(ModelInput input)
        {
            seen.Add((training, input.Values.amax().ToDouble()));
            return linear.call(input.Values.sum(1));
        }
    }
}
