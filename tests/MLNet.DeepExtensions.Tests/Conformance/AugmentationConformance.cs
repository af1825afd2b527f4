using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every augmentation must do.</summary>
[Collection(nameof(Alone))]
public sealed class AugmentationConformance
{
    private const int Count = 6, Classes = 3;

    private static readonly Augmentation[] examples =
    [
        new RandomCrop(16) { Padding = 2 }, new RandomResizedCrop(14, 10), new RandomHorizontalFlip(), new RandomVerticalFlip(), new RandomRotation(30), new RandomAffine(10) { TranslateX = 0.1, ShearX = 5 },
        new RandomPerspective(), new ColorJitter(0.4, 0.4, 0.4, 0.1), new RandomGrayscale(0.5), new GaussianBlur(5), new RandomErasing(), new RandAugment(), new TrivialAugment(), new MixUp(), new CutMix(),
    ];

    public static TheoryData<string> Names => [.. Augmentation.Registered.Select(type => type.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Pictures_KeepToTheirRange_AndToThePromisedSize(string name)
    {
        foreach (var channels in new[] { 1, 3 })
        {
            using var scope = NewDisposeScope();
            var (augmentation, shape) = (Example(name), new ImageShape(18, 16, channels));
            for (var batch = 0; batch < 8; batch++)
            {
                var pictures = Played(augmentation, shape, seed: 1, epoch: 1, batch).Input.Values;
                Assert.Equal([Count, .. augmentation.OutputShape(shape).Dimensions], pictures.shape);
                Assert.Equal(ScalarType.Float32, pictures.dtype);
                Assert.True(pictures.amin().ToDouble() >= 0 && pictures.amax().ToDouble() <= 1 + 1e-6, $"{pictures.amin().ToDouble()} … {pictures.amax().ToDouble()}");
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void SameSeedEpochAndBatch_GiveTheSameBits_WhateverWasDrawnBefore(string name)
    {
        using var scope = NewDisposeScope();
        var shape = new ImageShape(18, 16, 3);
        var plan = Plan(Example(name), shape, seed: 5);
        var inOrder = Enumerable.Range(0, 4).Select(batch => plan.Apply(Batch(shape), 2, batch)).ToList();
        rand(100);                                                              // torch's own dice have no say
        var alone = Plan(Example(name), shape, seed: 5).Apply(Batch(shape), 2, 3);
        Assert.Equal(inOrder[3].Input.Values, alone.Input.Values);
        Assert.Equal(inOrder[3].Target, alone.Target);
        // thirty-two draws, and at least one differs for another seed, epoch and batch
        Assert.Contains(Enumerable.Range(0, 32), batch => !Same(plan, Plan(Example(name), shape, seed: 6), 2, batch, 2, batch));
        Assert.Contains(Enumerable.Range(0, 32), batch => !Same(plan, plan, 2, batch, 3, batch));
        Assert.Contains(Enumerable.Range(0, 32), batch => !Same(plan, plan, 2, batch, 2, batch + 1));

        bool Same(AugmentationPlan first, AugmentationPlan second, int epoch, int batch, int otherEpoch, int otherBatch) =>
            first.Apply(Batch(shape), epoch, batch).Input.Values.Equals(second.Apply(Batch(shape), otherEpoch, otherBatch).Input.Values);
    }

    [Theory, MemberData(nameof(Names))]
    public void TorchsOwnDice_AreNotTouched(string name)
    {
        using var scope = NewDisposeScope();
        var before = get_rng_state();
        Played(Example(name), new ImageShape(18, 16, 3), 1, 1, 0);
        Assert.Equal(before, get_rng_state());
    }

    [Theory, MemberData(nameof(Names))]
    public void TheBatchThatWasGiven_StaysAsItWas(string name)
    {
        using var scope = NewDisposeScope();
        var shape = new ImageShape(18, 16, 3);
        var (batch, twin) = (Batch(shape), Batch(shape));
        for (var number = 0; number < 8; number++)
            Plan(Example(name), shape, 1).Apply(batch, 1, number);
        Assert.Equal(twin.Input.Values, batch.Input.Values);
        Assert.Equal(twin.Target, batch.Target);
    }

    [Theory, MemberData(nameof(Names))]
    public void LeavesTheChangedBatchAlive_AndNothingElse(string name)
    {
        var shape = new ImageShape(18, 16, 3);
        using var outer = NewDisposeScope();
        var (batch, plan) = (Batch(shape) with { Weight = null }, Plan(Example(name), shape, 3));
        plan.Apply(batch, 1, 0);
        for (var number = 0; number < 4; number++)
        {
            var changed = batch;
            var left = LiveTensors.LeftBy(() => changed = plan.Apply(batch, 1, number));
            Assert.Equal((ReferenceEquals(changed.Input.Values, batch.Input.Values) ? 0 : 1) + (ReferenceEquals(changed.Target, batch.Target) ? 0 : 1), left);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Json_GivesTheSameConfigBack(string name)
    {
        var augmentation = Example(name);
        Assert.Equal(augmentation, ConfigJson.Read<Augmentation>(ConfigJson.Write(augmentation)));
        Assert.Contains(name, augmentation.ToString());
    }

    [Theory, MemberData(nameof(Names))]
    public void WhatValidationSees_HasTheSizeOfWhatTrainingSees(string name)
    {
        using var scope = NewDisposeScope();
        var shape = new ImageShape(18, 16, 3);
        var stage = Plan(Example(name), shape, 1).Stage;
        var seen = stage.Apply(Batch(shape).Input.Values.flatten(1), shape);
        Assert.Equal(Played(Example(name), shape, 1, 1, 0).Input.Values.shape, seen.shape);
        Assert.Equal([Count, .. stage.OutputShape(shape).Dimensions], seen.shape);
    }

    private static Augmentation Example(string name) => examples.Single(example => example.GetType().Name == name);

    private static AugmentationPlan Plan(Augmentation augmentation, ImageShape shape, int seed) => new([augmentation], shape, seed, Classes);

    private static Batch Played(Augmentation augmentation, ImageShape shape, int seed, int epoch, int batch) => Plan(augmentation, shape, seed).Apply(Batch(shape), epoch, batch);

    private static Batch Batch(ImageShape shape)
    {
        var values = arange(Count * shape.Count, dtype: ScalarType.Float32).mul_(0.37f).sin_().mul_(0.5f).add_(0.5f);
        return new Batch(values.reshape([Count, .. shape.Dimensions]), tensor([0L, 1, 2, 0, 1, 2]), linspace(0.5, 2, Count, ScalarType.Float32), Count);
    }
}
