using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Takes the colour away, and keeps three channels: torchvision's <c>RandomGrayscale</c>.</summary>
/// <param name="Probability">How likely an example loses its colour. In [0, 1]; the default is 0.1.</param>
[ConfigName("random-grayscale")]
public sealed record RandomGrayscale([property: Range(0.0, 1.0)] double Probability = 0.1) : Augmentation
{
    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var chosen = random.Chosen(Probability, count);
        return chosen.Count == 0 || shape.Channels != 3 ? null : new PictureChange(pictures => PictureRows.Some(pictures, chosen, PictureColours.Greyscale));
    }
}
