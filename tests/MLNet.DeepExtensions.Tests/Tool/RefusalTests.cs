using MLNet.DeepExtensions.Tool;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>What is wrong is said in a sentence, before any training, and nothing is written.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly SmallData data = new();

    public void Dispose() => data.Dispose();

    private ToolRun Refused(string expected, params string[] arguments)
    {
        var run = ToolRun.Of([.. arguments.Select(argument => argument.Replace("OUT", data.Out, StringComparison.Ordinal))]);
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.False(File.Exists(Path.Combine(data.Out, "Model.mlnet")));
        Assert.Empty(Directory.EnumerateDirectories(data.Folder, ".*"));
        return run;
    }

    private string[] Tabular(string path, params string[] more) => ["train", "--task", "tabular", "--data", path, "--out", "OUT", .. more];

    [Fact]
    public void AnUnknownColumn_ShowsThoseThatThereAre() => Refused("--label names column 'Price', which ", Tabular(data.Table(), "--label", "Price")).Error.Contains("It has: Id, Size, Town", StringComparison.Ordinal);

    [Fact]
    public void NoLabel_AsksForIt() => Refused("Say which column is to be predicted: --label NAME.", Tabular(data.Table()));

    [Fact]
    public void AnOptionOfAnotherTask_SaysWhoseItIs() => Refused("--horizon does not belong to --task tabular, but to forecasting.", Tabular(data.Table(), "--label", "Kind", "--horizon", "3"));

    [Fact]
    public void AnUnknownNetwork_ShowsThoseThatThereAre() => Refused("--model is 'resnet18', but tabular has: tabular-net, ft-transformer.", Tabular(data.Table(), "--label", "Kind", "--model", "resnet18"));

    [Theory]
    [InlineData("--epochs", "0", "--epochs is 0, but must be at least 1.")]
    [InlineData("--learning-rate", "-1", "--learning-rate is -1, but must be above 0.")]
    [InlineData("--max-minutes", "NaN", "--max-minutes is NaN, but must be above 0.")]
    public void ASettingOutOfItsRange_IsNamed(string option, string value, string expected) => Refused(expected, Tabular(data.Table(), "--label", "Kind", option, value));

    [Fact]
    public void AMissingFile_IsNamed() => Refused("is not there. Name a file of rows", Tabular(data.PathOf("none.csv"), "--label", "Kind"));

    [Fact]
    public void AnEmptyFile_IsNamed() => Refused("is empty", Tabular(data.Write("empty.csv"), "--label", "Kind"));

    [Fact]
    public void AHeaderAlone_IsNoTable() => Refused("has a header, A, B, but no rows", Tabular(data.Write("header.csv", "A,B"), "--label", "B"));

    [Fact]
    public void AFirstLineOfNumbers_IsNoHeader() => Refused("If it is a row, write --no-header", Tabular(data.Write("bare.csv", "1,2", "3,4"), "--label", "col1"));

    [Fact]
    public void TextAsNumber_NamesTheValue() => Refused("--goal regression predicts a number, but column 'Kind' also holds other values, such as '", Tabular(data.Table(), "--label", "Kind", "--goal", "regression"));

    [Fact]
    public void ALabelWithOneValue_IsNothingToLearn() => Refused("holds one value only, 'x'", Tabular(data.Write("one.csv", ["A,B", .. Enumerable.Range(0, 30).Select(i => $"{i * i},x")]), "--label", "B"));

    [Fact]
    public void ALabelThatDiffersInEachRow_IsNoClass() => Refused("too many for classes", Tabular(data.Table(), "--label", "Remark"));

    [Fact]
    public void AFolderWithOneClass_SaysHowToArrangeIt()
    {
        data.Pictures();
        Directory.Delete(data.PathOf("pictures/red"), recursive: true);
        foreach (var file in Directory.GetFiles(data.PathOf("pictures/blue")))
            File.Move(file, Path.Combine(Path.GetDirectoryName(file)!, $"cat.{Path.GetFileName(file)}"));
        Refused("has pictures of one class only, 'cat'", "train", "--task", "image-classification", "--data", data.PathOf("pictures"), "--out", "OUT");
    }

    [Fact]
    public void AClassWithTwoPictures_IsTooSmall() => Refused("Class 'blue' has 2 pictures, but each needs 3 or more", "train", "--task", "image-classification", "--data", data.Pictures(each: 2), "--out", "OUT");

    [Fact]
    public void AFile_IsNoFolderOfPictures() => Refused("is a file, but image-classification reads a folder", "train", "--task", "image-classification", "--data", data.Table(), "--out", "OUT");

    [Fact]
    public void ASeriesThatIsTooShort_SaysHowManyRowsFit() => Refused("has 60 rows, of which seven tenths are learnt from", "train", "--task", "forecasting", "--data", data.Hours(60), "--out", "OUT", "--time", "Time", "--target", "Sold", "--horizon", "24");

    [Fact]
    public void ATimeThatIsNone_IsNamed() => Refused("--time names column 'Shop', which does not hold times", "train", "--task", "forecasting", "--data", data.Hours(336, "north", "south"), "--out", "OUT", "--time", "Shop", "--target", "Sold", "--horizon", "2");

    [Fact]
    public void AFullFolder_IsNotWrittenOver()
    {
        Directory.CreateDirectory(data.Out);
        File.WriteAllText(Path.Combine(data.Out, "mine.txt"), "mine");
        Refused("is not empty: it has mine.txt. Name another folder, or write --force", Tabular(data.Table(), "--label", "Kind"));
    }

    [Fact]
    public void Force_WritesOverFilesOfTheSameNameAlone()
    {
        Directory.CreateDirectory(data.Out);
        File.WriteAllText(Path.Combine(data.Out, "mine.txt"), "mine");
        File.WriteAllText(Path.Combine(data.Out, "Program.cs"), "old");

        ToolRun.Succeeding("train", "--task", "tabular", "--data", data.Table(), "--out", data.Out, "--label", "Kind", "--epochs", "1", "--force");

        Assert.Equal("mine", File.ReadAllText(Path.Combine(data.Out, "mine.txt")));
        Assert.NotEqual("old", File.ReadAllText(Path.Combine(data.Out, "Program.cs")));
        Assert.True(File.Exists(Path.Combine(data.Out, "Model.mlnet")));
    }

    [Fact]
    public void AFileThatIsNoModel_IsSaidToBeNone() => Refused("is no model of ML.NET", "predict", "--model", data.Table(), "--data", data.Table());

    [Fact]
    public void NeitherDataNorInput_AsksForOne() => Refused("Give either --data or --input.", "predict", "--model", "x.mlnet");

    [Fact]
    public void AColumnThatTheModelReads_MustBeThere()
    {
        ToolRun.Succeeding("train", "--task", "tabular", "--data", data.Table(), "--out", data.PathOf("Flats"), "--label", "Kind", "--epochs", "1");

        Refused("has no column 'Size', which 'Flats.mlnet' reads. It has: A, B; the model reads: Size, Town, Balcony, Kind, Rent.", "predict", "--model", data.PathOf("Flats"), "--data", data.Write("other.csv", "A,B", "x,y"));
        Refused("--input names 'Colour', which the model does not read", "predict", "--model", data.PathOf("Flats"), "--input", """{"Colour": "red"}""");
        Refused("must be a JSON object with the columns", "predict", "--model", data.PathOf("Flats"), "--input", "Bern");
    }
}
