using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;

namespace MLNet.DeepExtensions.Tests.Torch.Audio;

[Collection(nameof(Alone))]
public sealed class SoundStepTests
{
    private const string ModelVariable = "DEEPEXTENSIONS_TEST_MODEL";

    private static readonly MelSpectrogram mel = new() { SampleRate = 8000, FftSize = 64, Mels = 12 };

    private readonly MLContext ml = new(seed: 1);

    private sealed class Clip
    {
        public float[] Audio { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class Seen
    {
        public float[] Features { get; set; } = [];
    }

    public static TheoryData<string> Steps => ["mel", "mfcc"];

    [Theory, MemberData(nameof(Steps))]
    public void Steps_KeepMLNetsContract_AndLeaveNoLiveTensor(string step)
    {
        Check();
        Assert.Equal(0, LiveTensors.LeftBy(() =>
        {
            Check();
            LiveTensors.Settle();               // an engine that nobody disposes goes with the garbage
        }));

        void Check() => EstimatorContract.Check(ml, Step(step), Data(40), tolerance: 0);
    }

    [Fact]
    public void ARow_HasAStepForEachHop_AndOneMore()
    {
        var model = Step("mel").Fit(Data(1));
        foreach (var (samples, steps) in new[] { (0, 0), (1, 2), (33, 2), (64, 3), (65, 3), (96, 4) })      // half a transform, 33, is the shortest
        {
            var data = ml.Data.LoadFromEnumerable([new Clip { Audio = new float[samples] }]);
            Assert.Equal(12 * steps, model.Transform(data).GetColumn<float[]>("Features").Single().Length);
        }
    }

    [Fact]
    public void ALongRecording_IsComputedInParts_WithTheNumbersOfTheWhole()
    {
        // 1,500 windows: more than are computed at once
        var sound = WaveFiles.FormulaSignal(1500 * 32);
        using var kernel = new SoundKernel(mel, 8000);
        var whole = new float[kernel.StepsOf(sound.Length) * 12];
        kernel.Compute(sound, whole);
        // far from both ends a window sees the same samples
        var part = new float[kernel.StepsOf(32 * 200) * 12];
        kernel.Compute(sound.AsSpan(32 * 900, 32 * 200), part);
        for (var step = 2; step < 198; step++)
            for (var band = 0; band < 12; band++)
                Assert.Equal(whole[(900 + step) * 12 + band], part[step * 12 + band], 1e-3f);
    }

    [Fact]
    public void ManyThreads_GetTheNumbersOfOne()
    {
        var model = Step("mel").Fit(Data(1));
        var data = Data(60);
        var expected = model.Transform(data).GetColumn<float[]>("Features").ToList();
        Parallel.For(0, 8, _ => Assert.Equal(expected, model.Transform(data).GetColumn<float[]>("Features")));
    }

    [Fact]
    public void TheWidthOfAStep_NeedNotBeSaidToTheTrainer()
    {
        var options = new DeepTrainerOptions { Epochs = 1, BatchSize = 8, Seed = 1, Normalization = Normalization.Measured };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(Step("mel")).Append(ml.MulticlassClassification.Trainers.Deep(new SequenceConvNet { Widths = [8] }, options));
        using var model = pipeline.Fit(Data(20));
        Assert.Equal(new SequenceShape(12), model.LastTransformer.Model.InputShape);
        Assert.Equal(12, model.LastTransformer.Model.Input.Mean!.Count);
    }

    [Fact]
    public void SampleRate_ComesFromReadAudio_AndStaysWithTheSavedStep()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sound").FullName, "a.wav");
        File.WriteAllBytes(path, WaveFiles.Pcm16([.. Enumerable.Range(0, 900).Select(i => (short)(i % 50 * 100))], rate: 16000));
        var files = ml.Data.LoadFromEnumerable([new AudioFile { AudioPath = path }]);
        var read = ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 8000 });
        var spoken = read.Append(ml.Transforms.MelSpectrogram("Features", "Audio", mel with { SampleRate = null })).Fit(files);
        var expected = spoken.Transform(files).GetColumn<float[]>("Features").Single();
        Assert.Equal(expected, read.Append(Step("mel")).Fit(files).Transform(files).GetColumn<float[]>("Features").Single());
        // the second step alone, on samples without a note
        var samples = ml.Data.LoadFromEnumerable([new Clip { Audio = spoken.Transform(files).GetColumn<float[]>("Audio").Single() }]);
        Assert.Equal(expected, spoken.LastTransformer.Transform(samples).GetColumn<float[]>("Features").Single());

