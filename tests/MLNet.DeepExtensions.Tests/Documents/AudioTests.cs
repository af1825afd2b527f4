using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/audio.md, run as it is shown there.</summary>
public sealed class AudioTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("recordings").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    #region types
    public sealed class Answer
    {
        public string Word { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    public sealed class Upload
    {
        [ColumnName("AudioPath")]                              // the pipeline's input; a file's bytes do as well as its path
        public byte[] Content { get; set; } = [];

        public string Label { get; set; } = "";                // MapValueToKey asks for it; what it holds does not matter
    }
    #endregion

    [Fact]
    public void FromFolderToPredictions()
    {
        Record();
        #region data
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadAudioFolder(folder);            // folder/yes/7.wav, folder/no/12.wav, …
        var split = ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: "Label");
        #endregion

        #region pipeline
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 8000 }))
            .Append(ml.Transforms.MelSpectrogram("Features", "Audio", new MelSpectrogram { FftSize = 256, HopLength = 80, Mels = 40 }))
            .Append(ml.Transforms.AugmentSequences("Features", new TimeMasking(10) { MaxShare = 0.2 }, new FrequencyMasking(8), new RandomNoise()))
            .Append(ml.MulticlassClassification.Trainers.Deep(new SequenceConvNet { Widths = [16, 32] }, new DeepTrainerOptions
            {
                Epochs = 6,
                BatchSize = 8,
                Optimizer = new AdamW { LearningRate = 3e-3 },
                Normalization = Normalization.Measured,
                BucketByLength = true,
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Word", "PredictedLabel"));

        using var model = pipeline.Fit(split.Train, split.Validation);
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.Test));
        #endregion
        Assert.Equal(1, metrics.MicroAccuracy);

        #region predict
        ml.Model.Save(model, data.Schema, Path.Combine(folder, "words.zip"));
        var loaded = new MLContext().Model.Load(Path.Combine(folder, "words.zip"), out _);
        using var engine = ml.Model.CreatePredictionEngine<Upload, Answer>(loaded);
        var answer = engine.Predict(new Upload { Content = File.ReadAllBytes(Path.Combine(folder, "yes", "3.wav")) });
        #endregion
        Assert.Equal("yes", answer.Word);
    }

    [Fact]
    public void Coefficients()
    {
        Record();
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadAudioFolder(folder);
        #region mfcc
        var pipeline = ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 16000, Broken = BrokenAudio.Empty })
            .Append(ml.Transforms.Mfcc("Features", "Audio", new Mfcc { Coefficients = 13, Mel = new MelSpectrogram { Mels = 40, Loudness = MelLoudness.Decibels } }));
        #endregion
        Assert.All(pipeline.Fit(data).Transform(data).GetColumn<float[]>("Features"), steps => Assert.Equal(0, steps.Length % 13));
    }

    // a high tone and a low one, with some noise
    private void Record()
    {
        var random = new Random(1);
        for (var i = 0; i < 40; i++)
        {
            var word = i % 2 == 0 ? "yes" : "no";
            var (pitch, samples) = (word == "yes" ? 1500 : 400, 1600 + random.Next(1600));
            Directory.CreateDirectory(Path.Combine(folder, word));
            File.WriteAllBytes(Path.Combine(folder, word, $"{i / 2}.wav"), WaveFiles.Pcm16(
                [.. Enumerable.Range(0, samples).Select(n => (short)(8000 * Math.Sin(2 * Math.PI * pitch * n / 8000) + random.Next(-500, 500)))]));
        }
    }
}
