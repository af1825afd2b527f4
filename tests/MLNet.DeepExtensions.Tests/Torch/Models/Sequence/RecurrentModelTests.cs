using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Sequence;

[Collection(nameof(Alone))]
public sealed class RecurrentModelTests
{
    public static TheoryData<RecurrentModel> Kinds => [new Lstm(), new Gru(), new Rnn(), new Rnn { Activation = Activation.Relu }];

    [Theory, MemberData(nameof(Kinds))]
    public void WithLengthsThatAreAllTheSame_ItSaysWhatItSaysWithoutThem(RecurrentModel kind)
    {
        using var scope = NewDisposeScope();
        foreach (var pooling in Enum.GetValues<Pooling>())
        {
            using var module = (kind with { Layers = 2, HiddenSize = 6, Bidirectional = true, Pooling = pooling }).Build(new SequenceShape(3), 4);
            module.eval();
            var x = randn(5, 7, 3);
            var expected = module.call(x);
            var actual = module.call(new ModelInput([new InputTensor("Features", x, full(5, 7, dtype: ScalarType.Int64))]));
            Assert.InRange((expected - actual).abs().max().ToDouble(), 0, 1e-5);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void OnTheMetaDevice_NoWeightIsDrawn(RecurrentModel kind)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var expected = rand(3).data<float>().ToArray();
        random.manual_seed(1);
        (kind with { Layers = 2, Bidirectional = true }).Build(new SequenceShape(3), 4, META).Dispose();
        Assert.Equal(expected, rand(3).data<float>().ToArray());
    }

    [Fact]
    public void Dropout_IsOfTrainingAlone()
    {
        using var scope = NewDisposeScope();
        using var module = new Lstm { Layers = 2, HiddenSize = 16, Dropout = 0.5 }.Build(new SequenceShape(3), 4);
        var x = randn(5, 7, 3);
        module.eval();
        Assert.Equal(Once(), Once());
        module.train();
        Assert.NotEqual(Once(), Once());

        float[] Once() => module.call(x).detach().data<float>().ToArray();
    }

    [Fact]
    public void TheMissingCategory_IsAVectorOfZeros()
    {
        using var scope = NewDisposeScope();
        using var module = new Gru { EmbeddingSize = 5 }.Build(new IdsShape(9), 2);
        Assert.Equal(0, module.get_parameter("input.embeddings.0.weight")![0].abs().sum().ToDouble());
    }

    [Fact]
    public void ColumnsWhoseRowsDifferInLength_AreRefusedByName()
    {
        using var scope = NewDisposeScope();
        using var module = new Gru().Build(new ColumnsShape([new("Heart", new SequenceShape(1)), new("Breath", new SequenceShape(1))]), 2);
        var error = Assert.Throws<InvalidOperationException>(() => module.call(new ModelInput([
            new("Heart", rand(2, 3, 1), tensor(new long[] { 3, 2 })), new("Breath", rand(2, 3, 1), tensor(new long[] { 3, 1 }))])));
        Assert.Contains("'Heart' and 'Breath'", error.Message);
        Assert.Contains("2 steps in one and 1 in the other", error.Message);
    }

    [Theory]
    [InlineData(Pooling.Last)]
    [InlineData(Pooling.Attention)]
    public void RowsOfAnyLength_AreLearnt_Saved_AndScoredAlone(Pooling pooling)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Rising.Rows(160));
        var options = new DeepTrainerOptions { Epochs = 15, BatchSize = 16, Optimizer = new Adam { LearningRate = 0.01 }, BucketByLength = true };
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(
            new Lstm { HiddenSize = 16, Bidirectional = true, Pooling = pooling }, options, featureColumnName: "Steps", inputShape: new SequenceShape(1))).Fit(data);
        Assert.InRange(ml.MulticlassClassification.Evaluate(model.Transform(ml.Data.LoadFromEnumerable(Rising.Rows(100, seed: 9)))).MicroAccuracy, 0.95, 1);

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        var expected = model.Transform(data).GetColumn<float[]>("Score").ToList();
        Assert.Equal(expected, loaded.Transform(data).GetColumn<float[]>("Score"));
        using var engine = ml.Model.CreatePredictionEngine<Rising, Answer>(loaded);
        foreach (var (row, scores) in Rising.Rows(160).Zip(expected))
            Assert.Equal(scores, engine.Predict(row).Score, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void WithoutPooling_SymbolsAreReadOffSteps()
    {
        var ml = new MLContext(seed: 1);
        var lines = ml.Data.LoadFromEnumerable(Spelt.Rows(300));
        var options = new DeepTrainerOptions { Epochs = 20, BatchSize = 16, Optimizer = new Adam { LearningRate = 0.02 } };
        using var model = ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(ml.Transforms.Conversion.MapValueToKey("Label", "Words")).Append(
            ml.MulticlassClassification.Trainers.DeepSequence(new Gru { HiddenSize = 24, Bidirectional = true, Pooling = Pooling.None }, options, featureColumnName: "Steps", inputShape: new SequenceShape(3)))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Read", "PredictedLabel")).Fit(lines);
        var read = model.Transform(lines).GetColumn<ReadOnlyMemory<char>[]>("Read").Select(words => string.Join(' ', words));
        Assert.InRange(read.Zip(Spelt.Rows(300)).Count(pair => pair.First == pair.Second.Text), 270, 300);
    }

    /// <summary>Steps that rise or fall, in any number: the first and last are alike in both kinds.</summary>
    private sealed class Rising
    {
        public string Label { get; set; } = "";

        public float[] Steps { get; set; } = [];

        public static IEnumerable<Rising> Rows(int count, int seed = 2)
        {
            var dice = new Random(seed);
            for (var i = 0; i < count; i++)
            {
                var up = i % 2 == 0;
                var middle = 3 + dice.Next(18);
                yield return new Rising { Label = up ? "hill" : "valley", Steps = [0, .. Enumerable.Range(0, middle).Select(_ => (up ? 1 : -1) * (0.3f + 0.5f * dice.NextSingle())), 0, 0] };
            }
        }
    }

    private sealed class Answer
    {
        public float[] Score { get; set; } = [];
    }

    /// <summary>Letters of three kinds, each for one to three steps with silence between.</summary>
    private sealed class Spelt
    {
        public string Text { get; set; } = "";

        public float[] Steps { get; set; } = [];

        public static IEnumerable<Spelt> Rows(int count)
        {
            var dice = new Random(3);
            for (var i = 0; i < count; i++)
            {
                var letters = Enumerable.Range(0, 1 + dice.Next(4)).Select(_ => dice.Next(3)).ToList();
                yield return new Spelt
                {
                    Text = string.Join(' ', letters.Select(letter => "abc"[letter])),
                    Steps = [.. letters.SelectMany(letter => Enumerable.Repeat(letter, 1 + dice.Next(3)).Append(-1)).SelectMany(letter => Enumerable.Range(0, 3).Select(k => (k == letter ? 1f : 0) + 0.1f * dice.NextSingle()))],
                };
            }
        }
    }
}
