using System.IO.Compression;
using System.Text.Json;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>Names, shapes and counts of torchvision 0.14's networks for 1,000 classes (torchvision.json.gz). Nothing is computed: the networks lie on the meta device.</summary>
public sealed class TorchvisionTests
{
    private static readonly JsonElement networks = Load();

    public static TheoryData<string, ModelConfig> Networks => new()
    {
        { "resnet18", new ResNet() }, { "resnet34", new ResNet { Depth = 34 } }, { "resnet50", new ResNet { Depth = 50 } },
        { "resnet101", new ResNet { Depth = 101 } }, { "resnet152", new ResNet { Depth = 152 } },
        { "vgg11", new Vgg { Depth = 11, BatchNorm = false } }, { "vgg13", new Vgg { Depth = 13, BatchNorm = false } },
        { "vgg16", new Vgg { Depth = 16, BatchNorm = false } }, { "vgg19", new Vgg { Depth = 19, BatchNorm = false } },
        { "vgg11_bn", new Vgg { Depth = 11 } }, { "vgg13_bn", new Vgg { Depth = 13 } }, { "vgg16_bn", new Vgg() }, { "vgg19_bn", new Vgg { Depth = 19 } },
        { "squeezenet1_1", new SqueezeNet() }, { "mobilenet_v2", new MobileNetV2() }, { "efficientnet_b0", new EfficientNet() }, { "vit_b_16", new VisionTransformer() },
    };

    [Theory, MemberData(nameof(Networks))]
    public void NamesShapesAndCount_AreTorchvisions(string name, ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var module = config.Build(new ImageShape(224, 224, 3), 1000, META);
        var expected = networks.GetProperty(name);
        Assert.Equal(expected.GetProperty("parameters").GetInt64(), module.named_parameters().Sum(parameter => parameter.parameter.numel()));
        Assert.Equal(expected.GetProperty("state_dict").EnumerateArray().Select(entry => entry.GetString()).Order(StringComparer.Ordinal),
            module.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Networks))]
    public void HeadPrefix_NamesTheLayerWhoseSizeIsTheClassCount(string name, ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var module = config.Build(new ImageShape(224, 224, 3), 7, META);
        Assert.NotEmpty(name);
        Assert.Equal(module.named_parameters().Where(parameter => parameter.parameter.shape[0] == 7).Select(parameter => parameter.name),
            module.named_parameters().Where(parameter => parameter.name.StartsWith(config.HeadPrefix + ".")).Select(parameter => parameter.name));
        Assert.True(config.FeatureMap is null || module.named_modules().Any(part => part.name == config.FeatureMap));
    }

    private static JsonElement Load()
    {
        using var stream = typeof(TorchvisionTests).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.torchvision.json.gz")!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonDocument.Parse(unpacked).RootElement;
    }
}
