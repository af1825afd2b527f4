using System.Buffers.Binary;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

public sealed class ReadAudioTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("recordings").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // 0, half, the lowest and almost the highest number of each kind
    public static TheoryData<int, int, byte[], float[]> Kinds => new()
    {
        { 1, 8, [128, 192, 0, 255], [0, 0.5f, -1, 127 / 128f] },
        { 1, 16, [0, 0, 0, 64, 0, 128, 255, 127], [0, 0.5f, -1, 32767 / 32768f] },
        { 1, 24, [0, 0, 0, 0, 0, 64, 0, 0, 128, 255, 255, 127], [0, 0.5f, -1, 8388607 / 8388608f] },
        { 1, 32, [0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 128, 0, 255, 255, 127], [0, 0.5f, -1, 2147483392 / 2147483648f] },
        { 3, 32, [.. new[] { 0f, 0.5f, -1, 1.25f }.SelectMany(BitConverter.GetBytes)], [0, 0.5f, -1, 1.25f] },
        { 3, 64, [.. new[] { 0, 0.5, -1, 0.1 }.SelectMany(BitConverter.GetBytes)], [0, 0.5f, -1, 0.1f] },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void EachKindOfSample_IsScaledAsTorchaudioDoes(int kind, int bits, byte[] sound, float[] expected)
    {
        foreach (var extensible in new[] { false, true })
            Assert.Equal(expected, Read(WaveFiles.Write(kind, 1, 8000, bits, sound, extensible, ("LIST", [1, 2, 3]), ("odd ", [9]))));
    }

    [Fact]
    public void SeveralChannels_BecomeTheirMean()
    {
        Assert.Equal([0.25f, -0.5f], Read(WaveFiles.Pcm16([16384, 0, -32768, 0], channels: 2)));
        Assert.Equal([0.25f], Read(WaveFiles.Pcm16([16384, 8192, 0], channels: 3)));
    }

    [Fact]
    public void ARecorderThatWroteToAPipe_CouldNotKnowTheLength_AndWhatFollowsIsTaken()
    {
        var bytes = WaveFiles.Pcm16([1, 2, 3]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), uint.MaxValue);
        Assert.Equal(3, Read([.. bytes, 7]).Length);                          // the last frame is not whole
    }

    public static TheoryData<string> BrokenNames => [.. Broken.Keys];

    private static Dictionary<string, (byte[] Bytes, string Says)> Broken => new()
    {
        ["empty"] = ([], "is empty"),
        ["text"] = ("hello, this is no sound"u8.ToArray(), "is no WAV file"),
        ["mp3"] = ([.. "ID3"u8, .. new byte[40]], "is MP3"),
        ["flac"] = ([.. "fLaC"u8, .. new byte[40]], "is FLAC"),
        ["header alone"] = (WaveFiles.Riff(), "has no part 'fmt '"),
        ["no sound"] = (WaveFiles.Write(1, 1, 8000, 16, []), "holds no sound"),
        ["no data"] = (WaveFiles.Write(1, 1, 8000, 16, [])[..36], "ends before its sound begins"),
        ["data first"] = (WaveFiles.Riff(("data", [1, 2])), "comes before the part 'fmt '"),
        ["cut off"] = (WaveFiles.Pcm16([1, 2, 3, 4])[..^3], "is cut off: its part 'data' at byte 36 states 8 bytes, but 5 follow"),
        ["cut in a list"] = (WaveFiles.Write(1, 1, 8000, 16, [1, 2], false, ("LIST", new byte[20]))[..50], "is cut off: its part 'LIST'"),
        ["short format"] = (WaveFiles.Riff(("fmt ", new byte[10]), ("data", [1, 2])), "has 10 bytes and needs 16"),
        ["short extensible"] = (Changed(WaveFiles.Pcm16([1]), 20, 0xFFFE), "needs 40"),
        ["mu-law"] = (WaveFiles.Write(7, 1, 8000, 8, [1, 2]), "µ-law"),
        ["no channels"] = (Changed(WaveFiles.Pcm16([1]), 22, 0), "has no channels"),
        ["twelve bits"] = (Changed(WaveFiles.Pcm16([1]), 34, 12), "12 bits"),
        ["sixteen-bit float"] = (WaveFiles.Write(3, 1, 8000, 16, [1, 2]), "16 bits"),
        ["contradiction"] = (Changed(WaveFiles.Pcm16([1]), 32, 7), "contradicts itself"),
        ["no rate"] = (WaveFiles.Pcm16([1], rate: 0), "states 0 samples in a second"),
        ["mad rate"] = (WaveFiles.Pcm16([1], rate: -1), "4,294,967,295 samples in a second"),
        ["no number"] = (WaveFiles.Write(3, 1, 8000, 32, BitConverter.GetBytes(float.NaN)), "no finite numbers"),
        ["beyond Single"] = (WaveFiles.Write(3, 1, 8000, 64, BitConverter.GetBytes(1e300)), "no finite numbers"),
    };

    [Theory, MemberData(nameof(BrokenNames))]
    public void ABrokenFile_IsNamed_AndWhatIsWrongWithIt(string name)
    {
        var (bytes, says) = Broken[name];
        using var _ = Cultures.WithPoints();
        var path = Path.Combine(folder, $"{name}.wav");
        File.WriteAllBytes(path, bytes);
        var error = Failure(() => Samples(new AudioReading(), path));
        Assert.Contains(says, error.Message);
        Assert.Contains($"{name}.wav", error.Message);
        Assert.Contains(says, Assert.Throws<InvalidAudioException>(() => new AudioDecoder(new AudioReading()).ReadBytes(bytes, "in row 3")).Message);
        Assert.Empty(Samples(new AudioReading { Broken = BrokenAudio.Empty }, path));
    }

    [Fact]
    public void NoFile_OrAFolder_IsNamed()
    {
        Assert.Contains("does not exist", Failure(() => Samples(new AudioReading(), Path.Combine(folder, "nowhere.wav"))).Message);
        Assert.Contains("is a folder", Failure(() => Samples(new AudioReading(), folder)).Message);
    }

    [Fact]
    public void Limits_AreAskedBeforeMemoryIsTaken()
    {
        using var _ = Cultures.WithPoints();
        var bytes = WaveFiles.Pcm16(new short[100], rate: 1);
        Says("has 100 samples, 1,600,000 at 16,000 Hz, more than MaxSamples = 1,000,000", new AudioReading { SampleRate = 16000, MaxSamples = 1_000_000 });
        Says("has 100 samples, more than MaxSamples = 99", new AudioReading { MaxSamples = 99 });
        Says("has 244 bytes, more than MaxBytes = 200", new AudioReading { MaxBytes = 200 });

        void Says(string text, AudioReading settings) => Assert.Contains(text, Assert.Throws<InvalidAudioException>(() => new AudioDecoder(settings).ReadBytes(bytes, "x")).Message);
    }

    [Fact]
    public void DamagedBytes_GiveSamplesOrOneException_WhateverTheyAre()
    {
        var random = new Random(11);
        byte[][] good = [WaveFiles.Pcm16([1, -2, 3, 4], channels: 2), WaveFiles.Write(3, 1, 44100, 32, new byte[64], true, ("LIST", [1, 2, 3]))];
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[i % 2].ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            if (random.Next(3) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                var samples = new AudioDecoder(new AudioReading { MaxSamples = 1000, SampleRate = i % 8 == 0 ? 16000 : null }).ReadBytes(bytes, "x");
                Assert.All(samples, sample => Assert.True(float.IsFinite(sample)));
                read++;
            }
            catch (InvalidAudioException)
            {
            }
        }
        Assert.InRange(read, 1000, 19_000);
    }

    private sealed class FromPath
    {
        public string AudioPath { get; set; } = "";
    }

    private sealed class FromBytes
    {
        [ColumnName("AudioPath")]
        public byte[] Content { get; set; } = [];
    }

    private sealed class Heard
    {
        public float[] Audio { get; set; } = [];
    }

    [Fact]
    public void SavedStep_PathOrBytes_GiveTheSameSamples()
    {
        var path = Path.Combine(folder, "a.wav");
        File.WriteAllBytes(path, WaveFiles.Pcm16([.. Enumerable.Range(0, 500).Select(i => (short)(i * 40))], rate: 16000));
        var data = ml.Data.LoadFromEnumerable([new FromPath { AudioPath = path }]);
        using var file = new MemoryStream();
        ml.Model.Save(ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 8000 }).Fit(data), data.Schema, file);
        file.Position = 0;
        var step = new MLContext().Model.Load(file, out _);
        var fromPath = Predict(new FromPath { AudioPath = path });
        Assert.Equal(250, fromPath.Length);
        Assert.Equal(fromPath, Predict(new FromBytes { Content = File.ReadAllBytes(path) }));
        Assert.Empty(Predict(new FromPath()));
        Assert.Empty(Predict(new FromBytes()));

        float[] Predict<T>(T row) where T : class
        {
            using var engine = ml.Model.CreatePredictionEngine<T, Heard>(step);
            return engine.Predict(row).Audio;
        }
    }

    [Fact]
    public void RelativePaths_AreBelowTheFolderOfTheSettings()
    {
        File.WriteAllBytes(Path.Combine(folder, "b.wav"), WaveFiles.Pcm16([16384]));
        Assert.Equal([0.5f], Samples(new AudioReading { Folder = folder }, "b.wav"));
    }

    [Fact]
    public void ColumnOfNumbers_SaysWhatItTakes()
    {
        var data = ml.Data.LoadFromEnumerable([new { AudioPath = 3f }]);
        Assert.Contains("must hold paths", Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.ReadAudio("Audio", "AudioPath").Fit(data)).Message);
        Assert.Contains("SampleRate", Assert.Throws<ArgumentException>(() => ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 3 })).Message);
    }

    [Fact]
    public void Fit_ABrokenFile_IsNamedByTheExceptionItself_OrIsLeftOut()
    {
        var rows = Enumerable.Range(0, 12).Select(i => new AudioFile { AudioPath = Path.Combine(folder, $"{i}.wav"), Label = i % 2 == 0 ? "even" : "odd" }).ToList();
        foreach (var row in rows)
            File.WriteAllBytes(row.AudioPath, WaveFiles.Pcm16(new short[300]));
        File.WriteAllBytes(rows[7].AudioPath, [1, 2, 3]);
        var data = ml.Data.LoadFromEnumerable(rows);
        Assert.Contains("7.wav", Assert.Throws<InvalidAudioException>(() => Pipeline(BrokenAudio.Throw).Fit(data)).Message);
        using var strict = Pipeline(BrokenAudio.Throw).Fit(ml.Data.LoadFromEnumerable(rows.Where((_, i) => i != 7)));
        var scored = strict.Transform(data);
        using (var cursor = scored.GetRowCursor([scored.Schema["Score"]]))
            Assert.Contains("7.wav", Assert.Throws<InvalidAudioException>(() => { while (cursor.MoveNext()) ; }).Message);
        using var model = Pipeline(BrokenAudio.Empty).Fit(data);
        Assert.Equal(11, model.LastTransformer.History.Epochs[0].Rows);
        Assert.Equal([7], model.Transform(data).GetColumn<float[]>("Score").Select((score, row) => float.IsNaN(score[0]) ? row : -1).Where(row => row >= 0));

        EstimatorChain<DeepTransformer> Pipeline(BrokenAudio broken) => ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.ReadAudio("Audio", "AudioPath", new AudioReading { SampleRate = 8000, Broken = broken }))
            .Append(ml.Transforms.MelSpectrogram("Features", "Audio", new MelSpectrogram { FftSize = 64, Mels = 8 }))
            .Append(ml.MulticlassClassification.Trainers.Deep(new SequenceConvNet { Widths = [4] }, new DeepTrainerOptions { Epochs = 1, BatchSize = 4, MissingFeatures = MissingFeatures.SkipRow }));
    }

    // where ML.NET reads rows ahead on threads of its own, it wraps what they throw
    private static InvalidAudioException Failure(Action act)
    {
        for (var e = Assert.ThrowsAny<Exception>(act); ; e = e.InnerException!)
            if (e is InvalidAudioException found)
                return found;
    }

    private static byte[] Changed(byte[] file, int at, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
        return file;
    }

    private static float[] Read(byte[] bytes) => new AudioDecoder(new AudioReading()).ReadBytes(bytes, "x");

    private float[] Samples(AudioReading settings, string path)
    {
        var data = ml.Data.LoadFromEnumerable([new FromPath { AudioPath = path }]);
        var view = ml.Transforms.ReadAudio("Audio", "AudioPath", settings).Fit(data).Transform(data);
        using var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        VBuffer<float> samples = default;
        cursor.GetGetter<VBuffer<float>>(view.Schema["Audio"])(ref samples);
        return [.. samples.DenseValues()];
    }
}
