namespace MLNet.DeepExtensions.Tests.Torch.Graphs;

/// <summary>Every setting of an architecture that changes what is computed, on rows with chance for values and on extreme ones, in batches of three sizes.</summary>
[Collection(nameof(Alone))]
public class GraphParityTests
{
    private static readonly SequenceShape steps = new(4);
    private static readonly ColumnsShape stepColumns = new([new("Readings", new SequenceShape(3)), new("Words", new IdsShape(9)), new("Levels", new SequenceShape(1))]);
    private static readonly ColumnsShape table = new([new("Sizes", new VectorShape(3)), new("Colour", new IdsShape(5, 1)), new("Two", new IdsShape(4, 2)), new("Words", new IdsShape(9)), new("Age", new VectorShape(1))]);
    private static readonly ColumnsShape pairs = new([new("User", new IdsShape(6, 1)), new("Age", new VectorShape(1)), new("Item", new IdsShape(5, 1)), new("Words", new IdsShape(9))]);

    // the third number is never missing in training, and one that never changes has no bins
    private static readonly FittedNumbers numbers = new()
    {
        Mean = [0.5f, -1, 2, 0], Std = [1, 2, 0.5f, 3], Missing = [0, 3], Bins = [[-1, 0, 1], [-2, 0.5f, 2, 3], [0], [-3, 3]],
    };

