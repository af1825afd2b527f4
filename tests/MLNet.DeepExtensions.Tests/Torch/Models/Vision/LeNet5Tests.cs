using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Vision;

[Collection(nameof(Alone))]
public sealed class LeNet5Tests
{
    [Theory]
    [InlineData(28, 28, 1)]
    [InlineData(32, 32, 3)]
    [InlineData(12, 12, 1)]
    [InlineData(13, 40, 2)]
    public void AnySizeAndChannels_GiveOneOutputPerClass(int height, int width, int channels)
    {
        using var scope = NewDisposeScope();
        using var module = new LeNet5().Build(new ImageShape(height, width, channels), 7);
        Assert.Equal([2, 7], module.call(rand(2, channels, height, width)).shape);
    }

    [Fact]
    public void Vector_SaysHowItsValuesFormAPicture()
    {
        var message = Assert.Throws<ArgumentException>(() => new LeNet5().Build(new VectorShape(784), 10)).Message;
        Assert.Contains("an example is [784]", message);
        Assert.Contains("inputShape: new ImageShape(28, 28, 1)", message);
    }

    [Theory]
    [InlineData(11, 28)]
    [InlineData(28, 11)]
    public void PictureTooSmall_SaysWhatItTakesAndWhatToDo(int height, int width)
    {
        var message = Assert.Throws<ArgumentException>(() => new LeNet5().Build(new ImageShape(height, width, 3), 10)).Message;
        Assert.Contains("at least 12 × 12", message);
        Assert.Contains($"{height} × {width}", message);
        Assert.Contains("new ImageShape(28, 28, 3)", message);
    }
}
