using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>
/// Colours for shares from 0 to 1: one hue from near white to dark blue. Equal steps along the scale look equally large (they are equal in OKLab),
/// and lightness alone tells the order, so it survives every kind of colour vision and grey print.
/// </summary>
internal static class ShareScale
{
    private const int Steps = 256;
    private static readonly SKColor[] colours = Build();

    /// <summary>How far along the scale a share lies: small shares are what one looks for, the root lifts them.</summary>
    public static double Position(double share) => Math.Sqrt(Math.Clamp(share, 0, 1));

    public static SKColor Colour(double position) => colours[(int)Math.Round(Math.Clamp(position, 0, 1) * (Steps - 1))];

    /// <summary>Dark or white, whatever stands out more from a colour of the scale.</summary>
    public static SKColor TextOn(SKColor colour) => Contrast(colour, SKColors.White) > Contrast(colour, Ink.Text) ? SKColors.White : Ink.Text;

    /// <summary>The contrast ratio of WCAG 2: from 1 to 21.</summary>
    internal static double Contrast(SKColor a, SKColor b)
    {
        var (light, dark) = (Luminance(a), Luminance(b));
        if (light < dark)
            (light, dark) = (dark, light);
        return (light + 0.05) / (dark + 0.05);
    }

    private static double Luminance(SKColor colour) => 0.2126 * Linear(colour.Red) + 0.7152 * Linear(colour.Green) + 0.0722 * Linear(colour.Blue);

    private static double Linear(byte value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);

    private static SKColor[] Build()
    {
        // a curve through OKLab, then points on it at equal distances
        const int Fine = 4096;
        var points = Enumerable.Range(0, Fine + 1).Select(i => Curve((double)i / Fine)).ToArray();
        var length = new double[Fine + 1];
        for (var i = 1; i <= Fine; i++)
            length[i] = length[i - 1] + Distance(points[i - 1], points[i]);
        var result = new SKColor[Steps];
        for (int step = 0, i = 0; step < Steps; step++)
        {
            while (i < Fine && length[i] < length[Fine] * step / (Steps - 1))
                i++;
            result[step] = FromOklab(points[i].L, points[i].A, points[i].B);
        }
        return result;

        static double Distance((double L, double A, double B) p, (double L, double A, double B) q) =>
            Math.Sqrt((p.L - q.L) * (p.L - q.L) + (p.A - q.A) * (p.A - q.A) + (p.B - q.B) * (p.B - q.B));
    }

    // chroma follows what sRGB can show of blue at each lightness
    private static (double L, double A, double B) Curve(double t)
    {
        var (lightness, chroma, hue) = (0.985 - 0.715 * t, 0.135 * Math.Sin(Math.PI * 0.8 * t), (250 + 12 * t) * Math.PI / 180);
        return (lightness, chroma * Math.Cos(hue), chroma * Math.Sin(hue));
    }

    // B. Ottosson, "A perceptual color space for image processing", 2020
    private static SKColor FromOklab(double lightness, double a, double b)
    {
        var l = Math.Pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
        var m = Math.Pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
        var s = Math.Pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
        return new SKColor(
            Encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            Encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            Encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));

        static byte Encode(double linear) =>
            (byte)Math.Round(255 * Math.Clamp(linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055, 0, 1));
    }
}
