using System.IO.Compression;
using System.Text;
using CsCheck;
using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Torch.Checkpoints;

/// <summary>Files that are not as they were written.</summary>
[Collection(nameof(Alone))]
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"damaged-{Guid.NewGuid():N}");
    private readonly List<string> log = [];

    public DamagedCheckpointTests() => ml.Log += (_, entry) =>
    {
        lock (log)
            log.Add(entry.Message);
    };

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private DeepTrainerOptions Options => new() { Epochs = 4, BatchSize = 16, Optimizer = new AdamW { LearningRate = 0.02 }, Checkpoints = new CheckpointPolicy(folder) };

    private Func<DeepTrainerOptions, DeepTransformer> Fit => options => Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)).LastTransformer;

    private string Of(int step) => Path.Combine(folder, $"step-{step:0000000000}.checkpoint");

    private List<string> Files() => [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static readonly Dictionary<string, Action<string>> damages = new()
    {
        ["truncated"] = path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^200]),
        ["a bit is another"] = path => Change(path, bytes => bytes[bytes.Length / 2] ^= 1),
        ["empty"] = path => File.WriteAllBytes(path, []),
        ["zeros"] = path => Change(path, bytes => bytes.AsSpan().Clear()),
        ["without tensors"] = path => Rewrite(path, archive => archive.GetEntry("state.safetensors")!.Delete()),
        ["without a weight"] = path => Replace(path, "state.safetensors", "weights/fc1.weight", "weights/fcX.weight"),
        ["without the optimizer's state"] = path => Replace(path, "state.safetensors", "optimizer/fc1.weight/exp_avg_sq", "optimizer/fc1.weight/exp_avg_qs"),
        ["without the generator"] = path => Replace(path, "state.safetensors", "\"generator\"", "\"generatur\""),
        ["another text"] = path => Replace(path, "run.json", "\"epoch\"", "\"epoca\""),
    };

    public static TheoryData<string> Damages => [.. damages.Keys];

    [Theory, MemberData(nameof(Damages))]
    public void Newest_ThePreviousServes_AndOneIsTold(string damage)
    {
        var whole = Outcome.Of(Fit, Options);
        File.Delete(Path.Combine(folder, "finished.checkpoint"));
        damages[damage](Of(16));
        whole.AssertSame(Outcome.Of(Fit, Options));
        lock (log)
        {
            Assert.Contains(log, line => line.Contains("step-0000000016.checkpoint") && line.Contains("damaged and was passed over"));
            Assert.Contains(log, line => line.Contains("Going on after step 12,"));
        }
    }

    [Theory, MemberData(nameof(Damages))]
    public void Finished_ThelastStepServes(string damage)
    {
        var whole = Outcome.Of(Fit, Options);
        if (damage is "without the optimizer's state" or "without the generator")
            return;                                         // a finished run has none
        damages[damage](Path.Combine(folder, "finished.checkpoint"));
        whole.AssertSame(Outcome.Of(Fit, Options));
        lock (log)
            Assert.Contains(log, line => line.Contains("Going on after step 16,"));
    }

    // it would be counted as the latest, and what is written next be deleted as the oldest
    [Fact]
    public void PassedOver_IsNotCountedAmongTheLatest()
    {
        var whole = Outcome.Of(Fit, Options);
        File.Delete(Path.Combine(folder, "finished.checkpoint"));
        File.WriteAllBytes(Of(16), [1, 2, 3]);
        var again = Outcome.OfInterrupted(Fit, () => Options, new CheckpointPolicy(folder) { EverySteps = 1, KeepLast = 1 }, new Interruption(14, Means: Means.Crash));
        whole.AssertSame(again);
        lock (log)
            Assert.Contains(log, line => line.Contains("Going on after step 13,"));
    }

    [Fact]
    public void AnyByteIsAnother_OrTheEndIsMissing_ItIsReadOrSaidToBeDamaged()
    {
        Fit(Options).Dispose();
        var (bytes, path) = (File.ReadAllBytes(Of(16)), Path.Combine(folder, "changed"));
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255], Gen.Bool).Sample((place, change, isCut) =>
        {
            var changed = isCut ? bytes[..place] : [.. bytes];
            if (!isCut)
                changed[place] ^= change;
            File.WriteAllBytes(path, changed);
            Tried(() => Checkpoint.Load(path).Dispose());
            Tried(() => Checkpoint.LoadRun(path));
        }, iter: 400, threads: 1);
        // the directory at the end is where most can go wrong
        for (var place = bytes.Length - 200; place < bytes.Length; place++)
        {
            File.WriteAllBytes(path, [.. bytes[..place], (byte)(bytes[place] ^ 0x55), .. bytes[(place + 1)..]]);
            Tried(() => Checkpoint.Load(path).Dispose());
            Tried(() => Checkpoint.LoadRun(path));
        }

        static void Tried(Action read)
        {
            try
            {
                read();
            }
            catch (InvalidModelFileException)
            {
            }
        }
    }

    [Fact]
    public void OfAnotherVersion_IsRefused_AndNothingIsLost()
    {
        Fit(Options).Dispose();
        File.Delete(Path.Combine(folder, "finished.checkpoint"));
        Replace(Of(16), "run.json", "\"format\": 1,", "\"format\": 2, \"novelty\": true,");
        var before = Files();
        var message = Assert.Throws<InvalidModelFileException>(() => Fit(Options)).Message;
        Assert.Contains("format 2", message);
        Assert.Contains("another version", message);
        Assert.Equal(before, Files());
    }

    [Fact]
    public void OfAnotherNetwork_SaysWhatDiffers()
    {
        Outcome.OfInterrupted(options => Blobs.Pipeline(ml, options, new Private(8)).Fit(Blobs.View(ml, 60)).LastTransformer, () => Options, new CheckpointPolicy(folder), new Interruption(5));
        // a config that is not registered has no JSON to compare
        var message = Assert.Throws<InvalidModelFileException>(() => Blobs.Pipeline(ml, Options, new Private(9)).Fit(Blobs.View(ml, 60))).Message;
        Assert.Contains("another network's: '0.weight' is [8, 4] and not [9, 4]", message);
    }

    private sealed record Private(int Width) : ModelConfig
    {
        public override TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> Build(InputShape input, int outputs, TorchSharp.torch.Device? device = null) =>
            TorchSharp.torch.nn.Sequential(TorchSharp.torch.nn.Linear(input.Count, Width, device: device), TorchSharp.torch.nn.Linear(Width, outputs, device: device));
    }

    private static void Change(string path, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    // what was changed by somebody who knew how to write such a file: the checksums are right
    private static void Rewrite(string path, Action<ZipArchive> change)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        change(archive);
    }

    private static void Replace(string path, string entry, string old, string now) => Rewrite(path, archive =>
    {
        using var memory = new MemoryStream();
        using (var stream = archive.GetEntry(entry)!.Open())
            stream.CopyTo(memory);
        var text = Encoding.Latin1.GetString(memory.ToArray());
        Assert.Contains(old, text);
        archive.GetEntry(entry)!.Delete();
        using var target = archive.CreateEntry(entry, CompressionLevel.NoCompression).Open();
        target.Write(Encoding.Latin1.GetBytes(text.Replace(old, now)));
    });
}
