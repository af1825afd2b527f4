using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class SequenceConvNetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Padding_ChangesNoScore_AndNothingThatIsLearnt(bool training)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        using var network = (Module<ModelInput, Tensor>)new SequenceConvNet { Widths = [8, 12, 16], Dropout = 0 }.Build(new SequenceShape(6), 3);
        var (values, lengths) = (randn(5, 11, 6), tensor([11L, 7, 4, 2, 1]));
        // whatever stands there, and however much of it
        var padded = full(5, 22, 6, float.NaN);
        for (var row = 0; row < 5; row++)
            padded[row, ..(int)lengths[row].item<long>()] = values[row, ..(int)lengths[row].item<long>()];
        network.train(training);
        var (tight, loose) = (Run(values), Run(padded));
        Assert.True(tight.Output.allclose(loose.Output, 1e-5, 1e-6), $"{tight.Output.str()} {loose.Output.str()}");
        Assert.All(tight.Gradients.Zip(loose.Gradients), pair => Assert.True(pair.First.allclose(pair.Second, 1e-4, 1e-5)));

        (Tensor Output, Tensor[] Gradients) Run(Tensor input)
        {
            network.zero_grad();
            var output = network.call(new ModelInput([new InputTensor("x", input, lengths)]));
            output.square().sum().backward();
            return (output.detach(), [.. network.parameters().Select(parameter => parameter.grad!.clone())]);
        }
    }

    [Fact]
    public void ARowAlone_HasTheScoreThatItHasAmongLongerOnes()
    {
        using var scope = NewDisposeScope();
        using var network = (Module<ModelInput, Tensor>)new SequenceConvNet { Widths = [8, 12] }.Build(new SequenceShape(6), 3);
        network.eval();
        var values = randn(3, 9, 6);
        var together = network.call(new ModelInput([new InputTensor("x", values, tensor([9L, 5, 2]))]));
        for (var (row, length) = (0, 9); row < 3; row++)
        {
            length = row switch { 0 => 9, 1 => 5, _ => 2 };
            // rows of one length come without lengths
            Assert.True(network.call(values[TensorIndex.Slice(row, row + 1), TensorIndex.Slice(0, length)]).allclose(together[TensorIndex.Slice(row, row + 1)], 1e-5, 1e-6));
        }
    }

    [Fact]
    public void ABatchOfOneStep_CanBeTrainedOn()
    {
        using var scope = NewDisposeScope();
        using var network = (Module<ModelInput, Tensor>)new SequenceConvNet { Widths = [8, 12] }.Build(new SequenceShape(6), 3);
        network.train();
        Assert.True(network.call(randn(1, 1, 6)).isfinite().all().item<bool>());
    }

    [Fact]
    public void OtherShapes_SayWhatToWrite() =>
        Assert.Contains("new SequenceShape(width)", Assert.Throws<ArgumentException>(() => new SequenceConvNet().Build(new VectorShape(8), 2)).Message);
}
