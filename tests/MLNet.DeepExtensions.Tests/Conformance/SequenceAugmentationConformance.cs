using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every augmentation of sequences must do.</summary>
[Collection(nameof(Alone))]
public sealed class SequenceAugmentationConformance
{
    private const int Rows = 6, Steps = 20, Width = 8;

    private static readonly SequenceAugmentation[] examples =
    [
        new TimeMasking(6) { Count = 2, Value = 9 }, new FrequencyMasking(3), new RandomNoise(), new RandomTimeShift(4), new RandomGain(),
    ];

    public static TheoryData<string> Names => [.. SequenceAugmentation.Registered.Select(type => type.Name)];

    [Theory, MemberData(nameof(Names))]
    public void PaddingStaysPadding_AndHasNoSay(string name)
    {
        using var scope = NewDisposeScope();
        var input = Input();
        for (var batch = 0; batch < 8; batch++)
        {
            var changed = Plan(name, 1).Apply(input, 1, batch);
            Assert.Equal(input.Values.shape, changed.shape);
            Assert.Equal(ScalarType.Float32, changed.dtype);
            var padding = input.Mask()!.logical_not().unsqueeze(2);
            Assert.Equal(input.Values.masked_select(padding), changed.masked_select(padding));
            // what stands in it reaches no step
            var other = Plan(name, 1).Apply(input with { Values = where(padding, 1e6f, input.Values) }, 1, batch);
            Assert.Equal(changed.masked_select(input.Mask()!.unsqueeze(2)), other.masked_select(input.Mask()!.unsqueeze(2)));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void SameSeedEpochAndBatch_GiveTheSameBits_AndOthersDoNot(string name)
    {
        using var scope = NewDisposeScope();
        var input = Input();
        var first = Plan(name, 5).Apply(input, 2, 3);
        Plan(name, 5).Apply(input, 2, 2);
        rand(100);                                                              // torch's own dice have no say
        Assert.Equal(first, Plan(name, 5).Apply(input, 2, 3));
        Assert.NotEqual(first, Plan(name, 6).Apply(input, 2, 3));
        Assert.NotEqual(first, Plan(name, 5).Apply(input, 3, 3));
        Assert.NotEqual(first, Plan(name, 5).Apply(input, 2, 4));
    }

    [Theory, MemberData(nameof(Names))]
    public void TorchsOwnDice_AreNotTouched_AndNeitherIsTheBatch(string name)
    {
        using var scope = NewDisposeScope();
        var (input, twin, before) = (Input(), Input(), get_rng_state());
        Plan(name, 1).Apply(input, 1, 0);
        Assert.Equal(before, get_rng_state());
        Assert.Equal(twin.Values, input.Values);
    }

    [Theory, MemberData(nameof(Names))]
    public void RowsOfOneLength_AreChangedAsTheyAreAmongOthers(string name)
    {
        using var scope = NewDisposeScope();
        var whole = Input() with { Lengths = full(Rows, Steps, ScalarType.Int64) };
        Assert.Equal(Plan(name, 1).Apply(whole, 1, 0), Plan(name, 1).Apply(whole with { Lengths = null }, 1, 0));
    }

    [Theory, MemberData(nameof(Names))]
    public void LeavesTheChangedTensorAlive_AndNothingElse(string name)
    {
        using var outer = NewDisposeScope();
        var (input, plan) = (Input(), Plan(name, 3));
        plan.Apply(input, 1, 0);
        Assert.Equal(1, LiveTensors.LeftBy(() => plan.Apply(input, 1, 1)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Json_GivesTheSameConfigBack(string name)
    {
        var augmentation = Example(name);
        Assert.Equal(augmentation, ConfigJson.Read<SequenceAugmentation>(ConfigJson.Write(augmentation)));
        Assert.Contains(name, augmentation.ToString());
    }

    private static SequenceAugmentation Example(string name) => examples.Single(example => example.GetType().Name == name);

    private static SequencePlan Plan(string name, int seed) => new([Example(name)], seed);

    private static InputTensor Input() => new("x", arange(Rows * Steps * Width, ScalarType.Float32).mul_(0.37f).sin_().reshape(Rows, Steps, Width), tensor([20L, 15, 9, 4, 2, 1]));
}
