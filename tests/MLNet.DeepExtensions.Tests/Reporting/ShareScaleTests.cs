using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

/// <summary>What the colour scale promises, measured in CIELAB (it is built in OKLab).</summary>
public class ShareScaleTests
{
    // G. M. Machado et al., "A physiologically-based model for simulation of color vision deficiency", 2009, severity 1; applied to linear light
    public static TheoryData<string, double[]> ColourVision => new()
    {
        { "normal", [1, 0, 0, 0, 1, 0, 0, 0, 1] },
        { "protanopia", [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998] },
        { "deuteranopia", [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881] },
        { "tritanopia", [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900] },
        { "grey print", [0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722] },
    };

    [Theory, MemberData(nameof(ColourVision))]
    public void Lightness_FallsEvenly_ForEveryKindOfColourVision(string kind, double[] matrix)
    {
        var lightness = Enumerable.Range(0, 17).Select(i => Lab(ShareScale.Colour(i / 16.0), matrix).L).ToArray();
        var steps = lightness.Zip(lightness.Skip(1), (a, b) => a - b).ToArray();
        // L* goes from 0 to 100; a difference of 2 is easily seen
        Assert.True(steps.Min() > 2.5, $"{kind}: {string.Join(" ", steps.Select(step => step.ToString("0.0")))}");
        Assert.True(steps.Max() / steps.Min() < 2, $"{kind}: {string.Join(" ", steps.Select(step => step.ToString("0.0")))}");
    }

    [Fact]
    public void NoShare_IsNearWhite_AndAll_IsDark()
    {
        Assert.True(Lab(ShareScale.Colour(0), [1, 0, 0, 0, 1, 0, 0, 0, 1]).L > 97);
        Assert.True(Lab(ShareScale.Colour(1), [1, 0, 0, 0, 1, 0, 0, 0, 1]).L < 20);
    }

    [Fact]
    public void Text_IsLegibleOnEveryColour()
    {
        for (var i = 0; i < 256; i++)
        {
            var colour = ShareScale.Colour(i / 255.0);
            Assert.InRange(ShareScale.Contrast(colour, ShareScale.TextOn(colour)), 4.1, 21);
        }
    }

    [Fact]
    public void OneInAHundred_IsSeen() =>
        Assert.True(Lab(ShareScale.Colour(0), [1, 0, 0, 0, 1, 0, 0, 0, 1]).L - Lab(ShareScale.Colour(ShareScale.Position(0.01)), [1, 0, 0, 0, 1, 0, 0, 0, 1]).L > 5);

    private static (double L, double A, double B) Lab(SKColor colour, double[] m)
    {
        var (r, g, b) = (Linear(colour.Red), Linear(colour.Green), Linear(colour.Blue));
        (r, g, b) = (Clip(m[0] * r + m[1] * g + m[2] * b), Clip(m[3] * r + m[4] * g + m[5] * b), Clip(m[6] * r + m[7] * g + m[8] * b));
        var (x, y, z) = (F((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505), F(0.2126 * r + 0.7152 * g + 0.0722 * b), F((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089));
        return (116 * y - 16, 500 * (x - y), 200 * (y - z));

        static double Linear(byte value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);
        static double Clip(double value) => Math.Clamp(value, 0, 1);
        static double F(double t) => t > 0.008856 ? Math.Cbrt(t) : 7.787 * t + 16 / 116.0;
    }
}
