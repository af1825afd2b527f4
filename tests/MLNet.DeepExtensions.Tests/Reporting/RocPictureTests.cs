using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.Reporting;

public sealed class RocPictureTests
{
    private static VerificationCurve Curve(int count, float ahead)
    {
        var random = new Random(1);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return VerificationCurve.OfPairs([.. Enumerable.Range(0, count).Select(_ => 0.5f + 0.1f * Normal() + ahead)], [.. Enumerable.Range(0, 10 * count).Select(_ => 0.5f + 0.1f * Normal())]);
    }

    [Fact]
    public void CurveMarksAndNotes_AreDrawn()
    {
        var curve = Curve(200, 0.4f);
        var plain = Rendered.By(path => curve.SaveRocPicture(path));
        var marked = Rendered.By(path => curve.SaveRocPicture(path, threshold: 0.8f, title: "Strangers"));
        Assert.True(plain.Count(plain.All, Rendered.Is(Ink.Blue)) > 800, "the curve is missing");
        Assert.True(plain.Count(plain.All, Rendered.Is(Ink.Quiet)) > 800, "axes' names and ticks are missing");
        // two rings of 11 points across, and with a threshold two squares of 64 square points more
        Assert.InRange(plain.Count(plain.All, Rendered.Is(Ink.Vermilion)), 200, 800);
        Assert.True(marked.Count(marked.All, Rendered.Is(Ink.Vermilion)) > plain.Count(plain.All, Rendered.Is(Ink.Vermilion)) + 300);
        Assert.True(marked.Height > plain.Height);
        Assert.True(marked.Count(SKRect.Create(24, 20, 120, 30), Rendered.IsInk) > 50, "the title is missing");
    }

    [Fact]
    public void BetterCurves_LieHigher()
    {
        static float MeanHeight(VerificationCurve curve)
        {
            var picture = Rendered.By(path => curve.SaveRocPicture(path));
            return picture.Where(picture.All, Rendered.Is(Ink.Blue)).Average(point => point.Y);
        }
        Assert.True(MeanHeight(Curve(300, 0.35f)) < MeanHeight(Curve(300, 0.1f)));
    }

    [Fact]
    public void Notes_SayRatesAndNumbersOfPairs()
    {
        var curve = VerificationCurve.OfPairs([0.9f, 0.8f, 0.7f, 0.4f], [0.1f, 0.2f, 0.3f, 0.5f, 0.6f]);
        Assert.Equal(["equal error rate 25.0% at threshold 0.58; 4 genuine pairs, 5 impostors", "threshold 0.60: 20.0% of the impostors accepted, 25.0% of the genuine refused"],
            RocPicture.Notes(curve, 0.6f).Select(item => item.Note.Replace(" %", "%")));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(2000, 4)]
    public void Axis_ReachesDownToOneImpostor(int impostors, int decades) =>
        Assert.Equal(decades, RocPicture.Decades(VerificationCurve.OfPairs([1], Enumerable.Repeat(0f, impostors))));

    [Fact]
    public void SameCurve_GivesTheSameBytes_AndWithoutErrorsToo()
    {
        var perfect = VerificationCurve.OfPairs([0.8f, 0.9f], [0.1f, 0.2f]);
        Assert.Equal(Rendered.By(path => perfect.SaveRocPicture(path)).Png, Rendered.By(path => perfect.SaveRocPicture(path)).Png);
    }
}
