using Microsoft.ML;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

/// <summary>torch has one generator for the whole process: who may draw from it, and when.</summary>
[Collection(nameof(Alone))]
public sealed class TorchGeneratorTests
{
    [Fact]
    public void Seeded_GivesTheGeneratorBackAsItWas()
    {
        random.manual_seed(42);
        var expected = (Draw(), Draw());
        random.manual_seed(42);
        var first = Draw();
        using (TorchGenerator.Seeded(7))
            Draw();
        Assert.Equal(expected, (first, Draw()));
    }

    [Fact]
    public void Seeded_GivesItBackAfterAnErrorToo()
    {
        random.manual_seed(42);
        var expected = Draw();
        random.manual_seed(42);
        Assert.Throws<InvalidOperationException>((Action)(() =>
        {
            using var _ = TorchGenerator.Seeded(7);
            throw new InvalidOperationException();
        }));
        Assert.Equal(expected, Draw());
    }

    [Fact]
    public void Seeded_InsideSeeded_OnTheSameThread_DoesNotWaitForItself()
    {
        using var outer = TorchGenerator.Seeded(1);
        var expected = (Draw(), Draw());
        using var again = TorchGenerator.Seeded(1);
        var first = Draw();
        using (TorchGenerator.Seeded(2))
            Draw();
        Assert.Equal(expected, (first, Draw()));
    }

    [Fact]
    public void Seeded_OnAnotherThread_WaitsUntilTheFirstIsDone()
    {
        var order = new List<string>();
        var first = TorchGenerator.Seeded(1);
        var second = new Thread(() =>
        {
            using var _ = TorchGenerator.Seeded(2);
            order.Add("second began");
        }) { IsBackground = true };
        second.Start();
        Assert.False(second.Join(50));
        order.Add("first ends");
        first.Dispose();
        Assert.True(second.Join(10_000));
        Assert.Equal(["first ends", "second began"], order);
    }

    [Fact]
    public void Untouched_LeavesTheGeneratorWhereItWas_AlsoAfterAnError()
    {
        random.manual_seed(42);
        var expected = Draw();
        random.manual_seed(42);
        TorchGenerator.Untouched(Draw);
        Assert.Throws<InvalidOperationException>(() => TorchGenerator.Untouched<int>(() => throw new InvalidOperationException($"{Draw()}")));
        Assert.Equal(expected, Draw());
    }

    [Fact]
    public void Fit_WhileModelsAreLoadedOnOtherThreads_GivesTheSameBits()
    {
        var ml = new MLContext(seed: 3);
        var data = Blobs.View(ml, 60);
        var pipeline = Blobs.Pipeline(ml, Blobs.Options with { Epochs = 1 }, new Mlp { HiddenSizes = [32, 32], Dropout = 0.2 });
        using var file = new MemoryStream();
        using (var model = pipeline.Fit(data))
            ml.Model.Save(model, data.Schema, file);
        var expected = Bits();

        using var stop = new CancellationTokenSource();
        var loads = 0;
        var loader = new Thread(() =>
        {
            for (; !stop.IsCancellationRequested; loads++)
                DeepModel.Load(new MemoryStream(file.ToArray())).Dispose();
        }) { IsBackground = true };
        loader.Start();
        try
        {
            for (var fit = 0; fit < 40; fit++)
                Assert.Equal(expected, Bits());
        }
        finally
        {
            stop.Cancel();
            loader.Join();
        }
        Assert.True(loads > 0);

        byte[] Bits()
        {
            using var model = pipeline.Fit(data);
            return [.. model.LastTransformer.Module.state_dict().SelectMany(entry => entry.Value.bytes.ToArray())];
        }
    }

    private static float Draw()
    {
        using var number = rand(1);
        return number.item<float>();
    }
}
