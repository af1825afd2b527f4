using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Augmentations;

[Collection(nameof(Alone))]
public sealed class SequenceAugmentationTests
{
    [Fact]
    public void TimeMasking_HidesWholeSteps_AtMostItsShareOfEachRow()
    {
        using var scope = NewDisposeScope();
        var seen = new HashSet<int>();
        for (var batch = 0; batch < 50; batch++)
        {
            var hidden = Played(new TimeMasking(6) { MaxShare = 0.5 }, [20, 8], batch).eq(0);          // [2, 20, 4]
            Assert.Equal(hidden.any(2), hidden.all(2));
            var counts = hidden.all(2).sum(1, type: ScalarType.Int64).data<long>().ToArray();
            Assert.InRange(counts[0], 0, 6);
            Assert.InRange(counts[1], 0, 4);
            seen.Add((int)counts[0]);
            // in one piece
            Assert.True(hidden[0, .., 0].to(ScalarType.Int32).diff().abs().sum().item<long>() <= 2);
        }
        Assert.Equal([0, 1, 2, 3, 4, 5], seen.Order());             // torchaudio's rule: the largest size is not reached
    }

    [Fact]
    public void FrequencyMasking_HidesWholeBands()
    {
        using var scope = NewDisposeScope();
        for (var batch = 0; batch < 30; batch++)
        {
            var hidden = Played(new FrequencyMasking(3), [20, 8], batch).eq(0);
            Assert.Equal(hidden[0].any(0), hidden[0].all(0));
            Assert.InRange(hidden[0].all(0).sum().item<long>(), 0, 2);
        }
    }

    [Fact]
    public void RandomTimeShift_MovesStepsWithinTheirRow()
    {
        using var scope = NewDisposeScope();
        var steps = arange(1, 11, ScalarType.Float32).view(1, 10, 1);
        var seen = new HashSet<string>();
        for (var batch = 0; batch < 40; batch++)
            seen.Add(string.Join(" ", new SequencePlan([new RandomTimeShift(2)], 1).Apply(new InputTensor("x", steps, tensor([5L])), 1, batch)[0, ..5, 0].data<float>()));
        Assert.Equal(["0 0 1 2 3", "0 1 2 3 4", "1 2 3 4 5", "2 3 4 5 0", "3 4 5 0 0"], seen.Order());
    }

    [Fact]
    public void RandomNoise_HasTheStandardDeviationThatWasAskedFor()
    {
        using var scope = NewDisposeScope();
        var noise = new SequencePlan([new RandomNoise { Std = (0.3, 0.3) }], 1).Apply(new InputTensor("x", zeros(4, 500, 10)), 1, 0);
        Assert.Equal(0.3, noise.std().ToDouble(), 0.01);
        Assert.Equal(0, noise.mean().ToDouble(), 0.01);
    }

    [Fact]
    public void RandomGain_IsOneFactorForEachExample()
    {
        using var scope = NewDisposeScope();
        var louder = new SequencePlan([new RandomGain { Decibels = (-6, 6) }], 1).Apply(new InputTensor("x", ones(50, 3, 2)), 1, 0);
        Assert.Equal(louder.amin([1, 2]), louder.amax([1, 2]));
        Assert.InRange(louder.amin().ToDouble(), 0.501, 0.7);
        Assert.InRange(louder.amax().ToDouble(), 1.4, 1.996);
    }

    private static Tensor Played(SequenceAugmentation augmentation, long[] lengths, int batch) =>
        new SequencePlan([augmentation], 7).Apply(new InputTensor("x", ones(2, 20, 4), tensor(lengths)), 1, batch);
}
