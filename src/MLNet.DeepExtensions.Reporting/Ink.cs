using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>The colours that all pictures share.</summary>
internal static class Ink
{
    public static readonly SKColor Text = new(0x1A, 0x1A, 0x1A);
    public static readonly SKColor Quiet = new(0x60, 0x60, 0x60);
    public static readonly SKColor Nothing = new(0x90, 0x90, 0x90);
    public static readonly SKColor Faint = new(0xD0, 0xD0, 0xD0);

    // Okabe and Ito's blue and vermilion differ for every kind of colour vision
    public static readonly SKColor Blue = new(0x00, 0x72, 0xB2);
    public static readonly SKColor Vermilion = new(0xD5, 0x5E, 0x00);
}
