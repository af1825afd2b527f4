using System.Globalization;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>
/// A page about a trained network for people: what it was trained on and how, how that went, what it is made of and how good it is. One HTML file that needs nothing beside it,
/// legible in light and dark and on paper. <c>TrainingReport.Save(transformer, "report.html", metrics)</c> is the short way.
/// </summary>
public sealed class TrainingReport
{
    private readonly List<ReportedSet> sets = [];
    private readonly List<(string Caption, string Path)> pictures = [];

    /// <summary>Begins a page.</summary>
    /// <param name="transformer">The trained network; it stays the caller's.</param>
    public TrainingReport(DeepTransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        Transformer = transformer;
    }

    /// <summary>Gets what stands on top.</summary>
    /// <value>The default is "Training report".</value>
    public string Title { get; init; } = "Training report";

    internal DeepTransformer Transformer { get; }

    internal IReadOnlyList<ReportedSet> Sets => sets;

    internal IReadOnlyList<(string Caption, string Path)> Pictures => pictures;

    /// <summary>Writes a page without metrics of a test set.</summary>
    /// <param name="transformer">The trained network.</param>
    /// <param name="path">The file, ending in .html or .htm; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    public static void Save(DeepTransformer transformer, string path) => new TrainingReport(transformer).Save(path);

    /// <summary>Writes a page with what <c>mlContext.MulticlassClassification.Evaluate</c> said of the test set.</summary>
    /// <param name="transformer">The trained network.</param>
    /// <param name="path">The file, ending in .html or .htm; its folder must exist.</param>
    /// <param name="testMetrics">The metrics.</param>
    public static void Save(DeepTransformer transformer, string path, MulticlassClassificationMetrics testMetrics) => new TrainingReport(transformer).Add(testMetrics).Save(path);

    /// <summary>Writes a page with what <c>mlContext.BinaryClassification.Evaluate</c> said of the test set.</summary>
    /// <param name="transformer">The trained network.</param>
    /// <param name="path">The file, ending in .html or .htm; its folder must exist.</param>
    /// <param name="testMetrics">The metrics.</param>
    public static void Save(DeepTransformer transformer, string path, BinaryClassificationMetrics testMetrics) => new TrainingReport(transformer).Add(testMetrics).Save(path);

    /// <summary>Writes a page with what <c>mlContext.Regression.Evaluate</c> said of the test set.</summary>
    /// <param name="transformer">The trained network.</param>
    /// <param name="path">The file, ending in .html or .htm; its folder must exist.</param>
    /// <param name="testMetrics">The metrics.</param>
    public static void Save(DeepTransformer transformer, string path, RegressionMetrics testMetrics) => new TrainingReport(transformer).Add(testMetrics).Save(path);

    /// <summary>Adds a set's metrics, its confusion matrix and what was found of each class.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="set">The set's name.</param>
    /// <returns>This report.</returns>
    public TrainingReport Add(MulticlassClassificationMetrics metrics, string set = "test")
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Add(set, [("Accuracy", Share(metrics.MicroAccuracy)), ("Mean accuracy of the classes", Share(metrics.MacroAccuracy)), ("Log-loss", Number(metrics.LogLoss)),
            ("Log-loss reduction", Number(metrics.LogLossReduction))], metrics.ConfusionMatrix);
    }

    /// <inheritdoc cref="Add(MulticlassClassificationMetrics, string)"/>
    public TrainingReport Add(BinaryClassificationMetrics metrics, string set = "test")
    {
        ArgumentNullException.ThrowIfNull(metrics);
        List<(string, string)> figures = [("Accuracy", Share(metrics.Accuracy)), ("Area under the ROC curve", Number(metrics.AreaUnderRocCurve)), ("F1", Number(metrics.F1Score)),
            ("Precision of the positive class", Share(metrics.PositivePrecision)), ("Recall of the positive class", Share(metrics.PositiveRecall))];
        if (metrics is CalibratedBinaryClassificationMetrics calibrated)
            figures.Add(("Log-loss", Number(calibrated.LogLoss)));
        return Add(set, figures, metrics.ConfusionMatrix);
    }

    /// <summary>Adds a set's metrics.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="set">The set's name.</param>
    /// <returns>This report.</returns>
    public TrainingReport Add(RegressionMetrics metrics, string set = "test")
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Add(set, [("R²", Number(metrics.RSquared)), ("Mean absolute error", Number(metrics.MeanAbsoluteError)), ("Root mean squared error", Number(metrics.RootMeanSquaredError))], null);
    }

    /// <summary>Adds figures of your own about a set.</summary>
    /// <param name="figures">Names and values.</param>
    /// <param name="set">The set's name.</param>
    /// <returns>This report.</returns>
    public TrainingReport Add(IReadOnlyDictionary<string, double> figures, string set = "test")
    {
        ArgumentNullException.ThrowIfNull(figures);
        return Add(set, [.. figures.Select(item => (item.Key, Number(item.Value)))], null);
    }

    /// <summary>Adds a picture, which is copied into the page when it is saved.</summary>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="caption">What it shows.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">The file's name ends otherwise.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public TrainingReport AddPicture(string path, string caption)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(caption);
        ReportPage.MediaType(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no picture '{Path.GetFullPath(path)}'. Save it before it is added.", path);
        pictures.Add((caption, path));
        return this;
    }

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file, ending in .html or .htm; its folder must exist. A file that is there is replaced, once the new one is complete.</param>
    /// <exception cref="ArgumentException">The path ends otherwise.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Path.GetExtension(path).ToLowerInvariant() is not (".html" or ".htm"))
            throw new ArgumentException($"'{path}' does not end in .html, but a page would be written there. Write \"{Path.ChangeExtension(path, ".html")}\".", nameof(path));
        var page = ReportPage.Write(this);
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(page)));
    }

    private TrainingReport Add(string set, IReadOnlyList<(string, string)> figures, ConfusionMatrix? matrix)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(set);
        sets.Add(new ReportedSet(set, figures, matrix));
        return this;
    }

    internal static string Share(double value) => double.IsFinite(value) ? (value * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %" : Number(value);

    internal static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "N0" : "0.####", CultureInfo.InvariantCulture);
}

/// <summary>What is said of one set of rows.</summary>
internal sealed record ReportedSet(string Name, IReadOnlyList<(string Name, string Value)> Figures, ConfusionMatrix? Matrix);
