using Microsoft.ML;
using Microsoft.ML.Data;
using static MLNet.DeepExtensions.Tests.SplitRows;

namespace MLNet.DeepExtensions.Tests;

/// <summary>What a column to split by may hold, and what is said of one that does not do.</summary>
public class SplitColumnsTests
{
    private readonly MLContext ml = new(1);

    private sealed class Everything
    {
        public int Number { get; set; }

        public string Text { get; set; } = "";

        public bool Boolean { get; set; }

        public float Single { get; set; }

        public double Double { get; set; }

        public byte Byte { get; set; }

        public long Int64 { get; set; }

        [KeyType(2)]
        public uint Key { get; set; }

        public DateTime Date { get; set; }

        public DateTimeOffset Moment { get; set; }

        public TimeSpan Span { get; set; }

        [VectorType(2)]
        public float[] Vector { get; set; } = [];
    }

    // every column has three values, which change together; of key, text and number the first is "missing"
    private IDataView View() => ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new Everything
    {
        Number = i, Text = new[] { "", "b", "c" }[i % 3], Boolean = i % 3 > 0, Single = new[] { float.NaN, 0, 1 }[i % 3], Double = new[] { double.NaN, 0, 1 }[i % 3],
        Byte = (byte)(i % 3), Int64 = i % 3, Key = (uint)(i % 3), Date = new DateTime(2020, 1, 1 + i % 3), Span = TimeSpan.FromHours(i % 3), Vector = [i, i],
        Moment = new DateTimeOffset(2020, 1, 1 + i % 3, 0, 0, 0, TimeSpan.Zero).ToOffset(TimeSpan.FromHours(i % 2)),
    }));

    [Theory]
    [InlineData("Text")]
    [InlineData("Single")]
    [InlineData("Double")]
    [InlineData("Byte")]
    [InlineData("Int64")]
    [InlineData("Key")]
    [InlineData("Date")]
    [InlineData("Moment")]
    [InlineData("Span")]
    public void AStratum_IsMadeOfEachValue_AndOfTheMissingOnes(string column)
    {
        foreach (var part in Numbers(Split(ml, View(), [0.7, 0.2, 0.1], column)))
            Assert.All(Enumerable.Range(0, 3), value => Assert.Equal(part.Length / 3, part.Count(row => row % 3 == value)));
    }

    [Fact]
    public void ABoolean_IsTwoStrata() =>
        Assert.Equal([70, 20, 10], Numbers(Split(ml, View(), [0.7, 0.2, 0.1], "Boolean")).Select(part => part.Count(row => row % 3 == 0)));

    [Theory]
    [InlineData("Text")]
    [InlineData("Single")]
    [InlineData("Key")]
    [InlineData("Boolean")]
    [InlineData("Moment")]
    public void AGroup_IsMadeOfEachValue(string column)
    {
        foreach (var value in Enumerable.Range(0, 3))
            Assert.Single(Numbers(Split(ml, View(), [0.5, 0.3, 0.2], group: column)), part => part.Any(row => row % 3 == value));
    }

    [Fact]
    public void AKeyMadeByMapValueToKey_IsAsGoodAsItsValues()
    {
        var keyed = ml.Transforms.Conversion.MapValueToKey("Text").Fit(View()).Transform(View());
        Assert.Equal(Numbers(Split(ml, View(), [0.7, 0.2, 0.1], "Text")), Numbers(Split(ml, keyed, [0.7, 0.2, 0.1], "Text")));
    }

    [Theory]
    [InlineData("Nothing", null, "The stratification column 'Nothing' is not in the data, which has: Number, Text, Boolean")]
    [InlineData(null, "text", "The samplingKey column 'text' is not in the data, which has: Number, Text, Boolean")]
    [InlineData("Vector", null, "The stratification column 'Vector' must hold one value in each row (text, a key, a number, a Boolean or a date), but is Vector<Single, 2>")]
    [InlineData(null, "Vector", "The samplingKey column 'Vector' must hold one value")]
    public void AWrongColumn_IsNamed(string? stratification, string? group, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => Split(ml, View(), [0.7, 0.2, 0.1], stratification, group)).Message);

    [Theory]
    [InlineData(0.7, 0.2, 0.2, "must sum to 1, but 0.7 + 0.2 + 0.2 = 1.1")]
    [InlineData(0.7, 0.2, 0.0999, "= 0.9999")]
    [InlineData(70, 20, 10, "trainFraction is 70")]
    [InlineData(1.1, -0.1, 0, "trainFraction is 1.1")]
    [InlineData(0.9, -0.1, 0.2, "validationFraction is -0.1")]
    [InlineData(0.9, 0.1, double.NaN, "testFraction is NaN")]
    public void WrongFractions_AreRefused(double train, double validation, double test, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => Split(ml, View(), [train, validation, test])).Message);

    [Fact]
    public void FractionsWithinAMillionth_WillDo() => Assert.Equal(300, Numbers(Split(ml, View(), [0.3333333, 0.3333333, 0.3333333])).Sum(part => part.Length));

    [Fact]
    public void Null_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("data", () => ml.Data.TrainValidationTestSplit(null!));
        Assert.Throws<ArgumentNullException>("catalog", () => DeepDataCatalog.TrainValidationTestSplit(null!, View()));
    }

    [Fact]
    public void TheDefault_IsSeventyTwentyTen()
    {
        var (train, validation, test) = ml.Data.TrainValidationTestSplit(View());
        Assert.Equal([210, 60, 30], new[] { train, validation, test }.Select(part => part.GetRowCount()));
    }
}
