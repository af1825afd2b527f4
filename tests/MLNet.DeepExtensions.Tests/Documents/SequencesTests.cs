using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/sequences.md, run as it is shown there.</summary>
public sealed class SequencesTests
{
    private readonly MLContext ml = new(seed: 1);
    private readonly DeepTrainerOptions options = new() { Epochs = 12, BatchSize = 16, Optimizer = new Adam { LearningRate = 0.01 } };

    #region ride
    public sealed class Ride
    {
        public string Label { get; set; } = "";

        public float[] Movement { get; set; } = [];         // x, y, x, y, … of any number of steps
    }
    #endregion

    public sealed class Visit
    {
        public string Label { get; set; } = "";

        public string Complaint { get; set; } = "";

        public float Age { get; set; }

        public float[] Pulse { get; set; } = [];

        public int[] Medicines { get; set; } = [];

        [VectorType(8, 8)]
        public float[] Scan { get; set; } = [];
    }

    public sealed class Line
    {
        public string Text { get; set; } = "";

        public float[] Strokes { get; set; } = [];
    }

    [Fact]
    public void RowsOfAnyLength()
    {
        var data = ml.Data.LoadFromEnumerable(Rides(120));

        #region lengths
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new Lstm { HiddenSize = 32 }, options, featureColumnName: "Movement", inputShape: new SequenceShape(2)))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = pipeline.Fit(data);
        Console.WriteLine($"right: {ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy:P0}");
        #endregion
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);

        #region networks
        ModelConfig[] candidates =
        [
            new Gru { Layers = 2, HiddenSize = 64, Dropout = 0.2 },
            new Lstm { HiddenSize = 64, Bidirectional = true, Pooling = Pooling.Attention },
            new TemporalConvNet { Widths = [32, 32, 32], Pooling = Pooling.Max },
        ];
        #endregion
        foreach (var candidate in candidates)
            ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(candidate, options with { Epochs = 1 }, featureColumnName: "Movement", inputShape: new SequenceShape(2))).Fit(data).Dispose();
    }

    [Fact]
    public void WordsAndSeveralColumnsPerStep()
    {
        var data = ml.Data.LoadFromEnumerable(Visits(120));

        #region words
        var words = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.Text.TokenizeIntoWords("Words", "Complaint")).Append(ml.Transforms.Conversion.MapValueToKey("Words"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new Gru { EmbeddingSize = 16, HiddenSize = 32 }, options, featureColumnName: "Words"));
        #endregion
        using var readers = words.Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(readers.Transform(data)).MicroAccuracy > 0.9);

        #region together
        var together = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(
            new Gru { HiddenSize = 32 }, [new InputColumn("Pulse", new SequenceShape(1)), new InputColumn("Medicines", new IdsShape(20))], options));
        #endregion
        using var both = together.Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(both.Transform(data)).MicroAccuracy > 0.9);
    }

    [Fact]
    public void SeveralKinds()
    {
        var data = ml.Data.LoadFromEnumerable(Visits(120));

        #region fusion
        var fusion = new Fusion
        {
            Encoders = [new("Scan", new ConvNet { Widths = [8, 16] }), new("Pulse", new Gru { HiddenSize = 32, Pooling = Pooling.Mean })],      // the others have the usual ones
            EmbeddingSize = 32,
            Head = new Mlp { HiddenSizes = [32], Dropout = 0.2 },
        };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.Text.TokenizeIntoWords("Words", "Complaint")).Append(ml.Transforms.Conversion.MapValueToKey("Words"))
            .Append(ml.MulticlassClassification.Trainers.Deep(fusion, ["Scan", new InputColumn("Pulse", new SequenceShape(1)), "Words", "Age"], options with { Normalization = Normalization.Measured }));
        #endregion
        using var model = pipeline.Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);
    }

    [Fact]
    public void AnAnswerForEachStep()
    {
        var data = ml.Data.LoadFromEnumerable(Lines(200));

        #region steps
        var pipeline = ml.Transforms.Text.TokenizeIntoCharactersAsKeys("Label", "Text", useMarkerCharacters: false)
            .Append(ml.MulticlassClassification.Trainers.DeepSequence(new Lstm { HiddenSize = 32, Bidirectional = true, Pooling = Pooling.None }, options, featureColumnName: "Strokes", inputShape: new SequenceShape(3)));
        #endregion
        Assert.NotNull(pipeline);
        // 65,535 characters are too many for a quick test: words of one letter instead
        using var model = ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(ml.Transforms.Conversion.MapValueToKey("Label", "Words")).Append(ml.MulticlassClassification.Trainers.DeepSequence(
            new Lstm { HiddenSize = 32, Bidirectional = true, Pooling = Pooling.None }, options with { Epochs = 1 }, featureColumnName: "Strokes", inputShape: new SequenceShape(3))).Fit(data);
        Assert.Equal(200, model.LastTransformer.History.Epochs[0].Rows);
    }

    private static IEnumerable<Ride> Rides(int count)
    {
        var dice = new Random(1);
        return Enumerable.Range(0, count).Select(i => new Ride
        {
            Label = i % 2 == 0 ? "bicycle" : "car",
            Movement = [.. Enumerable.Range(0, 2 * (5 + dice.Next(20))).Select(_ => (i % 2 == 0 ? 0.2f : 0.6f) + 0.5f * dice.NextSingle())],
        }).ToList();
    }

    private static IEnumerable<Visit> Visits(int count)
    {
        var dice = new Random(1);
        return Enumerable.Range(0, count).Select(i =>
        {
            var (ill, steps) = (i % 2, 4 + dice.Next(6));
            return new Visit
            {
                Label = ill == 1 ? "ill" : "well",
                Complaint = ill == 1 ? "a cough at night" : "none so far",
                Age = 20 + dice.Next(50),
                Pulse = [.. Enumerable.Range(0, steps).Select(_ => ill + dice.NextSingle())],
                Medicines = [.. Enumerable.Range(0, steps).Select(_ => 1 + ill * 10 + dice.Next(9))],
                Scan = [.. Enumerable.Range(0, 64).Select(_ => dice.NextSingle())],
            };
        }).ToList();
    }

    private static IEnumerable<Line> Lines(int count)
    {
        var dice = new Random(1);
        return Enumerable.Range(0, count).Select(_ =>
        {
            var letters = Enumerable.Range(0, 1 + dice.Next(3)).Select(_ => dice.Next(3)).ToList();
            return new Line
            {
                Text = string.Join(' ', letters.Select(letter => "abc"[letter])),
                Strokes = [.. letters.SelectMany(letter => new[] { letter, letter, -1 }).SelectMany(letter => Enumerable.Range(0, 3).Select(k => k == letter ? 1f : 0f))],
            };
        }).ToList();
    }
}
