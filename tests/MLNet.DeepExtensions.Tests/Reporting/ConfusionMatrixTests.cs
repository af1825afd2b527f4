using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;
using SkiaSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Reporting;

public class ConfusionMatrixTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(300)]
    public void Cells_OfADiagonalMatrix_AreDarkOnTheDiagonalOnly(int classes)
    {
        var matrix = Matrices.Diagonal(classes);
        using var at = ConfusionMatrixPicture.Arrange(matrix, null, null);
        var picture = Rendered.By(path => matrix.SavePicture(path));
        Assert.Equal((at.Width, at.Height), (picture.Width, picture.Height));
        for (var actual = 0; actual < classes; actual++)
            for (var predicted = 0; predicted < classes; predicted++)
            {
                // beside the middle, where a count may stand
                var colour = picture.At(at.Left + (predicted + 0.5f) * at.Cell, at.Top + (actual + (at.Cell > 8 ? 0.15f : 0.5f)) * at.Cell);
                Assert.Equal(ShareScale.Colour(actual == predicted ? 1 : 0), colour);
            }
    }

    [Fact]
    public void Cells_StandInTheRowOfTheActual_AndTheColumnOfThePredictedClass()
    {
        var matrix = Matrices.Of(3, (actual, predicted) => (actual, predicted) == (0, 2) ? 8 : actual == predicted ? 2 : 0);
        using var at = ConfusionMatrixPicture.Arrange(matrix, null, null);
        var picture = Rendered.By(path => matrix.SavePicture(path));
        Assert.Equal(ShareScale.Colour(ShareScale.Position(0.8)), picture.At(at.Left + 2.5f * at.Cell, at.Top + 0.1f * at.Cell));
        Assert.Equal(ShareScale.Colour(0), picture.At(at.Left + 0.5f * at.Cell, at.Top + 2.1f * at.Cell));
    }

    [Theory]
    [InlineData(2, true, true, 1)]
    [InlineData(10, true, true, 1)]
    [InlineData(12, true, true, 1)]
    [InlineData(13, true, false, 1)]
    [InlineData(40, true, false, 1)]
    [InlineData(43, true, false, 1)]
    [InlineData(44, false, false, 1)]
    [InlineData(101, false, false, 1)]
    [InlineData(102, false, false, 2)]
    [InlineData(300, false, false, 5)]
    [InlineData(1000, false, false, 20)]
    public void SharesThenCountsThenNames_DropOutAsCellsGetSmaller(int classes, bool counts, bool shares, int nameStep)
    {
        using var at = new ConfusionMatrixLayout([.. Enumerable.Range(0, classes).Select(i => $"class {i}")], [.. Enumerable.Repeat("10", classes)], "10", null, "");
        Assert.Equal((counts, shares, nameStep), (at.ShowsCounts, at.ShowsShares, at.NameStep));
        Assert.Equal("class 0", at.Names[0]);
        Assert.Equal(nameStep == 1, at.Names[1] == "class 1");
        // neighbours' names must not touch
        Assert.True(at.NameText.Size < at.Cell * at.NameStep);
        Assert.InRange(at.Width, 100, 2200);
    }

    [Fact]
    public void Numbers_AreInTheCells_WhereTheyHaveRoom()
    {
        var matrix = Matrices.Of(12, (actual, predicted) => actual == predicted ? 30 : 1);
        using var at = ConfusionMatrixPicture.Arrange(matrix, null, null);
        var picture = Rendered.By(path => matrix.SavePicture(path));
        for (var actual = 0; actual < 12; actual++)
            for (var predicted = 0; predicted < 12; predicted++)
            {
                var cell = SKRect.Create(at.Left + predicted * at.Cell + 2, at.Top + actual * at.Cell + 2, at.Cell - 4, at.Cell - 4);
                var text = ShareScale.TextOn(picture.At(cell.Left + 1, cell.Top + 1));
                // both lines: the count above the middle, the share below it
                Assert.True(picture.Count(SKRect.Create(cell.Left, cell.Top, cell.Width, cell.Height / 2), Rendered.Is(text)) > 5, $"no count in {actual}, {predicted}");
                Assert.True(picture.Count(SKRect.Create(cell.Left, cell.MidY, cell.Width, cell.Height / 2), Rendered.Is(text)) > 5, $"no share in {actual}, {predicted}");
            }
    }

    [Fact]
    public void Names_StandBesideTheirRow_AndAboveTheirColumn()
    {
        var matrix = Matrices.Diagonal(5);
        using var at = ConfusionMatrixPicture.Arrange(matrix, ["one", "two", "three", "four", "five"], null);
        var picture = Rendered.By(path => matrix.SavePicture(path, ["one", "two", "three", "four", "five"]));
        for (var i = 0; i < 5; i++)
        {
            Assert.True(picture.Count(SKRect.Create(at.Left - 40, at.Top + i * at.Cell, 38, at.Cell), Rendered.IsInk) > 20);
            Assert.True(picture.Count(SKRect.Create(at.Left + i * at.Cell, at.Top - 24, at.Cell, 22), Rendered.IsInk) > 20);
        }
    }

    [Fact]
    public void Names_AreThoseThatMlNetKnows()
    {
        string[] names = ["cat", "dog", "horse"];
        Assert.Equal(names, MetricDoors.ClassNamesOf(Matrices.Of(3, (_, _) => 1, names)));
        Assert.Equal(["0", "1", "2"], MetricDoors.ClassNamesOf(Matrices.Diagonal(3)));
        using var at = ConfusionMatrixPicture.Arrange(Matrices.Of(3, (_, _) => 1, names), null, null);
        Assert.Equal(names, at.Names);
    }

    [Fact]
    public void TwoClassMetrics_HaveThePositiveClassFirst()
    {
        var matrix = Matrices.OfTwoClassMetrics();
        using var at = ConfusionMatrixPicture.Arrange(matrix, null, null);
        Assert.Equal(["positive", "negative"], at.Names);
        Assert.Equal((3.0, 2.0), (matrix.Counts[0][0], matrix.Counts[0][1]));
        Assert.Equal("4 of 7 right (57.1%)", at.Summary);
    }

    // the two-class evaluator counts the positive class first, the multiclass one as the key's values stand: the picture must name each row as it was counted
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TwoClasses_AsYesAndNo_OrAsAKey_HaveEachRowUnderItsOwnName(bool isKey)
    {
        // 30 rows are "yes", of which 18 are taken for it; 50 are "no", of which 45 are
        var ml = new MLContext(seed: 1);
        (bool Actual, bool Predicted, int Rows)[] counts = [(false, false, 45), (true, true, 18), (true, false, 12), (false, true, 5)];
        var rows = counts.SelectMany(count => Enumerable.Repeat(new Answered
        {
            Label = count.Actual, Name = count.Actual ? "yes" : "no", Features = [count.Predicted ? 1 : 0],
        }, count.Rows)).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        // a network that says yes where the only feature is 1
        var answer = ModelConfig.From((_, outputs) => new Says(outputs));
        var options = new DeepTrainerOptions { Epochs = 1, Optimizer = new Sgd { LearningRate = 1e-9 } };
        ConfusionMatrix matrix;
        if (isKey)
        {
            var chain = ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(ml.MulticlassClassification.Trainers.Deep(answer, options)).Fit(data);
            using var model = chain.LastTransformer;
            matrix = ml.MulticlassClassification.Evaluate(chain.Transform(data)).ConfusionMatrix;
        }
        else
        {
            using var model = ml.BinaryClassification.Trainers.Deep(answer, options).Fit(data);
            matrix = ml.BinaryClassification.Evaluate(model.Transform(data)).ConfusionMatrix;
        }
        using var at = ConfusionMatrixPicture.Arrange(matrix, null, null);
        var picture = Rendered.By(path => matrix.SavePicture(path));
        var yes = at.Names.ToList().IndexOf(isKey ? "yes" : "positive");
        var no = at.Names.ToList().IndexOf(isKey ? "no" : "negative");
        Assert.Equal((isKey ? 1 : 0, isKey ? 0 : 1), (yes, no));
        Assert.Equal(("30", "50"), (at.RowTotals[yes], at.RowTotals[no]));
        foreach (var (row, column, share) in new[] { (yes, yes, 18 / 30.0), (yes, no, 12 / 30.0), (no, yes, 5 / 50.0), (no, no, 45 / 50.0) })
            Assert.Equal(ShareScale.Colour(ShareScale.Position(share)), picture.At(at.Left + (column + 0.5f) * at.Cell, at.Top + (row + 0.1f) * at.Cell));
        Assert.Equal("63 of 80 right (78.8%)", at.Summary);
    }

    [Fact]
    public void LongNames_AreCutInTheMiddle_AndTheirEndsStayDifferent()
    {
        var matrix = Matrices.Diagonal(2);
        using var at = ConfusionMatrixPicture.Arrange(matrix, ["American Staffordshire terrier, photographed 1", "American Staffordshire terrier, photographed 2"], null);
        Assert.All(at.Names, name => Assert.Contains("…", name));
        Assert.NotEqual(at.Names[0], at.Names[1]);
        Assert.InRange(at.Names.Max(at.NameText.Measure), 1, 170);
    }

    [Fact]
    public void ForeignEmptyAndBrokenNames_AreDrawnWithoutHarm()
    {
        var picture = Rendered.By(path => Matrices.Diagonal(6).SavePicture(path, ["狗", "", "Ünïcode €", "two\nlines\t\0", "\ud800 half a pair", "👩‍👩‍👧"], title: "図"));
        Assert.True(picture.Count(picture.All, Rendered.IsInk) > 1000);
    }

    [Fact]
    public void RowWithoutRows_IsEmpty_AndClaimsNothing()
    {
        var matrix = Matrices.Of(3, (actual, predicted) => actual == 1 ? 0 : actual == predicted ? 4 : 0);
        using var at = ConfusionMatrixPicture.Arrange(matrix, null, null);
        Assert.Equal(["4", "0", "4"], at.RowTotals);
        var picture = Rendered.By(path => matrix.SavePicture(path));
        Assert.Equal(ShareScale.Colour(0), picture.At(at.Left + 1.5f * at.Cell, at.Top + 1.1f * at.Cell));
    }

    [Theory]
    [InlineData(9999, 10000, "9,999 of 10,000 right (>99.9%)")]
    [InlineData(1, 10000, "1 of 10,000 right (<0.1%)")]
    [InlineData(10000, 10000, "10,000 of 10,000 right (100%)")]
    [InlineData(0, 10000, "0 of 10,000 right (0.0%)")]
    public void Summary_ClaimsNeitherAllNorNothingByRounding(int right, int all, string summary)
    {
        using var at = ConfusionMatrixPicture.Arrange(Matrices.Of(2, (actual, predicted) => (actual, predicted) switch { (0, 0) => right, (0, 1) => all - right, _ => 0 }), null, null);
        Assert.Equal(summary, at.Summary);
    }

    [Fact]
    public void Title_IsDrawn_WhereThereIsOne()
    {
        var matrix = Matrices.Diagonal(2);
        var without = Rendered.By(path => matrix.SavePicture(path));
        var with = Rendered.By(path => matrix.SavePicture(path, title: "Cats and dogs"));
        Assert.True(with.Height > without.Height);
        Assert.True(with.Count(SKRect.Create(24, 20, 120, 26), Rendered.IsInk) > 100);
    }

    [Fact]
    public void WrongNumberOfNames_SaysBoth() =>
        Assert.Contains("2 names for 3 classes", Assert.Throws<ArgumentException>(() => Matrices.Diagonal(3).SavePicture("x.png", ["a", "b"])).Message);

    private sealed class Answered
    {
        public bool Label { get; set; }

        public string Name { get; set; } = "";

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Says : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear linear;

        public Says(int outputs) : base(nameof(Says))
        {
            linear = nn.Linear(1, outputs);
            using var _ = no_grad();
            // one output: the log-odds of yes; two: those of the key's first value, "no", and its second, "yes"
            linear.weight!.copy_(outputs == 1 ? tensor(new float[,] { { 8 } }) : tensor(new float[,] { { -4 }, { 4 } }));
            linear.bias!.copy_(outputs == 1 ? tensor(new float[] { -4 }) : tensor(new float[] { 2, -2 }));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => linear.call(input);
    }
}
