using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>Mirrors left and right: torchvision's <c>RandomHorizontalFlip</c>.</summary>
/// <param name="Probability">How likely an example is mirrored. In [0, 1]; the default is 0.5.</param>
[ConfigName("random-horizontal-flip")]
public sealed record RandomHorizontalFlip([property: Range(0.0, 1.0)] double Probability = 0.5) : Augmentation
{
    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var flipped = random.Chosen(Probability, count);
        return flipped.Count == 0 ? null : new PlacementChange(FlipPlacement.Of(flipped, count, shape, horizontal: true));
    }
}

/// <summary>Mirrors top and bottom: torchvision's <c>RandomVerticalFlip</c>.</summary>
/// <param name="Probability">How likely an example is mirrored. In [0, 1]; the default is 0.5.</param>
[ConfigName("random-vertical-flip")]
public sealed record RandomVerticalFlip([property: Range(0.0, 1.0)] double Probability = 0.5) : Augmentation
{
    internal override BatchChange? Draw(SeededRandom random, int count, ImageShape shape)
    {
        var flipped = random.Chosen(Probability, count);
        return flipped.Count == 0 ? null : new PlacementChange(FlipPlacement.Of(flipped, count, shape, horizontal: false));
    }
}

/// <summary>Where the pixels of mirrored examples come from.</summary>
internal static class FlipPlacement
{
    public static Placement Of(IReadOnlyList<int> flipped, int count, ImageShape shape, bool horizontal)
    {
        var isFlipped = new bool[count];
        foreach (var row in flipped)
            isFlipped[row] = true;
        return Placement.Of(count, shape.Height, shape.Width,
            (n, i) => !horizontal && isFlipped[n] ? shape.Height - 1 - i : i,
            (n, j) => horizontal && isFlipped[n] ? shape.Width - 1 - j : j);
    }
}