    private static readonly Dictionary<string, (ModelConfig Model, InputShape Input, int Outputs)> variants = new()
    {
        ["LSTM, last step"] = (new Lstm { HiddenSize = 6 }, steps, 3),
        ["LSTM, two layers both ways, last step"] = (new Lstm { HiddenSize = 6, Layers = 2, Bidirectional = true }, steps, 3),
        ["LSTM, both ways, mean"] = (new Lstm { HiddenSize = 6, Bidirectional = true, Pooling = Pooling.Mean }, steps, 3),
        ["LSTM, both ways, max"] = (new Lstm { HiddenSize = 6, Bidirectional = true, Pooling = Pooling.Max }, steps, 3),
        ["LSTM, both ways, attention"] = (new Lstm { HiddenSize = 6, Bidirectional = true, Pooling = Pooling.Attention }, steps, 3),
        ["LSTM, rows of one length, mean"] = (new Lstm { HiddenSize = 6, Layers = 2, Bidirectional = true, Pooling = Pooling.Mean }, new SequenceShape(4, 6), 3),
        ["LSTM, rows of one length, attention"] = (new Lstm { HiddenSize = 6, Pooling = Pooling.Attention }, new SequenceShape(4, 6), 3),
        ["LSTM, words"] = (new Lstm { HiddenSize = 6, EmbeddingSize = 5, Bidirectional = true }, new IdsShape(9), 3),
        ["LSTM, several columns"] = (new Lstm { HiddenSize = 6, EmbeddingSize = 5, Bidirectional = true }, stepColumns, 3),
        ["GRU, two layers both ways, last step"] = (new Gru { HiddenSize = 6, Layers = 2, Bidirectional = true }, steps, 3),
        ["GRU, max"] = (new Gru { HiddenSize = 6, Pooling = Pooling.Max }, steps, 3),
        ["RNN, tanh, two layers both ways"] = (new Rnn { HiddenSize = 6, Layers = 2, Bidirectional = true, Pooling = Pooling.Attention }, steps, 3),
        ["RNN, ReLU, both ways"] = (new Rnn { HiddenSize = 6, Activation = Activation.Relu, Bidirectional = true }, steps, 3),
        ["RNN, ReLU, rows of one length"] = (new Rnn { HiddenSize = 6, Activation = Activation.Relu }, new SequenceShape(4, 5), 3),
        ["TCN"] = (new TemporalConvNet { Widths = [4, 6, 6] }, steps, 3),
        ["TCN, plain weights, mean, words"] = (new TemporalConvNet { Widths = [6, 6], WeightNorm = false, KernelSize = 2, Pooling = Pooling.Mean, EmbeddingSize = 6 }, new IdsShape(9), 3),
        ["TCN, rows of one length, max"] = (new TemporalConvNet { Widths = [6], Pooling = Pooling.Max }, new SequenceShape(4, 6), 3),
        ["convolutions over steps"] = (new SequenceConvNet { Widths = [4, 6, 8] }, steps, 3),
        ["convolutions over steps, five at a time, several columns"] = (new SequenceConvNet { Widths = [4, 6], KernelSize = 5, EmbeddingSize = 5 }, stepColumns, 3),
        ["convolutions over steps, rows of one length"] = (new SequenceConvNet { Widths = [4, 6] }, new SequenceShape(4, 9), 3),
        ["bag of words"] = (new EmbeddingBag { EmbeddingSize = 5 }, new IdsShape(9), 3),
        ["bag of four"] = (new EmbeddingBag { EmbeddingSize = 5 }, new IdsShape(9, 4), 3),
        ["table, bins"] = (new TabularNet { Width = 8, Numbers = numbers, Embedding = new PiecewiseLinear { Bins = 4 }, EmbeddingWidth = 3 }, table, 3),
        ["table, waves"] = (new TabularNet { Width = 8, Numbers = numbers, Embedding = new Periodic { Frequencies = 4 }, EmbeddingWidth = 3, KeyWidth = 4 }, table, 3),
        ["table, values, no blocks"] = (new TabularNet { Width = 8, Numbers = numbers, Embedding = null, Blocks = 0 }, table, 3),
        ["table, a vector alone"] = (new TabularNet { Width = 8, Numbers = numbers }, new VectorShape(4), 1),
        ["table, a key alone"] = (new TabularNet { Width = 8 }, new IdsShape(5, 1), 2),
        ["FT-Transformer"] = (new FtTransformer { Width = 8, Layers = 2, Heads = 2, Numbers = numbers }, table, 3),
        ["FT-Transformer, bins, one layer"] = (new FtTransformer { Width = 8, Layers = 1, Heads = 2, Numbers = numbers, Embedding = new PiecewiseLinear { Bins = 4 } }, table, 3),
        ["FT-Transformer, waves, a vector alone"] = (new FtTransformer { Width = 8, Layers = 3, Heads = 4, Numbers = numbers, Embedding = new Periodic { Frequencies = 4 } }, new VectorShape(4), 1),
        ["FT-Transformer, keys alone"] = (new FtTransformer { Width = 8, Layers = 2, Heads = 2 }, new IdsShape(4, 2), 3),
        ["factors"] = (new MatrixFactorization { Factors = 4 }, new ColumnsShape([pairs.Columns[0], pairs.Columns[2]]), 1),
        ["factors, three outputs"] = (new MatrixFactorization { Factors = 4 }, new ColumnsShape([pairs.Columns[0], pairs.Columns[2]]), 3),
        ["biases alone"] = (new MatrixFactorization { Factors = 0 }, new ColumnsShape([pairs.Columns[0], pairs.Columns[2]]), 2),
        ["neural factors"] = (new NeuralMatrixFactorization { Factors = 4, KeyWidth = 3, HiddenSizes = [8, 6], UserColumns = 2, Numbers = numbers with { Mean = [1], Std = [2], Missing = [0], Bins = null } }, pairs, 1),
        ["two towers"] = (new TwoTower { Factors = 4, KeyWidth = 3, HiddenSizes = [8], UserColumns = 2, Numbers = numbers with { Mean = [1], Std = [2], Missing = [0], Bins = null } }, pairs, 1),
        ["two towers, three outputs"] = (new TwoTower { Factors = 4, KeyWidth = 3, HiddenSizes = [], UserColumns = 2 }, pairs, 3),
        ["NLinear, each channel, normalised"] = (new NLinear { Individual = true, NormalizeInstances = true }, new SequenceShape(3, 10), 6),
        ["DLinear"] = (new DLinear { Kernel = 5 }, new SequenceShape(3, 10), 6),
        ["DLinear, no trend, each channel, normalised"] = (new DLinear { Kernel = 1, Individual = true, NormalizeInstances = true }, new SequenceShape(3, 10), 6),
        ["patches"] = (new PatchTransformer { PatchLength = 4, Stride = 3, Layers = 2, Heads = 2, HiddenSize = 8, FeedForwardSize = 16 }, new SequenceShape(3, 11), 6),
        ["patches, as they are"] = (new PatchTransformer { PatchLength = 4, Stride = 4, Layers = 1, Heads = 1, HiddenSize = 8, FeedForwardSize = 16, NormalizeInstances = false }, new SequenceShape(1, 8), 3),
        ["covariates"] = (new CovariateForecaster { HiddenSize = 8 }, Covariates(known: true, ofSeries: true), 6),
        ["covariates that the history's network sees"] = (new CovariateForecaster { HiddenSize = 8, SeesKnown = true, History = new Mlp { HiddenSizes = [8] } }, Covariates(known: true, ofSeries: false), 6),
        ["covariates of the series alone"] = (new CovariateForecaster { HiddenSize = 8, History = new DLinear { Kernel = 3 } }, Covariates(known: false, ofSeries: true), 6),
        ["covariates that are none"] = (new CovariateForecaster { HiddenSize = 8 }, new SequenceShape(2, 8), 6),
        ["Transformer, norm first, learnt places, words"] = (new TransformerEncoder { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 64, NormFirst = true, Positions = Positions.Learned, Pooling = Pooling.First }, new IdsShape(9), 3),
        ["Transformer, norm behind, waves for places, mean"] = (new TransformerEncoder { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 64, NormFirst = false, Positions = Positions.Sinusoidal, Pooling = Pooling.Mean }, steps, 3),
        ["Transformer, turned places, max"] = (new TransformerEncoder { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 64, Positions = Positions.Rotary, Pooling = Pooling.Max }, new IdsShape(9), 3),
        ["Transformer, turned places, rows of one length, attention"] = (new TransformerEncoder { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 64, Positions = Positions.Rotary, Pooling = Pooling.Attention }, new SequenceShape(4, 6), 3),
        ["Transformer, several columns"] = (new TransformerEncoder { Layers = 2, Heads = 2, HiddenSize = 16, FeedForwardSize = 32, Dropout = 0, MaxTokens = 64 }, stepColumns, 3),
        ["BERT, parts of a pair"] = (new Bert().Smallest().Model, new IdsShape(9) { Separator = 3 }, 3),
        ["BERT, mean"] = ((Bert)new Bert().Smallest().Model with { Pooling = Pooling.Mean }, new IdsShape(9) { Separator = 3 }, 3),
        ["RoBERTa"] = (new Roberta().Smallest().Model, new IdsShape(9), 3),
        ["DistilBERT"] = (new DistilBert().Smallest().Model, new IdsShape(9), 3),
        ["GPT, last token"] = ((Gpt)new Gpt().Smallest().Model with { Pooling = Pooling.Last }, new IdsShape(9), 3),
        ["GPT, turned places, mean"] = ((Gpt)new Gpt().Smallest().Model with { Pooling = Pooling.Mean, Positions = Positions.Rotary }, new IdsShape(9), 3),
        ["fusion, side by side"] = (new Fusion { EmbeddingSize = 6, Head = new Mlp { HiddenSizes = [8] } }, Mixed, 3),
        ["fusion, attention"] = (new Fusion { EmbeddingSize = 6, Method = FusionMethod.Attention, Encoders = [new("Readings", new Gru { HiddenSize = 4, Bidirectional = true }), new("Age", new TabularNet { Width = 8 })], Head = new Mlp { HiddenSizes = [] } }, Mixed, 3),
    };

