using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models.Vision;

[Collection(nameof(Alone))]
public sealed class InputSizeTests
{
    [Theory]
    [InlineData(224, 224, 300, 400, 256, 341)]      // torchvision: Resize(256), CenterCrop(224)
    [InlineData(224, 224, 400, 300, 341, 256)]
    [InlineData(28, 28, 32, 32, 32, 32)]
    [InlineData(20, 30, 40, 40, 34, 34)]
    public void TwinOfARandomResizedCrop_ResizesTheShorterSide_AndKeepsTheMiddle(int height, int width, int pictureHeight, int pictureWidth, int resizedHeight, int resizedWidth)
    {
        var stage = new RandomResizedCrop(height, width).Twin(new InputStage(), new ImageShape(pictureHeight, pictureWidth, 3));
        Assert.Equal((new PictureSize(resizedHeight, resizedWidth), new PictureSize(height, width)), (stage.Resize, stage.CentreCrop));
    }

    [Fact]
    public void CropOfTheSameSize_ChangesNothingInScoring() =>
        Assert.Equal(new InputStage(), new RandomCrop(32) { Padding = 4 }.Twin(new InputStage(), new ImageShape(32, 32, 3)));

    [Theory]
    [InlineData(4, 4, 1, 1)]
    [InlineData(3, 3, 2, 2)]        // 1.5 to the even number, as torchvision's round
    [InlineData(5, 1, 0, 2)]
    public void CentreCrop_CutsWhereTorchvisionDoes(int height, int width, int top, int left)
    {
        using var scope = NewDisposeScope();
        var pictures = arange(36, dtype: ScalarType.Float32).reshape(1, 1, 6, 6);
        var cut = PictureResizing.CentreCrop(pictures, height, width);
        Assert.Equal([1, 1, height, width], cut.shape);
        Assert.Equal(top * 6 + left, cut[0, 0, 0, 0].ToDouble());
    }

    [Fact]
    public void CentreCropOfASmallerPicture_HasABlackBorder()
    {
        using var scope = NewDisposeScope();
        var framed = PictureResizing.CentreCrop(ones(1, 1, 2, 2), 5, 4);
        Assert.Equal([0f, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], framed.contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Json_GivesTheSameSizesBack()
    {
        var stage = new InputStage { Resize = new PictureSize(8, 9), CentreCrop = new PictureSize(6, 7), Mean = [0.5f] };
        Assert.Equal(stage, ConfigJson.Read<InputStage>(ConfigJson.Write(stage)));
        Assert.NotEqual(stage, stage with { Resize = null });
    }

    [Fact]
    public void SizesForAVector_AreRefused() =>
        Assert.Contains("an example is [8]", Assert.Throws<ArgumentException>(() => new InputStage { CentreCrop = new PictureSize(2, 2) }.OutputShape(new VectorShape(8))).Message);
}
