using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.DeepExtensions.Native;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

[Collection(nameof(Alone))]
public sealed class DeterministicTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Exports_OfTheLibtorchInUse_AreThere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        Assert.True(DeterministicAlgorithms.IsAvailable);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFit_IsRestrictedWhereItAsksForIt_AndTheProcessIsNotAfterwards(bool deterministic)
    {
        Assert.SkipUnless(DeterministicAlgorithms.IsAvailable, "this libtorch does not export what is needed");
        var seen = new List<bool>();
        using var model = Blobs.Pipeline(ml, Blobs.Options with { Deterministic = deterministic, Callbacks = [new AtBatchEnd(() => seen.Add(DeterministicAlgorithms.AreOn))] }).Fit(Blobs.View(ml, 30));
        Assert.NotEmpty(seen);
        Assert.All(seen, on => Assert.Equal(deterministic, on));
        Assert.False(DeterministicAlgorithms.AreOn);
    }

    [Fact]
    public void AnOperationWithoutADeterministicForm_StopsTheFit_WithLibtorchsWords()
    {
        Assert.SkipUnless(DeterministicAlgorithms.IsAvailable, "this libtorch does not export what is needed");
        DeepTransformer Fit(bool deterministic) => Blobs.Pipeline(ml, Blobs.Options with { Deterministic = deterministic }, ModelConfig.From((_, outputs) => new Unpools(outputs))).Fit(Blobs.View(ml, 30)).LastTransformer;
        Fit(deterministic: false).Dispose();
        var error = Assert.ThrowsAny<ExternalException>(() => Fit(deterministic: true));
        Assert.Contains("does not have a deterministic implementation", error.Message);
        Assert.False(DeterministicAlgorithms.AreOn);
    }

    [Fact]
    public void WhatTheHostHadSet_IsSetAgain()
    {
        Assert.SkipUnless(DeterministicAlgorithms.IsAvailable, "this libtorch does not export what is needed");
        using (new DeterministicAlgorithms())
        {
            using var model = Blobs.Pipeline(ml, Blobs.Options with { Deterministic = true, Epochs = 1 }).Fit(Blobs.View(ml, 30));
            Assert.True(DeterministicAlgorithms.AreOn);
        }
        Assert.False(DeterministicAlgorithms.AreOn);
    }

    // the reverse of max pooling is one of the few that have no such form on the CPU either
    private sealed class Unpools : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> fc;

        public Unpools(int outputs) : base(nameof(Unpools))
        {
            fc = Linear(Blobs.Width, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            functional.max_unpool2d(ones(1, 1, 1, 1), zeros(1, 1, 1, 1, ScalarType.Int64), [2, 2]);
            return fc.call(input);
        }
    }

    private sealed class AtBatchEnd(Action look) : Callback
    {
        public override void OnBatchEnd(TrainingState state) => look();
    }
}