        Assert.Contains("SampleRate = 16000", Assert.Throws<ArgumentException>(() => read.Append(ml.Transforms.MelSpectrogram("Features", "Audio", mel with { SampleRate = 16000 })).Fit(files)).Message);
        Assert.Contains("how many samples a second column 'Audio' has", Assert.Throws<ArgumentException>(() =>
            ml.Transforms.ReadAudio("Audio", "AudioPath").Append(ml.Transforms.MelSpectrogram("Features", "Audio")).Fit(files)).Message);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void WhatDoesNotFit_SaysWhatToWrite()
    {
        Assert.Contains("ReadAudio(\"Label\"", Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.MelSpectrogram("Features", "Label", mel).Fit(Data(1))).Message);
        Assert.Contains("WindowLength must be at most FftSize", Assert.Throws<ArgumentException>(() => ml.Transforms.MelSpectrogram("F", "Audio", mel with { WindowLength = 65 })).Message);
        Assert.Contains("MaxFrequency must be above", Assert.Throws<ArgumentException>(() => ml.Transforms.MelSpectrogram("F", "Audio", mel with { MinFrequency = 50, MaxFrequency = 50 })).Message);
        Assert.Contains("Coefficients must be at most", Assert.Throws<ArgumentException>(() => ml.Transforms.Mfcc("F", "Audio", new Mfcc { Coefficients = 13, Mel = mel })).Message);
    }

    [Fact]
    public void SavedStep_OpensInAProcessThatMakesNoOtherCall()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("fresh").FullName, "step.zip");
        var data = Data(1);
        var model = Step("mfcc").Fit(data);
        ml.Model.Save(model, data.Schema, path);
        var text = ChildProcess.Finish(ChildProcess.StartTest($"{typeof(SoundStepTests).FullName}.{nameof(Child_LoadsAndTransforms)}", (ModelVariable, path)));
        Assert.Contains(Line(ml, model), text);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    // the first call into anything of ours, and the first of torch, is ML.NET's own Load
    [Fact(Explicit = true)]
    public void Child_LoadsAndTransforms()
    {
        var context = new MLContext();
        Console.WriteLine(Line(context, context.Model.Load(Environment.GetEnvironmentVariable(ModelVariable), out _)));
    }

    private static string Line(MLContext context, ITransformer model)
    {
        using var engine = context.Model.CreatePredictionEngine<Clip, Seen>(model);
        return "FRAMES " + string.Join(" ", engine.Predict(Clips(1)[0]).Features.Select(BitConverter.SingleToInt32Bits));
    }

    private IEstimator<ITransformer> Step(string name) => name == "mel" ? ml.Transforms.MelSpectrogram("Features", "Audio", mel)
        : ml.Transforms.Mfcc("Features", "Audio", new Mfcc { Coefficients = 5, Mel = mel with { Loudness = MelLoudness.Decibels } });

    private IDataView Data(int count) => ml.Data.LoadFromEnumerable(Clips(count));

    private static List<Clip> Clips(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => new Clip { Label = i % 2 == 0 ? "even" : "odd", Audio = [.. Enumerable.Range(0, 200 + random.Next(400)).Select(_ => random.NextSingle() - 0.5f)] })];
    }
}
