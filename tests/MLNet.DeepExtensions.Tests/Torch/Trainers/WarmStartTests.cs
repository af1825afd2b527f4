using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>A training that starts from a fitted transformer.</summary>
[Collection(nameof(Alone))]
public sealed class WarmStartTests
{
    private readonly MLContext ml = new(seed: 1);
    private readonly List<string> log = [];

    public WarmStartTests() => ml.Log += (_, entry) =>
    {
        lock (log)
            log.Add(entry.Message);
    };

    // a rate of 0: the weights stay those that the run began with
    private static DeepTrainerOptions Still => Blobs.Options with { Epochs = 1, Optimizer = new Sgd { LearningRate = 0 } };

    [Fact]
    public void TheTraining_BeginsWithTheTransformersWeights_ThoughItIsDisposed()
    {
        var first = Fit(Blobs.Options);
        var expected = Bits(first);
        var options = Still with { InitialWeights = first };
        first.Dispose();
        using var second = Fit(options);
        Assert.Equal(expected, Bits(second));
        Assert.Contains(log, line => line.Contains("4 tensors were loaded from the fitted network."));
    }

    [Fact]
    public void TheTraining_GoesOn_BelowWhereTheFirstOneEnded()
    {
        using var first = Fit(Blobs.Options);
        using var second = Fit(Blobs.Options with { InitialWeights = first, Seed = 9 });
        Assert.True(second.History.Epochs[0].Train["loss"] < first.History.Epochs[^1].Train["loss"]);
    }

    [Fact]
    public void AnotherNumberOfClasses_StartsTheHeadAnew_AndSaysSo()
    {
        using var first = Fit(Blobs.Options);
        using var second = Fit(Still with { InitialWeights = first, Seed = 9 }, rows: Blobs.Rows(60).Where(row => row.Label != "kind 2"));
        Assert.Equal(Numbers(first, "fc1.weight"), Numbers(second, "fc1.weight"));
        Assert.Equal([2, 16], second.Module.state_dict()["fc2.weight"].shape);
        Assert.Contains(log, line => line.Contains("The head is new") && line.Contains("fc2.weight: the classes kind 0, kind 1, kind 2 in the fitted network, kind 0, kind 1 here"));
    }

    [Fact]
    public void TheSameClassesInAnotherOrder_AreOtherClasses()
    {
        using var first = Fit(Blobs.Options);
        // keys are given in the order in which labels come
        using var second = Fit(Still with { InitialWeights = first, Seed = 9 }, rows: Blobs.Rows(60).AsEnumerable().Reverse());
        Assert.Equal(["kind 2", "kind 1", "kind 0"], second.Model.Labels);
        Assert.Equal(Numbers(first, "fc1.weight"), Numbers(second, "fc1.weight"));
        Assert.NotEqual(Numbers(first, "fc2.weight"), Numbers(second, "fc2.weight"));
        Assert.Contains(log, line => line.Contains("kind 0, kind 1, kind 2 in the fitted network, kind 2, kind 1, kind 0 here"));
    }

    [Fact]
    public void AnotherNetwork_SaysWhatItHasAndWhatItLacks()
    {
        using var first = Fit(Blobs.Options);
        var error = Assert.Throws<InvalidModelFileException>(() => Fit(Still with { InitialWeights = first.ToPretrainedWeights() with { Strict = true } }, new Mlp { HiddenSizes = [16, 8] }));
        Assert.Contains("Missing in the fitted network: ", error.Message);
        Assert.Contains("fc3.weight: F32 [3, 8]", error.Message);
        Assert.Contains("fc2.weight: [3, 16] in the fitted network, [8, 16] here", error.Message);
    }

    [Fact]
    public void ACheckpoint_KnowsTheWeightsByTheirNumbers()
    {
        var folder = Directory.CreateTempSubdirectory("warm").FullName;
        try
        {
            using var first = Fit(Blobs.Options);
            using var same = Fit(Blobs.Options);
            using var other = Fit(Blobs.Options with { Seed = 2 });
            var options = Blobs.Options with { Checkpoints = new CheckpointPolicy(folder) };
            using var run = Fit(options with { InitialWeights = first });
            using var again = Fit(options with { InitialWeights = same });
            Assert.Equal(Bits(run), Bits(again));
            Assert.Contains("initialWeights", Assert.Throws<InvalidOperationException>(() => Fit(options with { InitialWeights = other })).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ADisposedTransformer_SaysSo()
    {
        var first = Fit(Still);
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Still with { InitialWeights = first });
    }

    private DeepTransformer Fit(DeepTrainerOptions options, ModelConfig? model = null, IEnumerable<Blobs.Row>? rows = null) =>
        Blobs.Pipeline(ml, options, model).Fit(ml.Data.LoadFromEnumerable(rows ?? Blobs.Rows(60))).LastTransformer;

    private static float[] Numbers(DeepTransformer model, string name) => model.Module.state_dict()[name].data<float>().ToArray();

    private static byte[] Bits(DeepTransformer model) => [.. model.Module.state_dict().Values.SelectMany(tensor => tensor.bytes.ToArray())];
}
