namespace MLNet.DeepExtensions.Tests.Reporting;

/// <summary>Text is drawn where no font is installed.</summary>
public sealed class BareMachineTests : IDisposable
{
    private const string InstalledFonts = "/usr/share/fonts", Folder = "DEEPEXTENSIONS_TEST_PICTURES";

    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Pictures_WithoutAnyInstalledFont_AreTheSame()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists(InstalledFonts), "there are no fonts to take away");
        // a namespace in which an empty folder lies over the machine's fonts; SkiaSharp's build for Linux reads that folder alone
        string[] hidden = ["-rm", "sh", "-c", $"mount -t tmpfs none {InstalledFonts} && exec \"$0\" \"$@\""];
        Assert.SkipUnless(MayHideFonts(hidden), "this machine does not let a test hide its fonts");
        var start = ChildProcess.Program("unshare", [.. hidden, Path.Combine(AppContext.BaseDirectory, "MLNet.DeepExtensions.Tests"),
            "-method", $"{typeof(BareMachineTests).FullName}.{nameof(DrawsAll)}", "-explicit", "only", "-noColor"]);
        start.Environment[Folder] = folder;
        ChildProcess.Finish(System.Diagnostics.Process.Start(start)!);
        Assert.Equal("", File.ReadAllText(Path.Combine(folder, "fonts.txt")));
        var bare = Directory.GetFiles(folder, "*.png").ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
        Draw(folder);
        Assert.Equal(3, bare.Count);
        Assert.All(bare, picture => Assert.Equal(File.ReadAllBytes(Path.Combine(folder, picture.Key)), picture.Value));
    }

    [Fact(Explicit = true)]
    public void DrawsAll()
    {
        var into = Environment.GetEnvironmentVariable(Folder)!;
        File.WriteAllText(Path.Combine(into, "fonts.txt"), string.Concat(SkiaSharp.SKFontManager.Default.FontFamilies));
        Draw(into);
    }

    [Fact]
    public void Sign_ThatNoFontHas_IsDrawnAsABox() => Assert.Same(EmbeddedFont.Typeface, EmbeddedFont.For(0x10FFFD));

    [Theory]
    [InlineData('A')]
    [InlineData('ß')]
    [InlineData('Ж')]
    [InlineData('λ')]
    [InlineData('✓')]
    [InlineData('✗')]
    [InlineData('…')]
    public void Sign_ThatOurFontHas_ComesFromIt(char sign) => Assert.Same(EmbeddedFont.Typeface, EmbeddedFont.For(sign));

    private static void Draw(string folder)
    {
        LearningCurveTests.History(5, validation: true).SaveLearningCurve(Path.Combine(folder, "curve.png"), "Größe αβγ Юрий");
        Matrices.Diagonal(12).SavePicture(Path.Combine(folder, "matrix.png"));
        PictureSheet.Save([new(new byte[4], 2, 2, "seven", true), new(new byte[4], 2, 2, "seven", false)], Path.Combine(folder, "sheet.png"));
    }

    private static bool MayHideFonts(string[] hidden)
    {
        try
        {
            return ChildProcess.End(System.Diagnostics.Process.Start(ChildProcess.Program("unshare", [.. hidden, "true"]))!).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
