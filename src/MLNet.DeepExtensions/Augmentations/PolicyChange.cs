using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>The fourteen changes that RandAugment and TrivialAugment choose from, in torchvision's order and words.</summary>
internal enum PolicyOperation
{
    Identity, ShearX, ShearY, TranslateX, TranslateY, Rotate, Brightness, Color, Contrast, Sharpness, Posterize, Solarize, AutoContrast, Equalize,
}

/// <summary>A change for each example, with its magnitude: torchvision's <c>_apply_op</c>, but all examples of a kind at once.</summary>
internal sealed class PolicyChange(PolicyOperation[] operations, double[] magnitudes, bool bilinear, double fill) : BatchChange
{
    public static int Operations => Enum.GetValues<PolicyOperation>().Length;

    /// <summary>Whether a magnitude may as well be negative.</summary>
    public static bool IsSigned(PolicyOperation operation) => operation is >= PolicyOperation.ShearX and <= PolicyOperation.Sharpness;

    public override Batch Apply(Batch batch, int classes) => batch with { Input = Apply(batch.Input.Values) };

    public Tensor Apply(Tensor pictures)
    {
        // whatever moves pixels is one affine map: these go together
        var kinds = Enumerable.Range(0, operations.Length).Where(n => operations[n] != PolicyOperation.Identity)
            .GroupBy(n => IsAffine(operations[n]) ? PolicyOperation.Rotate : operations[n]).OrderBy(kind => kind.Key).ToList();
        if (kinds.Count == 0)
            return pictures;
        using var scope = NewDisposeScope();
        var changed = pictures.clone();
        foreach (var kind in kinds)
        {
            int[] rows = [.. kind];
            var index = tensor(Array.ConvertAll(rows, row => (long)row), device: pictures.device);
            changed.index_copy_(0, index, Change(kind.Key, pictures.index_select(0, index), rows));
        }
        return changed.MoveToOuterDisposeScope();
    }

    private static bool IsAffine(PolicyOperation operation) => operation is >= PolicyOperation.ShearX and <= PolicyOperation.Rotate;

    private Tensor Change(PolicyOperation kind, Tensor some, int[] rows)
    {
        double[] magnitude = [.. rows.Select(row => magnitudes[row])];
        return kind switch
        {
            PolicyOperation.Rotate => PictureGeometry.Warp(some, [.. rows.Select(row => MapOf(operations[row], magnitudes[row], some.shape[2], some.shape[3]))], bilinear, fill),
            PolicyOperation.Brightness => PictureColours.Brightness(some, Factor()),
            PolicyOperation.Color => PictureColours.Saturation(some, Factor()),
            PolicyOperation.Contrast => PictureColours.Contrast(some, Factor()),
            PolicyOperation.Sharpness => PictureFilters.Sharpness(some, Factor()),
            PolicyOperation.Posterize => PictureTones.Posterize(some, magnitude),
            PolicyOperation.Solarize => PictureTones.Solarize(some, PictureRows.PerExample(magnitude, some.device)),
            PolicyOperation.AutoContrast => PictureTones.AutoContrast(some),
            _ => PictureTones.Equalize(some),
        };

        Tensor Factor() => PictureRows.PerExample(Array.ConvertAll(magnitude, value => 1 + value), some.device);
    }

    // a shear's magnitude is the tangent of its angle, about the upper left corner
    private static AffineMap MapOf(PolicyOperation operation, double magnitude, long height, long width) => operation switch
    {
        PolicyOperation.ShearX => PictureGeometry.Affine(0, 0, 0, 1, double.RadiansToDegrees(Math.Atan(magnitude)), 0, -width * 0.5, -height * 0.5),
        PolicyOperation.ShearY => PictureGeometry.Affine(0, 0, 0, 1, 0, double.RadiansToDegrees(Math.Atan(magnitude)), -width * 0.5, -height * 0.5),
        PolicyOperation.TranslateX => PictureGeometry.Affine(0, (int)magnitude, 0, 1, 0, 0),
        PolicyOperation.TranslateY => PictureGeometry.Affine(0, 0, (int)magnitude, 1, 0, 0),
        _ => PictureGeometry.Rotation(magnitude),
    };
}
