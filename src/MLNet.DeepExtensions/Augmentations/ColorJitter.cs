using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Changes brightness, contrast, saturation and hue, in random order: torchvision's <c>ColorJitter</c>. Each example has its own factors; the order is drawn
/// for each batch. A factor of 0.4 means: from 0.6 to 1.4 times as much.
/// </summary>
/// <param name="Brightness">How much the brightness changes at most. At least 0; the default is 0.</param>
/// <param name="Contrast">How much the contrast changes at most. At least 0; the default is 0.</param>
/// <param name="Saturation">How much the saturation changes at most. At least 0; the default is 0. Grey pictures have none.</param>
/// <param name="Hue">How far the colour circle turns at most to either side, as a share of it. In [0, 0.5]; the default is 0. Grey pictures have none.</param>
[ConfigName("color-jitter")]
public sealed record ColorJitter(
    [property: Range(0.0, 100.0)] double Brightness = 0,
    [property: Range(0.0, 100.0)] double Contrast = 0,
    [property: Range(0.0, 100.0)] double Saturation = 0,
    [property: Range(0.0, 0.5)] double Hue = 0) : Augmentation
{
    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        List<(Func<Tensor, Tensor, Tensor> Change, double[] Factors)> changes = [];
        Add(PictureColours.Brightness, Brightness);
        Add(PictureColours.Contrast, Contrast);
        if (shape.Channels == 3)
        {
            Add(PictureColours.Saturation, Saturation);
            if (Hue > 0)
                changes.Add((PictureColours.Hue, random.Each(count, new Interval(-Hue, Hue).Draw)));
        }
        var order = random.Permutation(changes.Count);
        return changes.Count == 0 ? null : new PictureChange(pictures =>
        {
            foreach (var next in order)
                pictures = changes[next].Change(pictures, PictureRows.PerExample(changes[next].Factors, pictures.device));
            return pictures;
        });

        void Add(Func<Tensor, Tensor, Tensor> change, double most)
        {
            if (most > 0)
                changes.Add((change, random.Each(count, new Interval(Math.Max(0, 1 - most), 1 + most).Draw)));
        }
    }
}
