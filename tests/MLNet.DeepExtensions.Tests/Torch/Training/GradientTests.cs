using MLNet.DeepExtensions.Tests.Parity;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

/// <summary>Clipping and accumulation.</summary>
[Collection(nameof(Alone))]
public sealed class GradientTests
{
    [Fact, Holds("clip_grad_norm_1")]
    public void ClippingByNorm_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var numbers = TrainingNumbers.Root("clip_grad_norm_1");
        List<Parameter> parameters = [];
        foreach (var gradient in numbers.GetProperty("gradients").EnumerateArray().Select(TrainingNumbers.Row))
            parameters.Add(new Parameter(zeros(gradient.Length)) { grad = tensor(gradient.Select(value => (float)value).ToArray()) });
        new GradientClipping(1, null).Apply(parameters);
        foreach (var (parameter, expected) in parameters.Zip(numbers.GetProperty("clipped").EnumerateArray().Select(TrainingNumbers.Row)))
            Assert.Equal(expected, parameter.grad!.data<float>().ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) <= 1e-6);
    }

    [Fact]
    public void ShortGradients_StayAsTheyAre_AndByValueEachNumberIsBounded()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(zeros(3)) { grad = tensor([0.1f, -0.2f, 0.3f]) };
        new GradientClipping(1, null).Apply([parameter]);
        Assert.Equal([0.1f, -0.2f, 0.3f], parameter.grad!.data<float>().ToArray());
        new GradientClipping(null, 0.15).Apply([parameter]);
        Assert.Equal([0.1f, -0.15f, 0.15f], parameter.grad!.data<float>().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FourBatchesInAStep_AreOneOfFourTimesTheRows(bool weighted)
    {
        using var scope = NewDisposeScope();
        // 10 rows: 4 + 4 + 2, the last smaller than the others
        Assert.Equal(After(batch: 10, perStep: 1), After(batch: 4, perStep: 3), (a, b) => Math.Abs(a - b) <= 1e-6);

        float[] After(int batch, int perStep)
        {
            var (state, source) = SmallRuns.Prepare(epochs: 3, rows: 10, batch: batch, weighted: weighted, batchesPerStep: perStep);
            TrainingLoop.Run(state, source, null, []);
            Assert.Equal(3, state.Step);
            return [.. state.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
        }
    }
}
