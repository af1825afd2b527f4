using SkiaSharp;

namespace MLNet.DeepExtensions;

/// <summary>The colours that all pictures share.</summary>
internal static class Ink
{
    public static readonly SKColor Text = new(0x1A, 0x1A, 0x1A);
    public static readonly SKColor Quiet = new(0x60, 0x60, 0x60);
    public static readonly SKColor Nothing = new(0x90, 0x90, 0x90);
    public static readonly SKColor Faint = new(0xD0, 0xD0, 0xD0);

    public static readonly SKColor Grid = new(0xE8, 0xE8, 0xE8);

    // Okabe and Ito's blue and vermilion differ for every kind of colour vision
    public static readonly SKColor Blue = new(0x00, 0x72, 0xB2);
    public static readonly SKColor Vermilion = new(0xD5, 0x5E, 0x00);
}

/// <summary>A line to draw with: a colour, a width in points and, if it is not solid, how long its dashes and its gaps are.</summary>
internal sealed class InkStroke : IDisposable
{
    private readonly SKPathEffect? effect;

    public InkStroke(SKColor colour, float width, float[]? dashes = null)
    {
        effect = dashes is null ? null : SKPathEffect.CreateDash(dashes, 0);
        Paint = new SKPaint { Color = colour, Style = SKPaintStyle.Stroke, StrokeWidth = width, IsAntialias = true, StrokeJoin = SKStrokeJoin.Round, PathEffect = effect };
    }

    public SKPaint Paint { get; }

    public void Dispose()
    {
        Paint.Dispose();
        effect?.Dispose();
    }
}
