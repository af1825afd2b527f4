using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Augmentations;

[Collection(nameof(Alone))]
public sealed class MixedTargetsTests
{
    private static readonly ImageShape shape = new(8, 8);

    public static TheoryData<Augmentation> Mixing => [new MixUp(), new CutMix()];

    [Theory, MemberData(nameof(Mixing))]
    public void Targets_AreMixedAsThePicturesAre(Augmentation mixing)
    {
        using var scope = NewDisposeScope();
        // each picture has its class's tone: what a picture is made of can be read off
        var labels = tensor([0L, 1, 0, 0, 1]);
        var pictures = labels.to(ScalarType.Float32).reshape(5, 1, 1, 1).expand(5, 1, 8, 8).contiguous();
        for (var number = 0; number < 20; number++)
        {
            var mixed = new AugmentationPlan([mixing], shape, 1, 2).Apply(new Batch(pictures, labels, null, 5), 1, number);
            Assert.Equal([5, 2], mixed.Target.shape);
            Assert.True(mixed.Target[TensorIndex.Colon, 1].allclose(mixed.Input.Values.mean([1, 2, 3]), atol: 1e-6));
            Assert.True(mixed.Target.sum(1).allclose(ones(5), atol: 1e-6));
        }
    }

    [Theory, MemberData(nameof(Mixing))]
    public void LossOfAWeightedMix_IsTheSumOfBothPictures_EachByItsWeight(Augmentation mixing)
    {
        using var scope = NewDisposeScope();
        var (labels, weights, output) = (tensor([0L, 1, 2]), tensor([1f, 3, 0]), rand(3, 3));
        var mixed = new AugmentationPlan([mixing], shape, 1, 3).Apply(new Batch(rand(3, 1, 8, 8), labels, weights, 3), 1, 0);
        using var loss = new CrossEntropy().Build(3, CPU);
        var value = loss.Compute(output, mixed.Target, mixed.Weight);

        var plain = new AugmentationPlan([mixing], shape, 1, 3).Apply(new Batch(rand(3, 1, 8, 8), labels, null, 3), 1, 0);
        var share = plain.Target[0, 0].ToDouble();
        var (own, others) = (loss.Compute(output, labels, weights), loss.Compute(output, labels.roll(1, 0), weights.roll(1, 0)));
        Assert.Equal(share * own.Mean.ToDouble() * 4 + (1 - share) * others.Mean.ToDouble() * 4, value.Mean.ToDouble() * value.Normalizer!.ToDouble(), 1e-5);
        Assert.Equal(4, value.Normalizer!.ToDouble(), 1e-6);
    }

    [Fact]
    public void ABatchOfOne_IsMixedWithItself()
    {
        using var scope = NewDisposeScope();
        var picture = rand(1, 1, 8, 8);
        var mixed = new AugmentationPlan([new MixUp()], shape, 1, 3).Apply(new Batch(picture, tensor([2L]), null, 1), 1, 0);
        Assert.True(mixed.Input.Values.allclose(picture));
        Assert.Equal([0f, 0, 1], mixed.Target.data<float>().ToArray());
    }

    [Fact]
    public void Accuracy_OfAMix_CountsTheGreaterShare()
    {
        using var scope = NewDisposeScope();
        using var accuracy = new Accuracy().Build(3, CPU);
        accuracy.Update(tensor(new float[,] { { 0, 5, 0 }, { 5, 0, 0 } }), tensor(new float[,] { { 0.4f, 0.6f, 0 }, { 0, 0.9f, 0.1f } }), null);
        Assert.Equal(0.5, accuracy.Value);
    }
}
