using System.Text.Json;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Networks with their published weights give the numbers that PyTorch gave.</summary>
public sealed class PublishedWeightsTests
{
    private static readonly InputStage imageNet = new() { Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] };

    [Fact]
    public void ResNet20_OfCifar10_GivesItsLogits()
    {
        var folder = SharedData.Find("data/pretrained/resnet20-cifar10");
        var pictures = SharedData.Find("data/cifar10-sample");
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var file = File.OpenRead(Path.Combine(folder, "resnet20-cifar10.safetensors"));
        using var module = ModuleWeights.Read(file, file.Length, device => new CifarResNet().Build(new ImageShape(32, 32, 3), 10, device), CPU);
        module.eval();
        var examples = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json"))).RootElement.GetProperty("logits");
        Assert.NotEqual(0, examples.GetArrayLength());
        foreach (var example in examples.EnumerateArray())
        {
            var logits = module.call(imageNet.Apply(Pixels(Path.Combine(pictures, example.GetProperty("image").GetString()!), 32), new ImageShape(32, 32, 3))).data<float>().ToArray();
            // decoders differ by a brightness step here and there
            Assert.All(example.GetProperty("logits").EnumerateArray().Zip(logits), pair => Assert.Equal(pair.First.GetSingle(), pair.Second, 0.35f));
        }
    }

    private static Tensor Pixels(string path, int side)
    {
        using var image = new ImageDecoder(new ImageReading()).ReadFile(path);
        var planes = new byte[3 * side * side];
        ImagePlanes.Split(ImageDoors.PixelsOf(image), image.PixelFormat == MLPixelFormat.Bgra32, planes);
        return tensor(planes).reshape(1, planes.Length);
    }
}
