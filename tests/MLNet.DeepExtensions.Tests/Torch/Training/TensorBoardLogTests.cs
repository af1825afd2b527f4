using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.ML;
using Tensorboard;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class TensorBoardLogTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("runs").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Crc_IsCastagnolis() =>
        // RFC 3720, B.4: 32 bytes of zeros give 8A9136AA; TensorFlow turns it by 15 bits and adds a constant
        Assert.Equal(unchecked((0x8A9136AAu >> 15 | 0x8A9136AAu << 17) + 0xa282ead8), EventFile.MaskedCrc(new byte[32]));

    [Fact]
    public void Events_AreFramedRecords_WithTheNumbersOfTheHistory()
    {
        var begun = DateTimeOffset.UtcNow;
        using var model = Fit(Options with { Callbacks = [new TensorBoardLog(folder) { EverySteps = 2 }] });
        var events = Events(Assert.Single(Directory.GetFiles(folder)));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.All(events, entry => Assert.InRange(entry.WallTime, (begun - DateTimeOffset.UnixEpoch).TotalSeconds, (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds));
        foreach (var epoch in model.History.Epochs)
        {
            Assert.Equal((float)epoch.Train["loss"], Scalar(events, "loss/train", epoch.Step));
            Assert.Equal((float)epoch.Validation!["accuracy"], Scalar(events, "accuracy/validation", epoch.Step));
        }
        Assert.Equal(["accuracy/train", "accuracy/validation", "epoch", "learning_rate", "loss/train", "loss/validation", "rows_per_second", "step/learning_rate", "step/loss"],
            Values(events).Select(value => value.Tag).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([2, 4, 6], events.Where(entry => entry.Summary?.Value.Any(value => value.Tag == "step/loss") == true).Select(entry => entry.Step));
    }

    [Fact]
    public void Histograms_CountEachNumberOfAWeight()
    {
        using var model = Fit(Options with { Callbacks = [new TensorBoardLog(folder) { HistogramsEveryEpochs = 2, EverySteps = null }] });
        var histograms = Values(Events(Directory.GetFiles(folder).Single())).Where(value => value.Histo is not null).ToList();
        Assert.Equal(["weights/fc1.bias", "weights/fc1.weight", "weights/fc2.bias", "weights/fc2.weight"], histograms.Select(value => value.Tag).Order(StringComparer.Ordinal));
        var weight = histograms.Single(value => value.Tag == "weights/fc1.weight").Histo;
        var numbers = model.Module.state_dict()["fc1.weight"].data<float>().ToArray();
        Assert.Equal((64, 64), (weight.Num, weight.Bucket.Sum()));
        Assert.Equal(numbers.Max(), weight.Max, 6);
        var limit = weight.BucketLimit[30];
        Assert.Equal(numbers.Count(number => number < limit), weight.Bucket.Take(31).Sum());
    }

    [Fact]
    public void RunThatGoesOn_TellsTensorBoardToForgetWhatWillComeAgain()
    {
        var policy = new CheckpointPolicy(Path.Combine(folder, "checkpoints"));
        var logs = Path.Combine(folder, "log");
        Assert.Throws<InvalidTimeZoneException>(() => Fit(Options with { Epochs = 4, Checkpoints = policy, Callbacks = [new TensorBoardLog(logs) { EverySteps = 1 }, new FailAt(8)] }));
        Fit(Options with { Epochs = 4, Checkpoints = policy, Callbacks = [new TensorBoardLog(logs) { EverySteps = 1 }] }).Dispose();
        var files = Directory.GetFiles(logs).Order(StringComparer.Ordinal).Select(Events).ToList();
        Assert.Equal(2, files.Count);
        var restart = files[1][1];
        Assert.Equal((7, SessionLog.Types.SessionStatus.Start), (restart.Step, restart.SessionLog.Status));
        // as TensorBoard reads it: what is at or after the restart goes
        var steps = files[0].Where(entry => entry.Step < restart.Step).Concat(files[1]).Where(entry => entry.Summary?.Value[0].Tag == "step/loss").Select(entry => entry.Step);
        Assert.Equal(Enumerable.Range(1, 12).Select(step => (long)step), steps);
    }

    [Fact]
    public void ManyRunsOfOneSecond_AreReadInTheirOrder()
    {
        // TensorBoard reads a folder's files by their names
        var names = new List<string>();
        for (var run = 0; run < 12; run++)
        {
            new EventFile(folder, TimeProvider.System).Write();
            names.Add(Directory.GetFiles(folder).Except(names).Single());
        }
        Assert.Equal(names, names.Order(StringComparer.Ordinal));
    }

    private static DeepTrainerOptions Options => Blobs.Options with { Epochs = 2, ValidationFraction = 0.2 };

    private DeepTransformer Fit(DeepTrainerOptions options) => Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)).LastTransformer;

    private static IEnumerable<Summary.Types.Value> Values(IEnumerable<Event> events) => events.SelectMany(entry => entry.Summary?.Value ?? []);

    private static float Scalar(IEnumerable<Event> events, string tag, long step) =>
        Assert.Single(Values(events.Where(entry => entry.Step == step)), value => value.Tag == tag).SimpleValue;

    // the framing as TensorFlow's documentation gives it, with a CRC of the test's own
    private static List<Event> Events(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var events = new List<Event>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(Masked(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            var message = bytes.AsSpan(at + 12, length);
            Assert.Equal(Masked(message), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            // TorchSharp's messages are of an older generator, which reads from this stream alone
            events.Add(Event.Parser.ParseFrom(new CodedInputStream(message.ToArray())));
            at += 16 + length;
        }
        return events;

        static uint Masked(ReadOnlySpan<byte> bytes)
        {
            var crc = uint.MaxValue;
            foreach (var value in bytes)
            {
                crc ^= value;
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
            }
            crc = ~crc;
            return unchecked((crc >> 15 | crc << 17) + 0xa282ead8);
        }
    }

    private sealed class FailAt(long step) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.Step == step)
                throw new InvalidTimeZoneException();
        }
    }
}
