using MLNet.DeepExtensions.Tool.Code;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>Values and names as C#.</summary>
public class CSharpTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a \"quoted\" word", "\"a \\\"quoted\\\" word\"")]
    [InlineData("back\\slash", "\"back\\\\slash\"")]
    [InlineData("two\nlines\r\n", "\"two\\nlines\\r\\n\"")]
    [InlineData("\u2028\u0085\u202e", "\"\\u2028\\u0085\\u202e\"")]
    [InlineData("{0} {{x}} 你好 é", "\"{0} {{x}} 你好 é\"")]
    public void ALiteral_IsOneLineAndSaysTheSame(string text, string expected) => Assert.Equal(expected, CSharp.Literal(text));

    [Fact]
    public void HalfACharacter_IsEscaped() => Assert.Equal("\"\\ud800\"", CSharp.Literal("\ud800"));

    [Fact]
    public void Settings_NameWhatDiffersFromTheDefaults()
    {
        Assert.Equal("new ConvNet { Widths = [8, 16], Dropout = 0.5 }", CSharp.Value(new ConvNet { Widths = [8, 16], Dropout = 0.5 }));
        Assert.Equal("new NLinear()", CSharp.Value(new NLinear()));
        Assert.Equal("new RandomResizedCrop(8, 9) { Scale = (0.5, 1) }", CSharp.Value(new RandomResizedCrop(8, 9) { Scale = (0.5, 1) }));
        Assert.Equal("new ColorJitter(Contrast: 0.3)", CSharp.Value(new ColorJitter(Contrast: 0.3)));
        Assert.Equal("Normalization.ImageNet", CSharp.Value(Normalization.ImageNet));
        Assert.Equal("new AdamW { Groups = [ParameterGroup.NoDecay] }", CSharp.Value(new AdamW { Groups = [ParameterGroup.NoDecay] }));
        Assert.Equal("new PretrainedWeights(\"a\\\\b.pth\")", CSharp.Value(new PretrainedWeights("a\\b.pth")));
    }

    [Fact]
    public void Numbers_AreWrittenAlikeInEveryCulture()
    {
        using var _ = Cultures.WithCommas();
        Assert.Equal("0.5", CSharp.Value(0.5));
        Assert.Equal("1.5f", CSharp.Value(1.5f));
        Assert.Equal("float.NaN", CSharp.Value(float.NaN));
        Assert.Equal("new DateTime(2026, 1, 31, 13, 5, 0)", CSharp.Value(new DateTime(2026, 1, 31, 13, 5, 0)));
    }

    [Fact]
    public void WhatIsNoSetting_IsNotWritten() => Assert.Throws<NotSupportedException>(() => CSharp.Value(new Version(1, 0)));

    [Fact]
    public void Members_AreDistinctIdentifiers() =>
        Assert.Equal(["hours_per_week", "hours_per_week_2", "_1st", "class_", "Column", "größe", "ToString_2", "ModelInput_2", "a_b", "Column__"],
            Identifiers.ForMembers(["hours-per-week", "hours per week", "1st", "class", "", "größe", "ToString", "ModelInput", "a\u200b\"b", "😀"]));

    [Theory]
    [InlineData("Pets", "Pets")]
    [InlineData("my pets!", "my_pets_")]
    [InlineData("Program", "ProgramModel")]
    [InlineData("namespace", "namespace_")]
    [InlineData("2026", "_2026")]
    [InlineData("; System.IO.File.Delete(\"x\") //", "__System_IO_File_Delete__x_____")]
    public void AClass_HasAnIdentifierForItsName(string name, string expected) => Assert.Equal(expected, Identifiers.ForClass(name));
}
