using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>What a fit must leave as it found it.</summary>
[Collection(nameof(Alone))]
public class GlobalStateTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Fit_LeavesTheHostsGeneratorWhereItWas()
    {
        using var warm = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 30));
        random.manual_seed(42);
        var expected = (Draw(), Draw());
        random.manual_seed(42);
        var first = Draw();
        using var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 30));
        Assert.Equal(expected, (first, Draw()));

        static float Draw()
        {
            using var number = rand(1);
            return number.item<float>();
        }
    }

    [Fact]
    public void AFitThatFails_LeavesNoLiveTensor()
    {
        Once();
        var wrappers = LiveTensors.LeftBy(() => new Mlp { HiddenSizes = [16] }.Build(new VectorShape(Blobs.Width), 3).Dispose());
        Assert.Equal(wrappers, LiveTensors.LeftBy(Once));

        void Once() => Assert.Throws<IOException>(() => Blobs.Pipeline(ml, Blobs.Options with { ValidationFraction = 0.2, Callbacks = [new Failing()] }).Fit(Blobs.View(ml, 60)));
    }

    private sealed class Failing : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => throw new IOException("The disk is full.");
    }

    [Fact]
    public void FitTransformAndPredict_LeaveNoLiveTensor()
    {
        Once();
        // TorchSharp's count keeps one emptied wrapper for each parameter that is made, until the garbage collector comes
        var wrappers = LiveTensors.LeftBy(() => new Mlp { HiddenSizes = [16] }.Build(new VectorShape(Blobs.Width), 3).Dispose());
        Assert.Equal(wrappers, LiveTensors.LeftBy(Once));

        void Once()
        {
            var data = Blobs.View(ml, 60);
            var model = Blobs.Pipeline(ml, Blobs.Options with { ValidationFraction = 0.2 }).Fit(data);
            Assert.Equal(60, model.Transform(data).GetColumn<uint>("PredictedLabel").Count());
            model.Dispose();
        }
    }

    [Fact]
    public void SameSeed_GivesTheSameBits_AndAnotherSeedOthers()
    {
        Assert.Equal(Bits(5), Bits(5));
        Assert.NotEqual(Bits(5), Bits(6));

        byte[] Bits(int seed)
        {
            using var model = Blobs.Pipeline(new MLContext(seed), model: new Mlp { HiddenSizes = [8], Dropout = 0.2 }).Fit(Blobs.View(ml, 120));
            return [.. model.LastTransformer.Module.state_dict().SelectMany(entry => entry.Value.bytes.ToArray())];
        }
    }

    [Fact]
    public void FitsAtOnce_QueueAndGiveWhatTheyGiveAlone()
    {
        var data = Blobs.View(ml, 90);
        var losses = new double[4];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using var model = Blobs.Pipeline(new MLContext(seed: i % 2)).Fit(data);
            losses[i] = model.LastTransformer.History.Epochs[^1].Train["loss"];
        });
        Assert.Equal(losses[0], losses[2]);
        Assert.Equal(losses[1], losses[3]);
        Assert.NotEqual(losses[0], losses[1]);
    }
}
