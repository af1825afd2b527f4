using System.Text.Json;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Networks with their published weights give the numbers that PyTorch gave.</summary>
public sealed class PublishedWeightsTests
{
    private static readonly InputStage imageNet = new() { Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] };

    [Theory]
    [InlineData("resnet20-cifar10.safetensors")]
    [InlineData("resnet20-cifar10.state_dict.pth")]
    [InlineData("resnet20-12fca82f.th")]
    public void ResNet20_OfCifar10_GivesItsLogits(string name)
    {
        var folder = SharedData.Find("data/pretrained/resnet20-cifar10");
        var pictures = SharedData.Find("data/cifar10-sample");
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var module = new CifarResNet().Build(new ImageShape(32, 32, 3), 10);
        var report = new PretrainedWeights(Path.Combine(folder, name)) { Strict = !name.EndsWith(".th") }.LoadInto(module, "linear");
        Assert.Equal(97, report.Loaded.Count);
        module.eval();
        var examples = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json"))).RootElement.GetProperty("logits");
        Assert.NotEqual(0, examples.GetArrayLength());
        foreach (var example in examples.EnumerateArray())
        {
            var logits = Run(module, Path.Combine(pictures, example.GetProperty("image").GetString()!), 32);
            // decoders differ by a brightness step here and there
            Assert.All(example.GetProperty("logits").EnumerateArray().Zip(logits), pair => Assert.Equal(pair.First.GetSingle(), pair.Second, 0.35f));
        }
    }

    [Fact]
    public void SqueezeNet_OfImageNet_GivesItsClassesAndNearlyItsLogits()
    {
        var folder = SharedData.Find("data/pretrained/squeezenet1_1-imagenet");
        var pictures = SharedData.Find("data/cats-vs-dogs");
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var module = new SqueezeNet().Build(new ImageShape(227, 227, 3), 1000);
        Assert.True(new PretrainedWeights(Path.Combine(folder, "squeezenet1_1-imagenet.safetensors")) { Strict = true }.LoadInto(module).IsComplete);
        module.eval();
        var examples = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json"))).RootElement.GetProperty("examples");
        Assert.NotEqual(0, examples.GetArrayLength());
        foreach (var example in examples.EnumerateArray())
        {
            var logits = Run(module, Path.Combine(pictures, example.GetProperty("image").GetString()!), 227);
            // Pillow rounds to whole brightness steps between the two directions of resizing
            Assert.Equal(example.GetProperty("logit").GetDouble(), logits[example.GetProperty("top1").GetInt32()], 0.3);
            Assert.Equal(example.GetProperty("logit").GetDouble(), logits.Max(), 0.3);
            Assert.All(example.GetProperty("first5_logits").EnumerateArray().Zip(logits), pair => Assert.Equal(pair.First.GetDouble(), pair.Second, 0.3));
        }
    }

    [Fact]
    public void OtherClassCount_KeepsTheNewHeadAndSaysSo()
    {
        var path = SharedData.Find("data/pretrained/squeezenet1_1-imagenet/squeezenet1_1-imagenet.safetensors");
        using var scope = NewDisposeScope();
        using var module = new SqueezeNet().Build(new ImageShape(64, 64, 3), 2);
        var before = module.state_dict()["classifier.1.weight"].clone();
        var report = new PretrainedWeights(path).LoadInto(module, "classifier.1");
        Assert.Equal(["classifier.1.bias: 1,000 outputs in the file, 2 here", "classifier.1.weight: 1,000 outputs in the file, 2 here"], report.ReplacedHead.Order(StringComparer.Ordinal));
        Assert.Equal(50, report.Loaded.Count);
        Assert.Contains("The head is new", report.ToString());
        Assert.True(before.equal(module.state_dict()["classifier.1.weight"]).all().ToBoolean());
        Assert.Contains("as Strict asks", Assert.Throws<InvalidModelFileException>(() => new PretrainedWeights(path) { Strict = true }.LoadInto(module)).Message);
    }

    [Fact]
    public void OtherNetwork_SaysWhatItHasAndWhatItLacks()
    {
        var path = SharedData.Find("data/pretrained/squeezenet1_1-imagenet/squeezenet1_1-imagenet.safetensors");
        using var module = new LeNet5().Build(new ImageShape(28, 28), 10);
        var error = Assert.Throws<InvalidModelFileException>(() => new PretrainedWeights(path).LoadInto(module));
        Assert.Contains("None of the weights fits the network.", error.Message);
        Assert.Contains("Missing in the file: conv1.weight", error.Message);
        Assert.Contains("and 44 more", error.Message);
    }

    private static float[] Run(nn.Module<Tensor, Tensor> module, string path, int side)
    {
        using var scope = NewDisposeScope();
        using var image = new ImageDecoder(new ImageReading()).ReadFile(path);
        var planes = new byte[3 * image.Height * image.Width];
        ImagePlanes.Split(ImageDoors.PixelsOf(image), image.PixelFormat == MLPixelFormat.Bgra32, planes);
        var pixels = tensor(planes).reshape(1, 3, image.Height, image.Width).to(ScalarType.Float32);
        if (image.Height != side || image.Width != side)
            pixels = nn.functional.interpolate(pixels, [side, side], mode: InterpolationMode.Bilinear, align_corners: false);
        return module.call(imageNet.Apply(pixels.reshape(1, -1) / 255, new ImageShape(side, side, 3))).data<float>().ToArray();
    }
}
