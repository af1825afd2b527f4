using Microsoft.ML;
using MLNet.DeepExtensions.Tool.Tables;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>Files of rows, and what is in their columns.</summary>
public sealed class DelimitedFileTests : IDisposable
{
    private readonly SmallData data = new();
    private readonly MLContext ml = new(1);

    public void Dispose() => data.Dispose();

    private DelimitedFile Open(string name, params string[] lines) => DelimitedFile.Open(ml, data.Write(name, lines), null, hasHeader: true);

    [Theory]
    [InlineData("a.csv", "A,B;C,D", ',')]
    [InlineData("a.csv", "A;B;C", ';')]
    [InlineData("a.txt", "A\tB, and more\tC", '\t')]
    [InlineData("a.tsv", "A, B and C", '\t')]
    [InlineData("a.txt", "A|B|C", '|')]
    public void WhatStandsBetweenFields_IsSeen(string name, string header, char expected) => Assert.Equal(expected, Open(name, header, header.Replace('A', 'x')).Delimiter);

    [Fact]
    public void QuotedFields_MayHaveCommasQuotesAndLines()
    {
        var file = Open("quoted.csv", "Text,Kind", "\"one, two\nthree \"\"four\"\"\",x", "plain,y");

        Assert.Equal(["Text", "Kind"], file.Names);
        Assert.Equal([["one, two\nthree \"four\"", "x"], ["plain", "y"]], file.Rows(ml));
    }

    [Fact]
    public void InLinesCutByTabs_AQuoteIsACharacter() => Assert.Equal([["\"Good\" food", "x"], ["5\" wide", "y"]], Open("quotes.tsv", "Text\tKind", "\"Good\" food\tx", "5\" wide\ty").Rows(ml));

    [Fact]
    public void Names_AreDistinctAndNotTheModelsOwn() => Assert.Equal(["A", "A_1", "col2", "Score_1", "Score_1_1"], Open("names.csv", "A,A,,Score,Score_1", "1,2,3,4,5").Names);

    [Fact]
    public void WithoutAHeader_ColumnsAreNumbered()
    {
        var file = DelimitedFile.Open(ml, data.Write("bare.csv", "1,x", "2,y"), null, hasHeader: false);

        Assert.Equal(["col0", "col1"], file.Names);
        Assert.Equal(2, file.Rows(ml).Count());
    }

    [Fact]
    public void ShortLines_MissTheirLastFields() => Assert.Equal([["1", "2", "3"], ["4", "", ""]], Open("short.csv", "A,B,C", "1,2,3", "4").Rows(ml));

    [Fact]
    public void ALongLine_IsRefusedByItsNumber() =>
        Assert.StartsWith("Row 2 of '", Assert.Throws<MLNet.DeepExtensions.Tool.RefusedException>(() => Open("long.csv", "A,B", "1,2", "3,4,5").Rows(ml).ToList()).Message);

    [Fact]
    public void Columns_AreNumbersTruthsTimesOrCategories()
    {
        var file = Open("kinds.csv", ["N,Gap,B,T,C,U,Row,One,Empty", .. Enumerable.Range(0, 40).Select(row =>
            $"{row * 7 % 5}.5,{(row % 4 == 0 ? "NA" : row % 4 == 1 ? "?" : "1e3")},{(row % 2 == 0 ? "True" : "false")},2026-01-{row % 28 + 1:00},{"red green blue".Split(' ')[row % 3]},name {row},{row + 10},same,")]);

        var columns = ColumnProfile.Of(file.Rows(ml), file.Names).ToDictionary(column => column.Name);

        Assert.True(columns["N"].IsNumeric);
        Assert.True(columns["Gap"].IsNumeric);
        Assert.Equal(20, columns["Gap"].Missing);
        Assert.True(columns["B"].IsBoolean);
        Assert.True(columns["T"].IsTime);
        Assert.False(columns["C"].IsNumeric || columns["C"].IsBoolean || columns["C"].IsTime || columns["C"].IsNearlyUnique);
        Assert.True(columns["U"].IsNearlyUnique);
        Assert.True(columns["Row"].NumbersRows);
        Assert.False(columns["N"].NumbersRows);
        Assert.Equal((1, 40), (columns["One"].Distinct, columns["One"].Rows));
        Assert.Equal(40, columns["Empty"].Missing);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData(" spaced ", "\" spaced \"")]
    public void Csv_QuotesWhatNeedsIt(string text, string expected) => Assert.Equal($"{expected},end", CsvText.Line([text, "end"]));
}
