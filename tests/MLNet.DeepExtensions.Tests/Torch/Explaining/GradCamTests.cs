using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Pictures with a red or a blue spot somewhere: the colour is the class, the place is where the heat must lie.</summary>
public sealed class GradCamTests(GradCamTests.Trained trained) : IClassFixture<GradCamTests.Trained>
{
    private const int Side = 32, Spot = 8;

    private static readonly MLContext ml = new(seed: 1);
    private static readonly List<(Row Row, int Top, int Left)> pictures = [.. Enumerable.Range(0, 96).Select(Draw)];

    public sealed class Trained : IDisposable
    {
        public DeepTransformer Network { get; } = Fit(new ConvNet { Widths = [8, 16], Dropout = 0 }, epochs: 6);

        public void Dispose() => Network.Dispose();
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(3, Side, Side)]
        public byte[] Features { get; set; } = [];
    }

    [Fact]
    public void Heat_LiesWhereTheSpotIs()
    {
        var explainer = new GradCam(trained.Network);
        var hits = pictures.Take(20).Count(picture =>
        {
            using var heat = explainer.Explain(picture.Row.Features);
            Assert.Equal(picture.Row.Label, heat.Label);
            var (y, x) = Hottest(heat.Values);
            return y >= picture.Top - 4 && y < picture.Top + Spot + 4 && x >= picture.Left - 4 && x < picture.Left + Spot + 4;
        });
        Assert.InRange(hits, 18, 20);
    }

    [Fact]
    public void BehindAnAverage_IsTheWeightsOfTheClassTimesTheMaps()
    {
        // with an average and one linear layer behind the maps, Grad-CAM is CAM (Zhou et al. 2016): sum over k of w[class, k] map[k]
        using var transformer = Fit((input, classes) => nn.Sequential(
            ("convolution", nn.Conv2d(input.Dimensions[0], 4, 3, padding: 1)), ("relu", nn.ReLU()),
            ("pool", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten()), ("out", nn.Linear(4, classes))));
        var pixels = pictures[0].Row.Features;
        using var heat = new GradCam(transformer).Explain(pixels, classIndex: 1);

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var state = transformer.Model.Module.state_dict();
        var x = tensor(pixels).reshape(1, 3, Side, Side).to(ScalarType.Float32) / 255;
        var maps = nn.functional.conv2d(x, state["convolution.weight"], state["convolution.bias"], padding: [1, 1]).relu();
        var expected = (maps[0] * state["out.weight"][1].reshape(4, 1, 1)).sum([0]).relu();
        expected = expected.max().ToSingle() > 0 ? expected / expected.max() : expected;
        var values = expected.contiguous().data<float>().ToArray();
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(values[i], heat.Values[i / Side, i % Side], 1e-4f);
        Assert.Equal((1, "red"), (heat.ClassIndex, heat.Label));
    }

    [Fact]
    public void Probability_IsTheScore()
    {
        using var heat = new GradCam(trained.Network).Explain(pictures[3].Row.Features, classIndex: 0);
        var scores = trained.Network.Transform(ml.Data.LoadFromEnumerable([pictures[3].Row])).GetColumn<float[]>("Score").Single();
        Assert.Equal(scores[0], heat.Probability, 1e-5f);
    }

    [Fact]
    public void Overlay_HasThePicturesSize_AndIsYellowWhereItIsHot()
    {
        using var heat = new GradCam(trained.Network).Explain(pictures[0].Row.Features);
        Assert.Equal((Side, Side), (heat.Overlay.Height, heat.Overlay.Width));
        var (y, x) = Hottest(heat.Values);
        var pixel = SheetPicture.From(heat.Overlay).Pixels.Slice(3 * (y * Side + x), 3).ToArray();
        Assert.True(pixel[0] > 120 && pixel[1] > 100, string.Join(", ", pixel));
    }

    [Fact]
    public async Task ManyAtATime_GiveWhatOneGives()
    {
        var explainer = new GradCam(trained.Network);
        var alone = pictures.Take(8).Select(picture => Values(explainer, picture.Row)).ToList();
        var together = await Task.WhenAll(pictures.Take(8).Select(picture => Task.Run(() => Values(explainer, picture.Row))));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void PictureOfAnotherSize_IsFitted()
    {
        using var large = MLImage.CreateFromPixels(64, 48, MLPixelFormat.Rgba32, [.. Enumerable.Repeat(new byte[] { 255, 0, 0, 255 }, 64 * 48).SelectMany(pixel => pixel)]);
        using var heat = new GradCam(trained.Network).Explain(large);
        Assert.Equal((Side, Side), (heat.Overlay.Height, heat.Overlay.Width));
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.png");
        large.Save(path);
        using var ofFile = new GradCam(trained.Network).Explain(path);
        File.Delete(path);
        Assert.Equal(heat.Values.Cast<float>(), ofFile.Values.Cast<float>(), (a, b) => Math.Abs(a - b) <= 1e-3f);
        Assert.Throws<InvalidImageException>(() => new GradCam(trained.Network).Explain(path));
    }

    [Fact]
    public void Mistakes_SayWhatToDo()
    {
        var explainer = new GradCam(trained.Network);
        Assert.Contains("3,072 bytes, but 7 came", Assert.Throws<ArgumentException>(() => explainer.Explain(new byte[7])).Message);
        Assert.Contains("2 classes, but class 2", Assert.Throws<ArgumentException>(() => explainer.Explain(pictures[0].Row.Features, 2)).Message);
        using var flat = Fit(new Mlp(), epochs: 1);
        Assert.Contains("gives maps", Assert.Throws<InvalidOperationException>(() => new GradCam(flat).Explain(pictures[0].Row.Features)).Message);
    }

    private static float[] Values(GradCam explainer, Row row)
    {
        using var heat = explainer.Explain(row.Features);
        return [.. heat.Values.Cast<float>()];
    }

    private static (int Y, int X) Hottest(float[,] values)
    {
        var flat = values.Cast<float>().ToList();
        var place = flat.IndexOf(flat.Max());
        return (place / Side, place % Side);
    }

    private static DeepTransformer Fit(ModelConfig model, int epochs) => Fit(ml.MulticlassClassification.Trainers.Deep(model, Options with { Epochs = epochs }));

    private static DeepTransformer Fit(Func<InputShape, int, nn.Module<Tensor, Tensor>> build) => Fit(ml.MulticlassClassification.Trainers.Deep(build, Options with { Epochs = 1 }));

    private static DeepTrainerOptions Options => new() { BatchSize = 16, Optimizer = new AdamW { LearningRate = 5e-3 } };

    private static DeepTransformer Fit(IEstimator<DeepTransformer> trainer)
    {
        var data = ml.Data.LoadFromEnumerable(pictures.Select(picture => picture.Row).ToList());
        return trainer.Fit(ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data));
    }

    private static (Row Row, int Top, int Left) Draw(int number)
    {
        var random = new Random(number);
        var (top, left, isRed) = (random.Next(Side - Spot), random.Next(Side - Spot), number % 2 == 0);
        var pixels = new byte[3 * Side * Side];
        random.NextBytes(pixels);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(pixels[i] / 8);
        for (var y = top; y < top + Spot; y++)
            pixels.AsSpan((isRed ? 0 : 2) * Side * Side + y * Side + left, Spot).Fill(230);
        return (new Row { Label = isRed ? "red" : "blue", Features = pixels }, top, left);
    }
}
