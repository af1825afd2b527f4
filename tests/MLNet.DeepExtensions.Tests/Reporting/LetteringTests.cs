using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public class LetteringTests
{
    private static readonly string family = "👩\u200D👩\u200D👧";

    [Fact]
    public void Cut_LeavesWhatFitsAlone()
    {
        using var text = new Lettering(12);
        Assert.Equal("short", text.CutEnd("short", 100));
        Assert.Equal("", text.CutMiddle("", 0));
    }

    [Fact]
    public void Cut_FitsItsRoom_AndKeepsOneOrBothEnds()
    {
        using var text = new Lettering(12);
        var end = text.CutEnd("American Staffordshire terrier", 100);
        var middle = text.CutMiddle("American Staffordshire terrier", 100);
        Assert.Matches("^American.*…$", end);
        Assert.Matches("^Ame.*…r?rier$", middle);
        Assert.InRange(text.Measure(end), 80, 100);
        Assert.InRange(text.Measure(middle), 80, 100);
    }

    [Fact]
    public void Cut_NeverHalvesASign()
    {
        using var text = new Lettering(12);
        for (var room = 0; room < 120; room += 3)
        {
            var cut = text.CutMiddle(family + " e\u0301 " + family + " \U0001F415 dog", room);
            Assert.DoesNotContain('\uFFFD', new string([.. cut.EnumerateRunes().SelectMany(rune => rune.ToString())]));
            Assert.Equal(cut.Replace(family, ""), cut.Replace(family, "").Replace("👩", "").Replace("\u200D", ""));
        }
    }

    [Fact]
    public void Wrap_BreaksAtSpaces_AndCutsWhatIsLeftOver()
    {
        using var text = new Lettering(12);
        Assert.Equal(["one", "two"], text.Wrap("one\r\ntwo", 100, 4));
        Assert.Equal(["one two", "three", "four"], text.Wrap("one two three four", 50, 4));
        var cut = text.Wrap("one two three four five six seven", 50, 2);
        Assert.Equal("one two", cut[0]);
        Assert.EndsWith("…", cut[1]);
        Assert.All(text.Wrap("Incomprehensibilities " + new string('x', 200), 60, 4), line => Assert.True(text.Measure(line) <= 60));
    }

    [Theory]
    [InlineData(SKTextAlign.Left, 100, 160)]
    [InlineData(SKTextAlign.Center, 70, 130)]
    [InlineData(SKTextAlign.Right, 40, 100)]
    public void Draw_PutsTextWhereItBelongs(SKTextAlign align, float left, float right)
    {
        using var text = new Lettering(16);
        using var bitmap = new SKBitmap(200, 40);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        text.Draw(canvas, "HHHHH", 100, 30, align, SKColors.Black);
        Assert.Equal(60.2, text.Measure("HHHHH"), 0.5);
        var inked = Enumerable.Range(0, 200).Where(x => Enumerable.Range(0, 40).Any(y => bitmap.GetPixel(x, y).Red < 128)).ToList();
        Assert.InRange(inked.Min(), left, left + 4);
        Assert.InRange(inked.Max(), right - 4, right);
    }
}
