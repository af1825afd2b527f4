using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Reporting;

[Collection(nameof(Alone))]
public sealed class TrainingReportTests : IDisposable
{
    private const string Evil = "<script>alert(1)</script>";

    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("report").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    [Fact]
    public void Page_SaysWhatWasTrained_OnWhat_AndHowGoodItIs()
    {
        var (model, metrics) = Classifier();
        using var _ = model;
        TrainingReport.Save(model, At("report.html"), metrics);
        var page = File.ReadAllText(At("report.html"));
        var text = Text(page);
        Assert.Contains("Accuracy, test", text);
        Assert.Contains(TrainingReport.Share(metrics.MicroAccuracy), text);
        Assert.Contains("seed 1", text);
        Assert.Matches(@"training 48\b", text);
        Assert.Matches(@"validation 12\b", text);
        Assert.Matches(@"test 30\b", text);
        Assert.Contains("Features Vector<Single, 4> features", text);
        Assert.Contains("├─ fc1 (Linear) [N, 16] 80 yes 64", text);
        Assert.Contains("optimizer.learningRate 0.02", text);
        Assert.Contains("batchSize 16", text);
        Assert.Contains("TorchSharp 0.107.0", text);
        Assert.Contains("threads", text);
        Assert.Contains("kind 0 10", text);
        Assert.Equal(2, Regex.Count(page, "<img [^>]*src=\"data:image/png;base64,iVBOR"));
        Assert.All(model.History.Epochs, epoch => Assert.Contains(TrainingReport.Number(epoch.Validation!["loss"]), text));
    }

    [Fact]
    public void Page_IsWellFormed_AndAsksForNothingOutside()
    {
        var (model, metrics) = Classifier();
        using var _ = model;
        TrainingReport.Save(model, At("report.html"), metrics);
        var page = File.ReadAllText(At("report.html"));
        // what browsers may close by themselves is closed for the XML reader
        XDocument.Parse(Regex.Replace(page.Replace("<!DOCTYPE html>", ""), "<((?:meta|img) [^>]*)>", "<$1/>").Replace("<details open>", "<details>"));
        Assert.DoesNotMatch("(?i)(https?:|//[a-z]|<link|<script|@import|url\\()", Regex.Replace(page, "base64,[^\"]*", ""));
        Assert.Equal(new FileInfo(At("report.html")).Length, System.Text.Encoding.UTF8.GetByteCount(page));
    }

    [Fact]
    public void NamesOfClassesAndColumns_AreText_NeverHtml()
    {
        var (model, metrics) = Classifier(prefix: Evil);
        using var _ = model;
        var picture = At("picture.png");
        Matrices.Diagonal(2).SavePicture(picture);
        new TrainingReport(model) { Title = Evil + "\0\ud800" }.Add(metrics, Evil).Add(new Dictionary<string, double> { [Evil] = 1 }).AddPicture(picture, "\" onload=\"alert(1)" + Evil).Save(At("report.html"));
        var page = File.ReadAllText(At("report.html"));
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("\" onload", page);
        Assert.DoesNotContain('\0', page);
        Assert.True(Regex.Count(page, "&lt;script&gt;alert\\(1\\)&lt;/script&gt;") >= 8);
    }

