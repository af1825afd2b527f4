using Xunit.v3;
using System.Reflection;
using System.Text.Json;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>Says which of PyTorch's numbers a test holds, where they are not a row of a parity theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HoldsAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names => names;
}

/// <summary>
/// That no number of PyTorch's is left out: each name among the losses, optimizers and schedules of the reference is held by a parity test, within 1e-5 of its size
/// but for what the tests say themselves (<c>kl_div_batchmean</c> 5e-5, since its terms cancel; <c>nadam</c> by hand, since PyTorch 1.13's has a mistake that PyTorch 2 mended).
/// </summary>
public sealed class ParityCompleteness
{
    // ours that PyTorch has no numbers for, and what holds them instead
    private static readonly Dictionary<Type, string> withoutNumbers = new()
    {
        [typeof(Lion)] = nameof(OptimizerParityTests.Lion_FollowsThePapersRule),
        [typeof(NAdam)] = nameof(OptimizerParityTests.NAdam_FollowsThePapersRule),
    };

    private static IEnumerable<(string Name, Type? Config)> Held =>
    [
        .. LossParityTests.Held.Concat(OptimizerParityTests.Held).Concat(ScheduleParityTests.Held).Select(item => (item.Name, (Type?)item.Config)),
        .. typeof(ParityCompleteness).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(IsTest)
            .SelectMany(method => method.GetCustomAttribute<HoldsAttribute>()?.Names ?? []).Select(name => (name, (Type?)null)),
    ];

    [Theory]
    [InlineData("losses")]
    [InlineData("optimizers")]
    [InlineData("schedules")]
    public void EveryNameOfOurCopy_IsHeldOrPending(string part) => Check(TrainingNumbers.Root(part).EnumerateObject().Select(item => item.Name));

    [Fact]
    public void EveryNameOfTheReference_IsHeldOrPending_AndOurCopyHasItsNumbers()
    {
        var training = Read("training.json");
        var reference = Read("reference.json");
        foreach (var part in new[] { "optimizers", "schedules" })
            foreach (var item in reference.GetProperty(part).EnumerateObject().Concat(training.GetProperty(part).EnumerateObject()))
                Same(TrainingNumbers.Of(part, item.Name), item);
        foreach (var item in reference.GetProperty("losses").EnumerateObject())
            Same(TrainingNumbers.Of("losses", item.Name), item);
        // what stands beside them is a loss, or clipping
        foreach (var item in training.EnumerateObject().Where(item => item.Name is not ("optimizers" or "schedules")))
            Same(item.Name == "clip_grad_norm_1" ? TrainingNumbers.Root(item.Name) : TrainingNumbers.Of("losses", item.Name), item);

        static JsonElement Read(string file)
        {
            using var stream = File.OpenRead(SharedData.Find($"reference/{file}"));
            return JsonDocument.Parse(stream).RootElement;
        }

        static void Same(JsonElement copy, JsonProperty original)
        {
            Assert.True(JsonElement.DeepEquals(copy, original.Value), $"{original.Name} is not what it is in the reference");
            Check([original.Name]);
        }
    }

    [Fact]
    public void WhatIsHeld_IsAName()
    {
        var names = new[] { "losses", "optimizers", "schedules" }.SelectMany(part => TrainingNumbers.Root(part).EnumerateObject().Select(item => item.Name)).Append("clip_grad_norm_1").ToHashSet();
        var held = Held.Select(item => item.Name).ToHashSet();
        Assert.Empty(held.Except(names));
    }

    [Fact]
    public void EveryOptimizerAndSchedule_IsHeld()
    {
        var held = Held.Select(item => item.Config).OfType<Type>().Concat(withoutNumbers.Keys).ToHashSet();
        var left = OptimizerConfig.Registered.Concat(ScheduleConfig.Registered).Where(type => type.Assembly == typeof(OptimizerConfig).Assembly && !held.Contains(type)).Select(type => type.Name).ToList();
        Assert.True(left.Count == 0, $"Add a parity test with PyTorch's numbers, or name the test that holds the rule by hand, for: {string.Join(", ", left)}");
    }

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(attribute => attribute is IFactAttribute);

    private static void Check(IEnumerable<string> names)
    {
        var known = Held.Select(item => item.Name).ToHashSet();
        var left = names.Where(name => !known.Contains(name)).ToList();
        Assert.True(left.Count == 0, $"No parity test holds {string.Join(", ", left)}. Add a row to a parity theory, or [Holds(\"…\")] to the test that does.");
    }
}
