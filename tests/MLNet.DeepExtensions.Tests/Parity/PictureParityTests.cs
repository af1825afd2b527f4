using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>
/// torchvision 0.14's numbers (pictures.json: little-endian float32 in base64) for the picture x[c, i, j] = 0.5 + 0.5 sin(0.31 i + 0.17 j + 1.3 c), 3 × 24 × 20.
/// The picture is the second of a batch whose others are changed differently: what one example gets, no other may.
/// </summary>
[Collection(nameof(Alone))]
public sealed class PictureParityTests
{
    private const int Height = 24, Width = 20;

    private static readonly JsonElement numbers = Load();

    [Fact]
    public void Crop_IsTorchvisions() =>
        Check("crop_top3_left2_16x12", x => new RandomCrop(16, 12).Cut([0, 3, 8], [0, 2, 8], Shape).Apply(x));

    [Theory]
    [InlineData("pad_4_zero", PicturePadding.Constant)]
    [InlineData("pad_4_reflect", PicturePadding.Reflect)]
    public void Padding_IsTorchvisions(string name, PicturePadding mode) =>
        Check(name, x => new RandomCrop(Height + 8, Width + 8) { Padding = 4, PaddingMode = mode }.Cut([0, 0, 0], [0, 0, 0], Shape).Apply(x));

    [Theory]
    [InlineData("horizontal_flip", true)]
    [InlineData("vertical_flip", false)]
    public void Flip_IsTorchvisions(string name, bool horizontal) => Check(name, x => FlipPlacement.Of([1], 3, Shape, horizontal).Apply(x));

    [Theory]
    [InlineData("resize_12x10_bilinear", 12, 10, false)]
    [InlineData("resize_12x10_bilinear_antialias", 12, 10, true)]
    [InlineData("resize_36x30_bilinear", 36, 30, true)]
    public void Resize_IsTorchvisions_ForAllAtOnceAndForBoxesOfTheirOwn(string name, int height, int width, bool antialias)
    {
        Check(name, x => PictureResizing.Resize(x, height, width, antialias));
        Check(name, x => PictureResizing.ResizedCrop(x, [new(2, 3, 4, 5), new(0, 0, Height, Width), new(1, 0, 20, 20)], height, width, antialias));
    }

    [Fact]
    public void ResizedCrop_IsTorchvisions() =>
        Check("resized_crop_2_3_15_14_to_20x20", x => PictureResizing.ResizedCrop(x, [new(0, 0, 24, 20), new(2, 3, 15, 14), new(5, 6, 7, 8)], 20, 20));

    [Theory]
    [InlineData("rotate_15_nearest", 15, false, 0)]
    [InlineData("rotate_15_bilinear", 15, true, 0)]
    [InlineData("rotate_minus40_bilinear_fill_half", -40, true, 0.5)]
    public void Rotation_IsTorchvisions(string name, double angle, bool bilinear, double fill) =>
        Check(name, x => PictureGeometry.Warp(x, [PictureGeometry.Rotation(77), PictureGeometry.Rotation(angle), AffineMap.Identity], bilinear, fill), 1e-5);

    [Fact]
    public void Affine_IsTorchvisions() => Check("affine_10deg_t3_minus2_s1_2_shear5_bilinear", x =>
        PictureGeometry.Warp(x, [AffineMap.Identity, PictureGeometry.Affine(10, 3, -2, 1.2, 5, 0), PictureGeometry.Rotation(5)], bilinear: true), 1e-5);

    [Fact]
    public void Perspective_IsTorchvisions()
    {
        (double, double)[] corners = [(0, 0), (19, 0), (19, 23), (0, 23)];
        var map = PictureGeometry.PerspectiveBetween(corners, [(2, 1), (18, 3), (17, 22), (1, 20)]);
        var unchanged = PictureGeometry.PerspectiveBetween(corners, corners);
        // torchvision solves for the map in float32
        Check("perspective_bilinear", x => PictureGeometry.Perspective(x, [unchanged, map, unchanged], bilinear: true), 1e-4);
    }

    [Fact]
    public void Brightness_IsTorchvisions() => Check("brightness_1_3", x => PictureColours.Brightness(x, Factors(0, 1.3, 2)));

    [Fact]
    public void Contrast_IsTorchvisions() => Check("contrast_0_6", x => PictureColours.Contrast(x, Factors(0, 0.6, 2)));

    [Fact]
    public void Saturation_IsTorchvisions() => Check("saturation_1_7", x => PictureColours.Saturation(x, Factors(0, 1.7, 1)));

