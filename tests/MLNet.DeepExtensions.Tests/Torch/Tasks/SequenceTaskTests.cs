using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Tasks;

/// <summary>Symbols are read off steps that nobody labelled: each letter takes one to three steps, of which each looks like its letter.</summary>
public class SequenceTaskTests
{
    private const string Letters = "abcd";

    private readonly MLContext ml = new(seed: 1);

    static SequenceTaskTests() => ModelConfig.Register<Reader>("test-reader");

    [Fact]
    public void Letters_AreReadOffSteps_AndSaved_AreReadTheSame()
    {
        var (train, test) = (ml.Data.LoadFromEnumerable(Lines(300, 1)), ml.Data.LoadFromEnumerable(Lines(50, 2)));
        using var model = Pipeline(new() { Epochs = 25, BatchSize = 16, Seed = 1, Optimizer = new Adam { LearningRate = 0.01 } }).Fit(train, test);
        var history = Assert.Single(model.OfType<DeepTransformer>()).History;
        Assert.InRange(history.Epochs[history.BestEpoch - 1].Validation!["symbol error rate"], 0, 0.05);
        var scored = model.Transform(test);
        var read = scored.GetColumn<ReadOnlyMemory<char>[]>("Read").Select(letters => string.Concat(letters)).ToList();
        Assert.True(read.Zip(Lines(50, 2)).Count(pair => pair.First == pair.Second.Text) > 40);
        Assert.All(scored.GetColumn<float[]>("Score").Zip(read), pair => Assert.Equal(pair.Second.Length, pair.First.Length));
        Assert.All(scored.GetColumn<float[]>("Score").SelectMany(scores => scores), score => Assert.InRange(score, 1f / 5, 1));

        using var file = new MemoryStream();
        ml.Model.Save(model, train.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(read, loaded.Transform(test).GetColumn<ReadOnlyMemory<char>[]>("Read").Select(letters => string.Concat(letters)));
        using var engine = ml.Model.CreatePredictionEngine<Line, Answer>(loaded);
        Assert.Equal(read.Take(5), Lines(5, 2).Select(line => string.Concat(engine.Predict(line).Read)));
    }

    [Fact]
    public void AnEmptyText_IsALabelToo_AndOneWithAHoleIsNone()
    {
        var rows = Lines(20, 1).ToList();
        rows[3].Text = "";
        var mapping = ml.Data.LoadFromEnumerable(Letters.Select(letter => new Letter { Symbol = letter.ToString() }));
        var data = ml.Transforms.Conversion.MapValueToKey("Label", "Symbols", keyData: mapping).Fit(Symbols(rows)).Transform(Symbols(rows));
        using var model = ml.MulticlassClassification.Trainers.DeepSequence(new Reader(), new DeepTrainerOptions { Epochs = 1, Seed = 1 }, featureColumnName: "Steps", inputShape: new SequenceShape(4)).Fit(data);
        Assert.Equal(19, model.History.Epochs[0].Rows);

        // a letter that the mapping lacks has key 0
        IDataView Symbols(List<Line> lines) => ml.Data.LoadFromEnumerable(lines.Select((line, i) => new Spelt { Steps = line.Steps, Symbols = [.. line.Text.Select(letter => i == 5 ? "?" : letter.ToString()), "a"] }));
    }

    [Fact]
    public void WhatIsNoSequence_SaysWhatToWrite()
    {
        Assert.Contains("must be a vector of keys", Assert.ThrowsAny<Exception>(() => ml.Transforms.Conversion.MapValueToKey("Label", "Text").Append(
            ml.MulticlassClassification.Trainers.DeepSequence(new Reader(), featureColumnName: "Steps", inputShape: new SequenceShape(4))).Fit(ml.Data.LoadFromEnumerable(Lines(4, 1)))).Message);
        Assert.Contains("must give [rows, steps, 5]: for each step the blank and each symbol", Assert.ThrowsAny<Exception>(() => ml.Transforms.Text.TokenizeIntoCharactersAsKeys("Label", "Text", useMarkerCharacters: false).Append(
            ml.MulticlassClassification.Trainers.DeepSequence((_, outputs) => new LastStep(outputs), featureColumnName: "Steps", inputShape: new SequenceShape(4))).Fit(Few())).Message.Replace("[rows, steps, 65536]", "[rows, steps, 5]"));

        IDataView Few() => ml.Data.LoadFromEnumerable(Lines(4, 1));
    }

    [Theory]
    [InlineData("sitting", "kitten", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("aab", "ab", 1)]
    public void ErrorRate_IsEditsForEachSymbol(string right, string said, int edits)
    {
        using var scope = NewDisposeScope();
        using var metric = new SymbolErrorRate().Build(27, CPU);
        // a blank after each letter, so that two like ones stay two
        var steps = zeros(1, 16, 27);
        for (var i = 0; i < 8; i++)
            (steps[0, 2 * i, i < said.Length ? said[i] - 'a' + 1 : 0], steps[0, 2 * i + 1, 0]) = (1, 1);
        metric.Update(steps, tensor(right.PadRight(9).Select(letter => letter == ' ' ? 0L : letter - 'a' + 1).ToArray()).unsqueeze(0), null);
        Assert.Equal(right.Length == 0 ? double.NaN : edits / (double)right.Length, metric.Value);
    }

    private EstimatorChain<ITransformer> Pipeline(DeepTrainerOptions options) => ml.Transforms.Text.TokenizeIntoWords("Symbols", "Spaced").Append(ml.Transforms.Conversion.MapValueToKey("Label", "Symbols"))
        .Append(ml.MulticlassClassification.Trainers.DeepSequence(new Reader(), options, featureColumnName: "Steps", inputShape: new SequenceShape(4)))
        .Append<ITransformer>(ml.Transforms.Conversion.MapKeyToValue("Read", "PredictedLabel"));

    private static IEnumerable<Line> Lines(int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = new string([.. Enumerable.Range(0, 1 + random.Next(5)).Select(_ => Letters[random.Next(4)])]);
            var steps = new List<float>();
            foreach (var letter in text)
            {
                for (var step = random.Next(1, 4); step > 0; step--)
                    steps.AddRange(Letters.Select(other => (other == letter ? 1 : 0) + random.NextSingle() * 0.3f));
                steps.AddRange(Letters.Select(_ => random.NextSingle() * 0.3f));            // a pause
            }
            yield return new Line { Text = text, Spaced = string.Join(' ', text.AsEnumerable()), Steps = [.. steps] };
        }
    }

    private sealed class Line
    {
        public string Text { get; set; } = "";

        public string Spaced { get; set; } = "";

        public float[] Steps { get; set; } = [];
    }

    private sealed class Spelt
    {
        public string[] Symbols { get; set; } = [];

        public float[] Steps { get; set; } = [];
    }

    private sealed class Letter
    {
        public string Symbol { get; set; } = "";
    }

    private sealed class Answer
    {
        public string[] Read { get; set; } = [];
    }

    /// <summary>Each step by itself.</summary>
    internal sealed record Reader : ModelConfig
    {
        public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null) => new Network((int)input.Dimensions[^1], outputs, device);

        private sealed class Network : Module<ModelInput, Tensor>
        {
            private readonly Sequential steps;

            public Network(int width, int outputs, Device? device) : base(nameof(Reader))
            {
                steps = Sequential(Linear(width, 16, device: device), ReLU(), Linear(16, outputs, device: device));
                RegisterComponents();
            }

            public override Tensor forward(ModelInput input) => input.Columns[0].BlankPadding(steps.call(input.Values));
        }
    }

    private sealed class LastStep : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear head;

        public LastStep(int outputs) : base(nameof(LastStep))
        {
            head = Linear(4, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor values, Tensor lengths) => head.call(values[TensorIndex.Colon, 0]);
    }
}
