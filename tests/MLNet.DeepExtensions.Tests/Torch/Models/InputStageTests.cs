using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class InputStageTests
{
    private static readonly ImageShape picture = new(2, 2, 3);

    [Fact]
    public void Bytes_BecomeTheirValueOver255_ToTheLastBit()
    {
        using var scope = NewDisposeScope();
        var bytes = arange(256, dtype: ScalarType.Byte).reshape(1, 256);
        var numbers = new InputStage().Apply(bytes, new VectorShape(256));
        Assert.Equal(ScalarType.Float32, numbers.dtype);
        Assert.Equal(Enumerable.Range(0, 256).Select(value => value / 255f), numbers.data<float>().ToArray());
    }

    [Fact]
    public void Numbers_StayAsTheyAre()
    {
        using var scope = NewDisposeScope();
        var rows = tensor(new float[,] { { -3, 0, 400 } });
        Assert.Same(rows, new InputStage().Apply(rows, new VectorShape(3)));
    }

    [Fact]
    public void FlatRows_GetTheShape()
    {
        using var scope = NewDisposeScope();
        var shaped = new InputStage().Apply(arange(24, dtype: ScalarType.Float32).reshape(2, 12), picture);
        Assert.Equal([2, 3, 2, 2], shaped.shape);
        Assert.Equal(12 + 4 + 2, shaped[1, 1, 1, 0].ToDouble());
    }

    [Fact]
    public void MeanAndStd_NormaliseEachChannel()
    {
        using var scope = NewDisposeScope();
        var rows = arange(12, dtype: ScalarType.Byte).reshape(1, 12);
        float[] mean = [0.5f, 0.25f, 0], std = [0.5f, 2, 1];
        var values = new InputStage { Mean = mean, Std = std }.Apply(rows, picture).data<float>().ToArray();
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (i / 255f - mean[i / 4]) / std[i / 4]), values);
    }

    [Fact]
    public void OneMean_CountsForAllChannels()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1f, 2], new InputStage { Mean = [1], Std = [2] }.Apply(tensor(new float[,] { { 3, 5 } }), new VectorShape(2)).data<float>().ToArray());
    }

    [Fact]
    public void MeansThatAreNeitherOneNorOnePerChannel_AreRefused()
    {
        using var scope = NewDisposeScope();
        var message = Assert.Throws<ArgumentException>(() => new InputStage { Mean = [1, 2] }.Apply(rand(1, 12), picture)).Message;
        Assert.Contains("Mean has 2 numbers", message);
        Assert.Contains("3 channels", message);
    }

    [Theory]
    [InlineData("{\"std\":[1,0]}", "Std must hold finite numbers above 0")]
    [InlineData("{\"std\":[]}", "Std must hold")]
    [InlineData("{\"mean\":[\"NaN\"]}", "Mean must hold finite numbers")]
    public void SavedNumbersThatWouldSpoilEveryScore_AreRefused(string json, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidModelFileException>(() => ConfigJson.Read<InputStage>(System.Text.Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void Json_GivesTheSameStageBack()
    {
        foreach (var stage in new[] { new InputStage(), new InputStage { Mean = [0.1f, 0.2f], Std = [1, 2] } })
            Assert.Equal(stage, ConfigJson.Read<InputStage>(ConfigJson.Write(stage)));
        Assert.NotEqual(new InputStage(), new InputStage { Mean = [0.1f] });
    }
}
