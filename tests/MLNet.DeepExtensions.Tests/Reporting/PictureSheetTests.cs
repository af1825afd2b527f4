using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public class PictureSheetTests
{
    private static readonly byte[] checkers = [0, 255, 255, 0];

    [Theory]
    [InlineData(2, 112)]
    [InlineData(28, 8)]
    [InlineData(30, 7)]
    [InlineData(75, 2)]
    [InlineData(224, 1)]
    public void SmallPictures_AreEnlargedByAWholeFactor_WithoutBlur(int side, int factor)
    {
        var random = new Random(side);
        var pixels = new byte[side * side];
        random.NextBytes(pixels);
        var picture = Rendered.By(path => PictureSheet.Save([new(pixels, side, side)], path));
        Assert.Equal(24 + side * factor / 2f + 24, picture.Width);
        for (var y = 0; y < side * factor; y++)
            for (var x = 0; x < side * factor; x++)
                if (picture.Pixel(48 + x, 48 + y).Red != pixels[y / factor * side + x / factor])
                    Assert.Fail($"pixel {x}, {y}");
    }

    [Fact]
    public void LargePictures_AreShrunk_AndKeepTheirShape()
    {
        var grey = Enumerable.Repeat((byte)90, 300 * 900).ToArray();
        var picture = Rendered.By(path => PictureSheet.Save([new(grey, Height: 300, Width: 900)], path, tileSize: 300));
        Assert.Equal((24 + 150 + 24, 24 + 50 + 24), (picture.Width, picture.Height));
        Assert.Equal(300 * 100, picture.Count(SKRect.Create(24, 24, 150, 50), colour => colour == new SKColor(90, 90, 90)));
    }

    [Fact]
    public void ColourPictures_KeepTheirColours()
    {
        var picture = Rendered.By(path => PictureSheet.Save([new(new byte[] { 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9 }, 2, 2)], path));
        Assert.Equal(new SKColor(255, 0, 0), picture.At(30, 30));
        Assert.Equal(new SKColor(0, 255, 0), picture.At(130, 30));
        Assert.Equal(new SKColor(0, 0, 255), picture.At(30, 130));
    }

    [Fact]
    public void WrongPicture_IsMarkedByAThickFrameAndASign()
    {
        var picture = Rendered.By(path => PictureSheet.Save([new(checkers, 2, 2, "7", true), new(checkers, 2, 2, "7", false), new(checkers, 2, 2, "7")], path));
        const float Tile = 112, Step = Tile + 18;
        // three points beside each tile: the frame, or nothing
        int Frame(int tile) => picture.Count(SKRect.Create(24 + tile * Step - 5, 40, 4, 80), Rendered.Is(Ink.Vermilion));
        Assert.Equal((0, 0), (Frame(0), Frame(2)));
        Assert.True(Frame(1) > 4 * 80);
        // a sign before the caption makes it wider, and the signs differ
        SKPoint[] Caption(int tile) => [.. picture.Where(SKRect.Create(24 + tile * Step, 142, Tile, 18), Rendered.IsInk).Select(point => point - new SKPoint(tile * Step, 0))];
        Assert.NotEqual(Caption(0), Caption(1));
        Assert.NotEqual(Caption(0), Caption(2));
        Assert.NotEqual(Caption(1), Caption(2));
    }

    [Theory]
    [InlineData(3, 2, 2, 2)]
    [InlineData(3, 8, 3, 1)]
    [InlineData(16, 8, 8, 2)]
    public void Pictures_StandInColumns(int pictures, int columns, int wide, int high)
    {
        var sheet = Rendered.By(path => PictureSheet.Save([.. Enumerable.Range(0, pictures).Select(_ => new SheetPicture(checkers, 2, 2))], path, columns));
        Assert.Equal((48 + wide * 130 - 18, 48 + high * 130 - 18), (sheet.Width, sheet.Height));
    }

    [Fact]
    public void Captions_AreBrokenAtSpaces_AndStayApart()
    {
        var sheet = Rendered.By(path => PictureSheet.Save(
            [.. Enumerable.Repeat(new SheetPicture(checkers, 2, 2, "RandomHorizontalFlip, RandomRotation(15), RandomResizedCrop(64, 64)\nsecond line"), 4)], path, columns: 4));
        for (var gap = 0; gap < 3; gap++)
            Assert.Equal(0, sheet.Count(SKRect.Create(24 + 112 + gap * 130 + 7, 140, 4, sheet.Height - 140), Rendered.IsInk));
        Assert.Equal(24 + 112 + 6 + 4 * 15 + 24, sheet.Height);
    }

    [Fact]
    public void Caption_OfATinyTile_WidensIt()
    {
        var sheet = Rendered.By(path => PictureSheet.Save([new(checkers, 2, 2, "seven, 98%")], path, tileSize: 16));
        Assert.True(sheet.Width > 48 + 50);
    }

    [Fact]
    public void Title_WidensANarrowSheet()
    {
        var sheet = Rendered.By(path => PictureSheet.Save([new(checkers, 2, 2)], path, title: "A title that is wider than one picture"));
        Assert.True(sheet.Width > 300);
        Assert.True(sheet.Count(SKRect.Create(24, 20, 300, 26), Rendered.IsInk) > 200);
    }

    [Fact]
    public void SameSheet_GivesTheSameBytes()
    {
        static void Save(string path) => PictureSheet.Save([new(checkers, 2, 2, "right", true), new(checkers, 2, 2, "wrong", false)], path);
        var first = Rendered.By(Save);
        var second = Rendered.By(Save);
        Assert.Equal(first.Png, second.Png);
    }

    [Fact]
    public void WrongInput_SaysWhatItIs()
    {
        static string Message(Action save) => Assert.ThrowsAny<ArgumentException>(save).Message;
        Assert.Contains("There is no picture", Message(() => PictureSheet.Save([], "x.png")));
        Assert.Contains("Picture 1, 2 high and 2 wide, needs 4 bytes for grey or 12 for colour, but has 5",
            Message(() => PictureSheet.Save([new(checkers, 2, 2), new(new byte[5], 2, 2)], "x.png")));
        Assert.Contains("both must be at least 1", Message(() => PictureSheet.Save([new(checkers, 0, 4)], "x.png")));
        Assert.Contains("columns", Message(() => PictureSheet.Save([new(checkers, 2, 2)], "x.png", columns: 0)));
        Assert.Contains("tileSize", Message(() => PictureSheet.Save([new(checkers, 2, 2)], "x.png", tileSize: 3)));
        Assert.Contains("more than the 100 million allowed", Message(() => PictureSheet.Save([.. Enumerable.Repeat(new SheetPicture(checkers, 2, 2), 2000)], "x.png")));
    }
}
