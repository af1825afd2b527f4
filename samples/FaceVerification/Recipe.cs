using Microsoft.ML;
using MLNet.DeepExtensions;

namespace FaceVerification;

/// <summary>How faces become vectors.</summary>
internal static class Recipe
{
    private const int Height = 40, Width = 33, Size = 512;

    #region pipeline
    /// <summary>Paths in, vectors out, near each other where the face is the same.</summary>
    public static IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options)
    {
        ModelConfig.Register<GaborNet>("gabor-net");
        Augmentation[] changes =
        [
            new RandomAffine(10) { TranslateX = 0.08, TranslateY = 0.08, Scale = (0.9, 1.1), Bilinear = true, Fill = 0.4 },
            new ColorJitter(Brightness: 0.3, Contrast: 0.3),
        ];
        return ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = Height, Width = Width })
            .Append(ml.Transforms.AugmentImages("Image", changes))
            .Append(ml.Transforms.DeepEmbedding(new GaborNet(), options, labelColumnName: "Person", featureColumnName: "Image", embeddingSize: Size));
    }
    #endregion

    public static DeepTrainerOptions Options(string loss) => new()
    {
        Epochs = 40,
        Loss = loss == "triplet" ? new Triplet { Margin = 0.5, Mining = TripletMining.BatchHard } : new ArcFace { Margin = 0.2, Scale = 10 },
        // 20 people in a batch: the more there are, the harder the hardest triplets
        BatchSize = 120,
        Sampling = new ClassesPerBatch { Rows = 6 },
        Optimizer = new AdamW { LearningRate = 2e-4, WeightDecay = 0.05 },
        Schedule = new OneCycle(),
        Metrics = [new EqualErrorRate(), new RecallAt1()],
        // with so few people in validation the best epoch would be a matter of luck
        KeepBestWeights = false,
    };
}