    public static TheoryData<string> Names => [.. variants.Keys];

    private static ColumnsShape Mixed => new([new("Picture", new ImageShape(9, 8)), new("Age", new VectorShape(1)), new("City", new IdsShape(5, 1)), new("Readings", new SequenceShape(2)), new("Words", new IdsShape(9))]);

    [Theory, MemberData(nameof(Names))]
    public void AGraph_SaysWhatTheNetworkSays(string name)
    {
        var (model, input, outputs) = variants[name];
        using var twin = new GraphTwin(model, input, outputs);
        foreach (var values in Enum.GetValues<Values>().Where(values => values != Values.Missing || model.TakesMissing))
            twin.AssertSame(twin.Rows(12, values));
    }

    public static TheoryData<ModelConfig> Steppers => [new Lstm { HiddenSize = 6, Bidirectional = true, Pooling = Pooling.None }, new Gru { HiddenSize = 6, Pooling = Pooling.None }, new TemporalConvNet { Widths = [6], Pooling = Pooling.None }];

    // how many steps a row's scores have depends on those that are scored with it: the blanks behind it mean nothing
    [Theory, MemberData(nameof(Steppers))]
    public void AGraph_SaysOfEachStep_WhatTheNetworkSays(ModelConfig model)
    {
        using var equal = new GraphTwin(model, new SequenceShape(4, 6), 4, isSequence: true);
        equal.AssertSame(equal.Rows(12, Values.Random));
        using var ragged = new GraphTwin(model, steps, 4, isSequence: true);
        ragged.AssertSameSteps(ragged.Rows(12, Values.Random));
    }

    [Fact]
    public void ColumnsThatAreReadTogether_AndDifferInLength_AreRefusedByName()
    {
        using var twin = new GraphTwin(new Lstm { HiddenSize = 4 }, stepColumns, 3);
        Assert.Contains("must have as many steps in each row", Assert.Throws<InvalidOperationException>(() => twin.Score(twin.Rows(3, Values.Random, alike: false))).Message, StringComparison.Ordinal);
    }

    private static ColumnsShape Covariates(bool known, bool ofSeries) => new([new(ForecastInput.History, new SequenceShape(2, 8)),
        .. known ? [new NamedShape(ForecastInput.Known, new SequenceShape(3, 11))] : Array.Empty<NamedShape>(), .. ofSeries ? [new NamedShape(ForecastInput.Static, new VectorShape(2))] : Array.Empty<NamedShape>()]);
}
