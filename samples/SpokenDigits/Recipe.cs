using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace SpokenDigits;

/// <summary>How sound becomes a digit.</summary>
internal static class Recipe
{
    public static DeepTrainerOptions Options(int epochs, string device, int seed, params Callback[] callbacks) => new()
    {
        Epochs = epochs, BatchSize = 32, Device = device, Seed = seed, Callbacks = callbacks,
        Optimizer = new AdamW { LearningRate = 3e-3, WeightDecay = 0.05, Groups = [ParameterGroup.NoDecay] },
        Schedule = new OneCycle(),
        Loss = new CrossEntropy { LabelSmoothing = 0.1 },
        Normalization = Normalization.Measured,            // each band by its own mean and standard deviation
        BucketByLength = true,                             // long recordings share a batch with long ones
    };

    /// <summary>Paths in, digits out. What stands before AugmentSequences happens once for each recording; the changes are made anew in each epoch, in training only.</summary>
    public static IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options)
    {
        #region pipeline
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue)
            .Append(ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 8000 }))
            .Append(ml.Transforms.MelSpectrogram("Features", "Audio", new MelSpectrogram { FftSize = 256, WindowLength = 200, HopLength = 80, Mels = 40 }))
            .Append(ml.Transforms.AugmentSequences("Features", new RandomTimeShift(4), new TimeMasking(10) { Count = 2, MaxShare = 0.2 }, new FrequencyMasking(8) { Count = 2 }))
            .Append(ml.MulticlassClassification.Trainers.Deep(new SequenceConvNet(), options))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
        #endregion
        return pipeline;
    }
}
