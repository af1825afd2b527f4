using SkiaSharp;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Pictures of one colour, reds and blues of many shades, in a folder for each: a class that a small network tells apart at once.</summary>
internal static class ColouredSquares
{
    public static void Draw(string folder, int count, int side = 16)
    {
        var random = new Random(2);
        for (var i = 0; i < count; i++)
        {
            var isRed = i % 2 == 0;
            using var bitmap = new SKBitmap(side, side);
            var (strong, weak) = ((byte)random.Next(150, 256), (byte)random.Next(0, 80));
            bitmap.Erase(isRed ? new SKColor(strong, weak, weak) : new SKColor(weak, weak, strong));
            var path = Path.Combine(folder, isRed ? "red" : "blue", $"{i / 2}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = File.Create(path);
            bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
        }
    }
}
