using Microsoft.ML;
using Microsoft.ML.Transforms.Text;
using MLNet.DeepExtensions;

namespace Sentiment;

/// <summary>The ways to tell praise from blame that are compared.</summary>
internal sealed record Recipes(MLContext Ml, int Seed, bool Full, string Device, TrainingProgress Progress)
{
    /// <summary>Which characters stand beside each other, weighed by a linear model: ML.NET's own means.</summary>
    public IEstimator<ITransformer> Linear() => Ml.Transforms.Text.FeaturizeText("Features", new TextFeaturizingEstimator.Options
    {
        WordFeatureExtractor = null, KeepPunctuations = true, KeepNumbers = true,
        CharFeatureExtractor = new WordBagEstimator.Options { NgramLength = 3, UseAllLengths = true, Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf, MaximumNgramsCount = [500_000] },
    }, nameof(Review.Text)).Append(Ml.BinaryClassification.Trainers.SdcaLogisticRegression(new() { L1Regularization = 0, L2Regularization = 1e-5f, MaximumNumberOfIterations = 30, NumberOfThreads = 1 }));

    /// <summary>The same n-grams, each a vector that is learnt, and their mean (fastText's way).</summary>
    public IEstimator<ITransformer> Bag() => Ml.Transforms.Conversion.MapValueToKey("GramKeys", nameof(Review.Grams), maximumNumberOfKeys: 200_000)
        .Append(Ml.BinaryClassification.Trainers.Deep(new EmbeddingBag { EmbeddingSize = 32, Dropout = 0.5 }, new DeepTrainerOptions
        {
            Epochs = Full ? 15 : 8, BatchSize = 64, Seed = Seed, Device = Device, Callbacks = [new ReportProgress(Progress)],
            Optimizer = new AdamW { LearningRate = 5e-3, WeightDecay = 0.01 }, Schedule = new CosineDecay(),
        }, featureColumnName: "GramKeys"));

    #region network
    // pieces of words, learnt from the training texts, across what other languages call spaces
    private TransformerEncoder Network => new()
    {
        Layers = 2, Heads = 4, HiddenSize = 128, FeedForwardSize = 256, Dropout = 0.2, StepDropout = Full ? 0.3 : 0.2, MaxTokens = Full ? 192 : 96,
        Tokenizer = new WordPiece { VocabularySize = 8000, MinimumCount = 3, IdeographsApart = false },
    };
    #endregion

    #region pretrain
    /// <summary>A language, learnt from the training texts without their labels.</summary>
    public DeepTransformer Pretrain(IDataView texts)
    {
        var trainer = Ml.DeepText().Trainers.MaskedLanguageModel(Network with { StepDropout = 0, Dropout = 0.1 }, nameof(Review.Text), Options(Full ? 40 : 4) with
        {
            ValidationFraction = 0.05, Optimizer = new AdamW { LearningRate = 1e-3, WeightDecay = 0.01, Groups = [ParameterGroup.NoDecay] },
        });
        return trainer.Fit(texts);
    }
    #endregion

    #region train
    /// <summary>A Transformer that begins with nothing, or with what it learnt of the language.</summary>
    public IEstimator<ITransformer> Transformer(DeepTransformer? pretrained = null) => Ml.BinaryClassification.Trainers.Deep(Network, Options(Full ? 10 : 4) with
    {
        InitialWeights = pretrained?.ToPretrainedWeights(),
    }, featureColumnName: nameof(Review.Text));
    #endregion

    #region published
    /// <summary>A published network, such as bert-base-chinese, that is trained on with small steps.</summary>
    public IEstimator<ITransformer> Published(string folder) => Ml.BinaryClassification.Trainers.Deep(PretrainedModel.FromFolder(folder), [new InputColumn(nameof(Review.Text)) { MaxTokens = Full ? 256 : 128 }],
        Options(Full ? 3 : 1) with
        {
            Optimizer = new AdamW { LearningRate = 3e-5, WeightDecay = 0.01, Groups = [ParameterGroup.NoDecay] }, Schedule = new PolynomialDecay { WarmupFraction = 0.1 },
            Precision = Precision.BFloat16Mixed, Callbacks = [new ReportProgress(Progress)],
        });
    #endregion

    private DeepTrainerOptions Options(int epochs) => new()
    {
        Epochs = epochs, BatchSize = 32, Seed = Seed, Device = Device, ClipGradientNorm = 1,
        Optimizer = new AdamW { LearningRate = 1e-3, WeightDecay = 0.05, Groups = [ParameterGroup.NoDecay] },
        Schedule = new Warmup { Length = 200, Then = new CosineDecay() },
        Callbacks = [new ExponentialMovingAverage { Decay = 0.995 }, new ReportProgress(Progress)],
    };
}
