using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>Columns of every kind feed a network: alone, together, and where rows differ in length.</summary>
public class InputColumnsTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 12, BatchSize = 8, Seed = 3, Optimizer = new Adam { LearningRate = 0.02 } };

    private readonly MLContext ml = new(seed: 1);

    static InputColumnsTests() => ModelConfig.Register<MeanOfEach>("test-mean-of-each");

    [Fact]
    public void ColumnsOfEveryKind_TrainTogether_AndSaved_GiveTheSameScores()
    {
        var data = ml.Data.LoadFromEnumerable(Visits(80));
        InputColumn[] columns = ["Age", "Member", "City", "Tests", new InputColumn("Readings", new SequenceShape(2)), "Words", new InputColumn("Codes", new IdsShape(50))];
        using var model = Pipeline(columns).Fit(data);
        Assert.True(ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.9);
        Assert.Equal(columns.Select(column => column.Name), model.LastTransformer.FeatureColumnNames);
        Assert.Equal("{ Age [1], Member [1], City [1], Tests [3], Readings [*, 2], Words [*], Codes [4] }", model.LastTransformer.Model.InputShape.ToString());
        var expected = Scores(model, data);

        using var file = new MemoryStream();
        ml.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(expected, Scores(loaded, data));
        using var engine = ml.Model.CreatePredictionEngine<Visit, Answer>(loaded);
        foreach (var (row, scores) in Visits(80).Zip(expected).Take(10))
            Assert.Equal(scores, engine.Predict(row).Score, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Padding_NeverChangesAScore()
    {
        var rows = Visits(60).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        using var model = Pipeline([new InputColumn("Readings", new SequenceShape(2))]).Fit(data);
        var together = Scores(model, data);
        for (var i = 0; i < rows.Count; i++)
            Assert.Equal(together[i], Scores(model, ml.Data.LoadFromEnumerable([rows[i]]))[0], (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public void SameSeed_GivesTheSameBits_KeptOrStreamed(long? budget)
    {
        var data = ml.Data.LoadFromEnumerable(Visits(50));
        Assert.Equal(Bits(), Bits());

        byte[] Bits()
        {
            using var model = Pipeline(["Words", new InputColumn("Readings", new SequenceShape(2))], options with { Epochs = 2, CacheBudget = budget }).Fit(data);
            return [.. model.LastTransformer.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
        }
    }

    [Fact]
    public void OneColumnOfSteps_MayFeedAModuleOfValuesAndLengths()
    {
        var data = ml.Data.LoadFromEnumerable(Visits(30));
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep((_, outputs) => new LastStep(outputs), options with { Epochs = 1 },
            featureColumnName: "Readings", inputShape: new SequenceShape(2))).Fit(data);
        Assert.Equal(30, Scores(model, data).Count);
    }

    [Fact]
    public void StepsOfOneLength_AreAMatrixForEachRow()
    {
        InputShape? seen = null;
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep((shape, outputs) =>
        {
            seen = shape;
            return Sequential(Flatten(), Linear(shape.Count, outputs));
        }, options with { Epochs = 1, Normalization = Normalization.Measured }, featureColumnName: "Tests", inputShape: new SequenceShape(1))).Fit(ml.Data.LoadFromEnumerable(Visits(30)));
        Assert.Equal(new SequenceShape(1, 3), seen);
        Assert.Single(model.LastTransformer.Model.Input.Mean!);
    }

    [Fact]
    public void MeasuredNormalization_LeavesPaddingOut()
    {
        var rows = Visits(40).ToList();
        using var model = Pipeline([new InputColumn("Readings", new SequenceShape(2))], options with { Epochs = 1, Normalization = Normalization.Measured }).Fit(ml.Data.LoadFromEnumerable(rows));
        var first = rows.SelectMany(row => row.Readings.Chunk(2)).Select(step => (double)step[0]).ToList();
        Assert.Equal(first.Average(), model.LastTransformer.Model.Input.Mean![0], 1e-4);
        Assert.Equal(Math.Sqrt(first.Average(value => value * value) - first.Average() * first.Average()), model.LastTransformer.Model.Input.Std![0], 1e-3);
    }

    [Fact]
    public void ARowWithoutSteps_IsRefusedInTraining_AndScoredWithNaN()
    {
        var rows = Visits(20).ToList();
        using var model = Pipeline([new InputColumn("Readings", new SequenceShape(2))], options with { Epochs = 1 }).Fit(ml.Data.LoadFromEnumerable(rows));
        rows[4].Readings = [];
        var data = ml.Data.LoadFromEnumerable(rows);
        var scores = Scores(model, data);
        Assert.All(scores[4], score => Assert.True(float.IsNaN(score)));
        Assert.All(scores[5], score => Assert.True(float.IsFinite(score)));
        var error = Assert.Throws<InvalidOperationException>(() => Pipeline([new InputColumn("Readings", new SequenceShape(2))]).Fit(data));
        Assert.Contains("'Readings' has no values in row 4", error.Message);
        using var skipping = Pipeline([new InputColumn("Readings", new SequenceShape(2))], options with { Epochs = 1, MissingFeatures = MissingFeatures.SkipRow }).Fit(data);
        Assert.Equal(19, skipping.LastTransformer.History.Epochs[0].Rows);
    }

    [Fact]
    public void WhatDoesNotFit_IsNamedWithItsColumn()
    {
        Says("'Readings' must have the same length in every row", () => Pipeline(["Readings"]).Fit(Data()));
        Says("no whole steps of 3", () => Pipeline([new InputColumn("Readings", new SequenceShape(3))]).Fit(Data()));
        Says("'Codes' holds 49 in row", () => Pipeline([new InputColumn("Codes", new IdsShape(10))]).Fit(Data()));
        Says("'City' holds categories", () => Pipeline([new InputColumn("City", new VectorShape(4))]).Fit(Data()));
        Says("'Age' has one value", () => Pipeline([new InputColumn("Age", new VectorShape(4))]).Fit(Data()));
        Says("'Age' is named 2 times", () => Pipeline(["Age", "Age"]));
        Says("at least one feature column", () => Pipeline([]));
        Says("Mlp takes one column", () => Head().Append(ml.MulticlassClassification.Trainers.Deep(new Mlp(), ["Age", "Tests"])).Fit(Data()));
        Says("cannot take 2 columns (Age, Tests)", () => Head().Append(ml.MulticlassClassification.Trainers.Deep(ModelConfig.From((_, outputs) => Linear(1, outputs)), ["Age", "Tests"])).Fit(Data()));
        Says("cannot take the column 'Readings', whose rows differ in length", () => Head().Append(
            ml.MulticlassClassification.Trainers.Deep((_, outputs) => Linear(2, outputs), featureColumnName: "Readings", inputShape: new SequenceShape(2))).Fit(Data()));

        static void Says(string text, Action act) => Assert.Contains(text, Assert.ThrowsAny<Exception>(act).Message);

        IDataView Data() => ml.Data.LoadFromEnumerable(Visits(12).Select((visit, i) => i == 7 ? visit.With(49) : visit));
    }

    private IEstimator<ITransformer> Head() => ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.Conversion.MapValueToKey("City")).Append(ml.Transforms.Text.TokenizeIntoWords("Words", "Text"))
        .Append(ml.Transforms.Conversion.MapValueToKey("Words"));

    private EstimatorChain<DeepTransformer> Pipeline(IReadOnlyList<InputColumn> columns, DeepTrainerOptions? how = null) =>
        Head().Append(ml.MulticlassClassification.Trainers.Deep(new MeanOfEach(), columns, how ?? options));

    private static List<float[]> Scores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    // the label shows in each column
    private static IEnumerable<Visit> Visits(int count)
    {
        var random = new Random(5);
        for (var i = 0; i < count; i++)
        {
            var label = i % 2;
            var steps = 1 + random.Next(9);
            yield return new Visit
            {
                Label = label == 0 ? "ill" : "well",
                Age = 20 + 40 * label + random.Next(9),
                Member = label == 1,
                City = random.Next(4) == 0 ? "Rome" : label == 0 ? "Oslo" : "Bern",
                Tests = [label + random.NextSingle() * 0.2f, random.NextSingle(), random.NextSingle()],
                Readings = [.. Enumerable.Range(0, 2 * steps).Select(_ => label + random.NextSingle() * 0.5f)],
                Text = string.Join(' ', Enumerable.Range(0, 1 + random.Next(5)).Select(_ => label == 0 ? "cough" : "fine")),
                Codes = [label, 2 + random.Next(3), 6, 7],
            };
        }
    }

    private sealed class Visit
    {
        public string Label { get; set; } = "";

        public double Age { get; set; }

        public bool Member { get; set; }

        public string City { get; set; } = "";

        [VectorType(3)]
        public float[] Tests { get; set; } = [];

        public float[] Readings { get; set; } = [];

        public string Text { get; set; } = "";

        [VectorType(4)]
        public int[] Codes { get; set; } = [];

        public Visit With(int code)
        {
            Codes[0] = code;
            return this;
        }
    }

    private sealed class Answer
    {
        public float[] Score { get; set; } = [];
    }

    /// <summary>The mean of each column's steps or embedded categories, side by side, and a linear layer.</summary>
    internal sealed record MeanOfEach : ModelConfig
    {
        public override Module<ModelInput, Tensor> Build(InputShape input, int outputs, Device? device = null) => new Network(input, outputs, device);

        private sealed class Network : Module<ModelInput, Tensor>
        {
            private readonly ModuleList<Module<Tensor, Tensor>> encoders = [];
            private readonly Linear head;

            public Network(InputShape input, int outputs, Device? device) : base(nameof(MeanOfEach))
            {
                foreach (var shape in input is ColumnsShape several ? several.Columns.Select(column => column.Shape) : [input])
                    encoders.Add(shape is IdsShape ids ? Embedding(ids.Categories, 4, device: device) : Linear(shape.Dimensions[^1], 4, device: device));
                head = Linear(4 * encoders.Count, outputs, device: device);
                RegisterComponents();
            }

            public override Tensor forward(ModelInput input) => head.call(cat([.. input.Columns.Zip(encoders, (column, encoder) => Mean(column, encoder.call(column.Values)))], 1));

            private static Tensor Mean(InputTensor column, Tensor encoded) => column.Mask() is { } mask
                ? (encoded * mask.unsqueeze(-1)).sum(1) / column.Lengths!.unsqueeze(1)
                : encoded.dim() == 3 ? encoded.mean([1]) : encoded;
        }
    }

    private sealed class LastStep : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear head;

        public LastStep(int outputs) : base(nameof(LastStep))
        {
            head = Linear(2, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor values, Tensor lengths) => head.call(values[arange(values.shape[0]), lengths - 1]);
    }
}
