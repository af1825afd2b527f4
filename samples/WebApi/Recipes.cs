using Microsoft.ML;
using MLNet.DeepExtensions;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace WebApi;

/// <summary>How the two models are trained.</summary>
internal static class Recipes
{
    #region digits
    public static (IEstimator<ITransformer> Pipeline, IDataView Train) Digits(MLContext ml, int epochs, Callback progress, CancellationToken cancellation)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "data", "mnist");
        var train = ml.Data.LoadIdx(Path.Combine(folder, "train-images-idx3-ubyte.gz"), Path.Combine(folder, "train-labels-idx1-ubyte.gz"));
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue)
            // mice draw less tidily than pens
            .Append(ml.Transforms.AugmentImages("Features", new RandomAffine(12) { TranslateX = 0.08, TranslateY = 0.08, Scale = (0.85, 1.1) }))
            .Append(ml.MulticlassClassification.Trainers.Deep(new LeNet5(), new DeepTrainerOptions
            {
                Epochs = epochs, BatchSize = 128, Optimizer = new AdamW { LearningRate = 4e-3 }, Schedule = new OneCycle(), Callbacks = [progress], KeepBestWeights = false, CancellationToken = cancellation,
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
        return (pipeline, train);
    }
    #endregion

    #region cells
    public static (IEstimator<ITransformer> Pipeline, IDataView Train) Cells(MLContext ml, int epochs, Callback progress, CancellationToken cancellation)
    {
        var files = ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(Path.Combine(AppContext.BaseDirectory, "data", "blood-cells")), reuseRowObject: false);
        // bytes, as they come by post
        var train = ml.Data.LoadFromEnumerable(files.Select(file => new Cell { Image = File.ReadAllBytes(file.ImagePath), Label = file.Label }).ToList());
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue)
            .Append(ml.Transforms.ReadImages("Pixels", "Image", new ImageReading { Height = 54, Width = 54 }))
            .Append(ml.Transforms.AugmentImages("Pixels", new RandomResizedCrop(48, 48) { Scale = (0.5, 1) }, new RandomHorizontalFlip(), new ColorJitter(Brightness: 0.3, Contrast: 0.3, Saturation: 0.3)))
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet { Widths = [32, 64, 128], Dropout = 0.3 }, new DeepTrainerOptions
            {
                Epochs = epochs, BatchSize = 32, Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = 0.05 }, Schedule = new OneCycle(), Loss = new CrossEntropy { LabelSmoothing = 0.1 },
                Normalization = Normalization.Measured, Callbacks = [progress], KeepBestWeights = false, CancellationToken = cancellation,
            }, featureColumnName: "Pixels"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Kind", "PredictedLabel"));
        return (pipeline, train);
    }
    #endregion
}
