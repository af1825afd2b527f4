using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class ModelConfigTests
{
    [Fact]
    public void OneOffNetwork_CannotBeSaved_AndTheErrorSaysToDeclareARecord()
    {
        var model = ModelConfig.From((input, outputs) => Linear(input.Count, outputs));
        var message = Assert.Throws<InvalidOperationException>(() => ConfigJson.Write(model)).Message;
        Assert.Contains("made from a function cannot be saved", message);
        Assert.Contains("Declare a record that derives from ModelConfig", message);
        Assert.Contains("ModelConfig.Register<ThatRecord>(\"my-name\")", message);
    }

    [Fact]
    public void OwnConfig_NotRegistered_CannotBeSaved_AndTheErrorIsTheLineToWrite() =>
        Assert.Contains("ModelConfig.Register<Unknown>(\"my-name\")", Assert.Throws<InvalidOperationException>(() => ConfigJson.Write<ModelConfig>(new Unknown())).Message);

    [Fact]
    public void OneOffNetwork_ThatIsNull_SaysWhoGaveIt() =>
        Assert.Contains("gave null", Assert.Throws<ArgumentException>(() => ModelConfig.From((_, _) => null!).Build(new VectorShape(2), 2)).Message);

    [Fact]
    public void OneOffNetwork_GoesToTheDeviceItIsAskedFor()
    {
        using var module = ModelConfig.From((input, outputs) => Linear(input.Count, outputs)).Build(new VectorShape(2), 3, META);
        Assert.All(module.parameters(), parameter => Assert.True(parameter.is_meta));
    }

    [Fact]
    public void OwnConfig_IsItsOwnSmallestForm_UnlessItSaysOtherwise() => Assert.Equal((new Unknown(), new VectorShape(8), 3), new Unknown().Smallest());

    private sealed record Unknown : ModelConfig
    {
        public override Module<Tensor, Tensor> Build(InputShape input, int outputs, Device? device = null) => Linear(input.Count, outputs, device: device);
    }
}
