using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Text;

/// <summary>A Transformer that is taught does not see some steps; one that scores sees all.</summary>
[Collection(nameof(Alone))]
public class StepDropoutTests
{
    [Fact]
    public void WholeSteps_AreHiddenWhileTraining_AndTheOthersScaled()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var network = (EncoderNetwork)new TransformerEncoder { Layers = 1, Heads = 2, HiddenSize = 16, FeedForwardSize = 16, Dropout = 0, StepDropout = 0.25, Positions = Positions.Rotary }.Build(new IdsShape(30), 2);
        var input = new ModelInput([new InputTensor("Text", randint(1, 30, [40, 25], ScalarType.Int64), full(40, 25, ScalarType.Int64))]);
        network.eval();
        var seen = Read();
        Assert.True(seen.allclose(Read(), 0, 0));
        network.train();
        var taught = Read();

        var norms = taught.norm(2) / seen.norm(2);                          // [40, 25]
        var hidden = norms.lt(1e-6);
        Assert.InRange(hidden.to(ScalarType.Float32).mean().ToDouble(), 0.25 - 0.07, 0.25 + 0.07);      // five standard deviations
        Assert.True(where(hidden.unsqueeze(2), zeros_like(seen), seen / 0.75).allclose(taught, atol: 1e-6));
        Assert.False(taught.allclose(Read(), 0, 0));

        // what goes into the first layer
        Tensor Read()
        {
            var states = new List<Tensor>();
            network.Encode(input, states);
            return states[0];
        }
    }
}