    [Fact]
    public void Hue_IsTorchvisions() => Check("hue_0_1", x => PictureColours.Hue(x, Factors(-0.3, 0.1, 0)), 2e-6);

    [Fact]
    public void Greyscale_IsTorchvisions() => Check("grayscale_3", x => PictureRows.Some(x, [1], PictureColours.Greyscale));

    [Fact]
    public void GaussianBlur_IsTorchvisions() => Check("gaussian_blur_5_sigma1", x => PictureFilters.GaussianBlur(x, 5, 5, [0.1, 1, 2]));

    [Fact]
    public void Erasing_IsTorchvisions() => Check("erase_4_5_6x7_zero", x => PictureBoxes.Paint(x, [default, new(4, 5, 6, 7), new(0, 0, 24, 20)], 0));

    [Fact]
    public void Normalisation_IsTorchvisions() =>
        Check("normalize_imagenet", x => new InputStage { Mean = [0.485f, 0.456f, 0.406f], Std = [0.229f, 0.224f, 0.225f] }.Apply(x.flatten(1), Shape), 1e-6);

    [Fact]
    public void AutoContrast_IsTorchvisions() => Check("autocontrast", PictureTones.AutoContrast);

    [Fact]
    public void Equalize_IsTorchvisions() => Check("equalize_uint8", x => PictureTones.Equalize(x) * 255, 1e-4);

    [Fact]
    public void Posterize_IsTorchvisions() => Check("posterize_3_uint8", x => PictureTones.Posterize(x, [8, 3, 1]) * 255, 1e-4);

    [Fact]
    public void Solarize_IsTorchvisions() => Check("solarize_half", x => PictureTones.Solarize(x, Factors(0, 0.5, 1)));

    [Fact]
    public void Sharpness_IsTorchvisions() => Check("sharpness_2", x => PictureFilters.Sharpness(x, Factors(0, 2, 1)));

    [Fact]
    public void Invert_IsTorchvisions() => Check("invert", PictureTones.Invert);

    [Fact]
    public void EveryReference_IsCompared() =>
        Assert.Equal(numbers.EnumerateObject().Select(entry => entry.Name).Order(), compared.Append("resize_12x10_nearest").Order());    // nothing of ours resizes to the nearest

    private static readonly string[] compared =
    [
        "crop_top3_left2_16x12", "pad_4_zero", "pad_4_reflect", "horizontal_flip", "vertical_flip", "resize_12x10_bilinear", "resize_12x10_bilinear_antialias", "resize_36x30_bilinear",
        "resized_crop_2_3_15_14_to_20x20", "rotate_15_nearest", "rotate_15_bilinear", "rotate_minus40_bilinear_fill_half", "affine_10deg_t3_minus2_s1_2_shear5_bilinear",
        "perspective_bilinear", "brightness_1_3", "contrast_0_6", "saturation_1_7", "hue_0_1", "grayscale_3", "gaussian_blur_5_sigma1", "erase_4_5_6x7_zero", "normalize_imagenet",
        "autocontrast", "equalize_uint8", "posterize_3_uint8", "solarize_half", "sharpness_2", "invert",
    ];

    private static ImageShape Shape => new(Height, Width, 3);

    private static Tensor Factors(params double[] values) => PictureRows.PerExample(values, CPU);

    // 1e-6: sin itself differs in the last bit from one machine to the next; places that a grid computes in float32 cost more
    private static void Check(string name, Func<Tensor, Tensor> change, double tolerance = 1e-6)
    {
        using var scope = NewDisposeScope();
        var (i, j, c) = (arange(Height, ScalarType.Float32).reshape(1, Height, 1), arange(Width, ScalarType.Float32).reshape(1, 1, Width), arange(3, ScalarType.Float32).reshape(3, 1, 1));
        var picture = 0.5 + 0.5 * sin(0.31 * i + 0.17 * j + 1.3 * c);
        var batch = stack([1 - picture, picture, zeros_like(picture)]);
        var untouched = batch.clone();
        var changed = change(batch);
        Assert.Equal(untouched, batch);
        var reference = numbers.GetProperty(name);
        Assert.Equal(reference.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), changed.shape.Skip(1));
        var expected = MemoryMarshal.Cast<byte, float>(reference.GetProperty("values").GetBytesFromBase64()).ToArray();
        var actual = changed[1].contiguous().data<float>().ToArray();
        for (var k = 0; k < expected.Length; k++)
            Assert.True(Math.Abs(expected[k] - actual[k]) <= tolerance, $"value {k}: {actual[k]} instead of {expected[k]}");
    }

    private static JsonElement Load()
    {
        using var stream = typeof(PictureParityTests).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.pictures.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }
}
