using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Shows where in a picture a convolutional network found its answer (Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks"): the last feature maps,
/// each weighted by how much the class's output grows with it. The network is only read; others may score with it meanwhile.
/// </summary>
public sealed class GradCam
{
    private readonly DeepModel model;
    private readonly ImageShape shape;
    private readonly ImageDecoder decoder;

    /// <summary>Prepares explanations.</summary>
    /// <param name="transformer">The trained network; it must take pictures.</param>
    /// <exception cref="ArgumentException">It takes vectors, or is not made of layers one behind the other.</exception>
    public GradCam(DeepTransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        model = transformer.Model;
        shape = model.InputShape as ImageShape ?? throw new ArgumentException($"Grad-CAM explains pictures, but this network takes vectors {model.InputShape}.", nameof(transformer));
        decoder = new ImageDecoder(new ImageReading { Height = shape.Height, Width = shape.Width });
        if (model.Module is not Sequential)
            throw new ArgumentException($"Grad-CAM follows networks that are a Sequential of layers, but this one is a {model.Module.GetType().Name}. Build it as Sequential(…) with its blocks as layers.", nameof(transformer));
    }

    /// <summary>Explains a picture. One of another size is fitted as ReadImages does it: scaled, and cut evenly on both sides.</summary>
    /// <param name="picture">The picture; it stays the caller's.</param>
    /// <param name="classIndex">The class to look for, from 0, in the order of the scores; null for the one that the network finds.</param>
    /// <returns>The heat map; dispose it.</returns>
    public HeatMap Explain(MLImage picture, int? classIndex = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using var fitted = decoder.Fit(picture);
        return ExplainFitted(fitted, classIndex);
    }

    /// <summary>Explains a picture in a file, read as ReadImages does it: upright, scaled, and cut evenly on both sides.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classIndex">The class to look for, from 0, in the order of the scores; null for the one that the network finds.</param>
    /// <returns>The heat map; dispose it.</returns>
    /// <exception cref="InvalidImageException">The file is missing or holds no whole picture.</exception>
    public HeatMap Explain(string path, int? classIndex = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var fitted = decoder.ReadFile(path);
        return ExplainFitted(fitted, classIndex);
    }

    private HeatMap ExplainFitted(MLImage fitted, int? classIndex)
    {
        var planes = new byte[shape.Count];
        var blueFirst = fitted.PixelFormat == MLPixelFormat.Bgra32;
        if (shape.Channels == 1)
            ImagePlanes.Grey(ImageDoors.PixelsOf(fitted), blueFirst, planes);
        else
            ImagePlanes.Split(ImageDoors.PixelsOf(fitted), blueFirst, planes);
        return Explain(planes, classIndex);
    }

    /// <summary>Explains a picture as a column of bytes holds it.</summary>
    /// <param name="pixels">[channels, height, width] bytes.</param>
    /// <param name="classIndex">The class to look for, from 0; null for the one that the network finds.</param>
    /// <returns>The heat map; dispose it.</returns>
    /// <exception cref="ArgumentException">There are not as many bytes as the network's pictures have, or no such class.</exception>
    public HeatMap Explain(byte[] pixels, int? classIndex = null)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != shape.Count)
            throw new ArgumentException($"The network takes {shape}, {shape.Count:N0} bytes, but {pixels.Length:N0} came.", nameof(pixels));
        if (classIndex is { } asked && (asked < 0 || asked >= model.Saved.Task.OutputWidth))
            throw new ArgumentException($"The network has {model.Saved.Task.OutputWidth} classes, but class {asked} was asked for.", nameof(classIndex));
        model.Enter();
        try
        {
            using var scope = NewDisposeScope();
            var input = model.Input.Apply(tensor(pixels, device: model.Device).reshape(1, pixels.Length), shape);
            var (map, found, probability) = Look(input, classIndex);
            return new HeatMap(Place(map), pixels, shape, found, found < model.Labels.Count ? model.Labels[found] : null, probability);
        }
        finally
        {
            model.Leave();
        }
    }

    // [height, width] of the network's input, from 0 to 1
    private (Tensor Map, int Class, float Probability) Look(Tensor input, int? classIndex)
    {
        using var gradients = enable_grad();
        var layers = ((Sequential)model.Module).named_children().ToList();
        var last = LastMap(layers, input);
        var features = Run(layers[..(last + 1)], input).detach().requires_grad_();      // [1, channels, h, w]
        var output = Run(layers[(last + 1)..], features);                               // [1, classes]
        var wanted = classIndex ?? (int)output.argmax(1).ToInt64();
        var gradient = autograd.grad([output[0, wanted]], [features])[0];
        var map = (gradient.mean([2, 3], keepdim: true) * features).sum(1, keepdim: true).relu().detach();
        map = nn.functional.interpolate(map, [input.shape[2], input.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false)[0, 0];
        var highest = map.max().ToSingle();
        return (highest > 0 ? map / highest : map, wanted, output.softmax(1)[0, wanted].ToSingle());
    }

    // the layer that the config names, else the last one that gives maps of more than one point
    private int LastMap(List<(string Name, nn.Module Module)> layers, Tensor input)
    {
        if (model.Config.FeatureMap is { } name && layers.FindIndex(layer => layer.Name == name) is >= 0 and var named)
            return named;
        using var _ = no_grad();
        var (x, found) = (input, -1);
        for (var i = 0; i < layers.Count; i++)
        {
            x = Run(layers[i..(i + 1)], x);
            if (x.dim() == 4 && x.shape[2] * x.shape[3] > 1)
                found = i;
        }
        return found >= 0 ? found : throw new InvalidOperationException("Grad-CAM needs a layer that gives maps [N, channels, height, width] of more than one point; this network has none.");
    }

    private static Tensor Run(IEnumerable<(string Name, nn.Module Module)> layers, Tensor input) =>
        layers.Aggregate(input, (x, layer) => ((nn.Module<Tensor, Tensor>)layer.Module).call(x));

    // the network may have seen the middle of the picture only
    private float[,] Place(Tensor map)
    {
        if (model.Input.CentreCrop is { } crop)
        {
            var whole = model.Input.Resize ?? new PictureSize(shape.Height, shape.Width);
            var (top, left) = ((int)Math.Round((whole.Height - crop.Height) / 2.0), (int)Math.Round((whole.Width - crop.Width) / 2.0));
            map = nn.functional.pad(map, [left, whole.Width - crop.Width - left, top, whole.Height - crop.Height - top]);
        }
        if (map.shape[0] != shape.Height || map.shape[1] != shape.Width)
            map = nn.functional.interpolate(map.reshape(1, 1, map.shape[0], map.shape[1]), [shape.Height, shape.Width], mode: InterpolationMode.Bilinear, align_corners: false)[0, 0];
        var values = map.contiguous().cpu().data<float>().ToArray();
        var placed = new float[shape.Height, shape.Width];
        Buffer.BlockCopy(values, 0, placed, 0, values.Length * sizeof(float));
        return placed;
    }
}