    [Fact]
    public void Regression_AndTwoClasses_HaveTheirFigures()
    {
        var rows = Enumerable.Range(0, 60).Select(i => new House { Features = [i / 60f, i % 7 / 7f, 1], Price = 1000 + 50 * i, Sold = i % 3 == 0 }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        using (var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [8] }, Blobs.Options, labelColumnName: "Price").Fit(data))
        {
            var metrics = ml.Regression.Evaluate(model.Transform(data), labelColumnName: "Price");
            TrainingReport.Save(model, At("regression.html"), metrics);
            var text = Text(File.ReadAllText(At("regression.html")));
            Assert.Contains($"R² {TrainingReport.Number(metrics.RSquared)}", text);
            Assert.Contains("rmse", text);
        }
        using var answers = ml.BinaryClassification.Trainers.Deep(new Mlp { HiddenSizes = [8] }, Blobs.Options, labelColumnName: "Sold").Fit(data);
        var binary = ml.BinaryClassification.Evaluate(answers.Transform(data), labelColumnName: "Sold");
        TrainingReport.Save(answers, At("binary.html"), binary);
        var page = Text(File.ReadAllText(At("binary.html")));
        Assert.Contains($"Area under the ROC curve {TrainingReport.Number(binary.AreaUnderRocCurve)}", page);
        Assert.Contains($"positive 20 {TrainingReport.Share(binary.PositivePrecision)} {TrainingReport.Share(binary.PositiveRecall)}", page);
    }

    [Fact]
    public void ModelOfAFile_HasTheSamePage()
    {
        var (model, metrics) = Classifier();
        using (model)
        {
            TrainingReport.Save(model, At("before.html"), metrics);
            ml.Model.Save(model, null, At("model.zip"));
        }
        using var loaded = (DeepTransformer)new MLContext().Model.Load(At("model.zip"), out _);
        TrainingReport.Save(loaded, At("after.html"), metrics);
        Assert.Equal(File.ReadAllText(At("before.html")), File.ReadAllText(At("after.html")));
    }

    [Fact]
    public void ModelOfAnOlderVersion_HasAPageWithoutWhatItDoesNotKnow()
    {
        var chain = (IEnumerable<ITransformer>)ml.Model.Load(Path.Combine(AppContext.BaseDirectory, "Fixtures", "format-1.zip"), out _);
        using var model = chain.OfType<DeepTransformer>().Single();
        Assert.Null(model.History.Run);
        TrainingReport.Save(model, At("old.html"));
        var text = Text(File.ReadAllText(At("old.html")));
        Assert.Contains("Mlp", text);
        Assert.DoesNotContain("Environment", text);
    }

    [Fact]
    public void RunWithoutAnEpoch_HasAPageToo()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        using var model = Blobs.Pipeline(ml, Blobs.Options with { CancellationToken = source.Token }).Fit(Blobs.View(ml, 60)).LastTransformer;
        TrainingReport.Save(model, At("none.html"));
        Assert.Contains("No epoch ended", File.ReadAllText(At("none.html")));
    }

    [Fact]
    public void WrongPaths_SayWhatToWrite()
    {
        var (model, metrics) = Classifier();
        using var _ = model;
        Assert.Contains("report.html\"", Assert.Throws<ArgumentException>(() => TrainingReport.Save(model, At("report.pdf"), metrics)).Message);
        Assert.Contains("Directory.CreateDirectory", Assert.Throws<DirectoryNotFoundException>(() => TrainingReport.Save(model, At("no/report.html"), metrics)).Message);
        Assert.Contains("Save it before", Assert.Throws<FileNotFoundException>(() => new TrainingReport(model).AddPicture(At("x.png"), "x")).Message);
        Assert.Contains("in .jpg", Assert.Throws<ArgumentException>(() => new TrainingReport(model).AddPicture(At("x.svg"), "x")).Message);
        Assert.Empty(Directory.GetFiles(folder));
    }

    private (DeepTransformer Model, MulticlassClassificationMetrics Metrics) Classifier(string prefix = "")
    {
        IDataView View(int count, int seed) => ml.Data.LoadFromEnumerable(Blobs.Rows(count, seed).Select(row => new Blobs.Row { Label = prefix + row.Label, Features = row.Features, Number = row.Number }));
        var chain = Blobs.Pipeline(ml, Blobs.Options with { ValidationFraction = 0.2 }).Fit(View(60, 7));
        return (chain.LastTransformer, ml.MulticlassClassification.Evaluate(chain.Transform(View(30, 8))));
    }

    // as a reader sees it: without tags, each run of white space one blank
    private static string Text(string page) =>
        Regex.Replace(System.Net.WebUtility.HtmlDecode(Regex.Replace(Regex.Replace(page, "base64,[^\"]*|<style>[\\s\\S]*?</style>", ""), "<[^>]+>", " ")), "\\s+", " ");

    private sealed class House
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public float Price { get; set; }

        public bool Sold { get; set; }
    }
}
