using Microsoft.ML;
using MLNet.DeepExtensions;

namespace ImageClassification;

/// <summary>How pictures are read, changed and learnt: from scratch with a small network, or from published weights.</summary>
internal sealed record Recipe(ModelConfig Network, DeepTrainerOptions Options, int ReadSide, int Side)
{
    public static Recipe For(string model, FileInfo? pretrained, int? side) => model switch
    {
        #region pretrained
        "squeezenet" when pretrained is not null => new(new SqueezeNet { HeadRelu = false }, new DeepTrainerOptions
        {
            InitialWeights = new PretrainedWeights(pretrained.FullName),
            Normalization = Normalization.ImageNet,
            Epochs = 8, BatchSize = 32, BrokenImages = BrokenImages.Skip,
            // the new head learns fast, what is already known only a little
            Optimizer = new AdamW { LearningRate = 1e-3, Groups = [new ParameterGroup("features") { LearningRateFactor = 0.1 }] },
            Schedule = new OneCycle(),
        }, ReadSide: (side ?? 160) * 9 / 8, Side: side ?? 160),
        #endregion
        "squeezenet" => new(new SqueezeNet { HeadRelu = false }, Scratch, (side ?? 96) * 9 / 8, side ?? 96),
        "resnet18" => new(new ResNet(), Scratch with { InitialWeights = Weights(pretrained), Normalization = Normalization.ImageNet }, (side ?? 96) * 9 / 8, side ?? 96),
        "mobilenet" => new(new MobileNetV2(), Scratch with { InitialWeights = Weights(pretrained), Normalization = Normalization.ImageNet }, (side ?? 96) * 9 / 8, side ?? 96),
        #region scratch
        _ => new(new ConvNet { Widths = [32, 64, 128, 256], Dropout = 0.3 }, Scratch with { InitialWeights = Weights(pretrained), Normalization = Normalization.Measured },
            ReadSide: (side ?? 64) * 9 / 8, Side: side ?? 64),
        #endregion
    };

    private static DeepTrainerOptions Scratch => new()
    {
        Epochs = 40, BatchSize = 32, Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = 0.05 }, Schedule = new OneCycle(), Loss = new CrossEntropy { LabelSmoothing = 0.1 },
        BrokenImages = BrokenImages.Skip, KeepBestWeights = false,
    };

    #region pipeline
    /// <summary>Paths and labels in, names of classes out. What stands before AugmentImages happens once for each picture; the changes are made anew in each epoch, in training only.</summary>
    public IEstimator<ITransformer> Pipeline(MLContext ml, bool augment)
    {
        Augmentation[] changes = augment
            ? [new RandomResizedCrop(Side, Side) { Scale = (0.5, 1) }, new RandomHorizontalFlip(), new ColorJitter(Brightness: 0.3, Contrast: 0.3, Saturation: 0.3)]
            : [new RandomResizedCrop(Side, Side) { Scale = (1, 1), Ratio = (1, 1) }];
        return ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = ReadSide, Width = ReadSide }))
            .Append(ml.Transforms.AugmentImages("Image", changes))
            .Append(ml.MulticlassClassification.Trainers.Deep(Network, Options, featureColumnName: "Image"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"));
    }
    #endregion

    private static PretrainedWeights? Weights(FileInfo? file) => file is null ? null : new PretrainedWeights(file.FullName);
}
