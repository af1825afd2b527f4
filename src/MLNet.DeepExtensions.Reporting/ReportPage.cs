using System.Globalization;

namespace MLNet.DeepExtensions;

/// <summary>Puts a report's page together, section by section.</summary>
internal static class ReportPage
{
    // beyond these a table of classes, or a picture of them, helps nobody
    private const int MostClasses = 200, MostClassesDrawn = 1000;

    public static string Write(TrainingReport report)
    {
        var model = report.Transformer.Model;
        var history = model.History;
        var summary = model.Summary();
        var page = new Html()
            .Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Raw($"<title>{Html.Encode(report.Title)}</title>\n<style>\n{ReportStyle.Css}\n</style>\n</head>\n<body>\n<main>")
            .Heading(1, report.Title).Paragraph(Subtitle(summary.Name, history), "quiet");
        Tiles(page, report, history, summary);
        Results(page, report, history);
        Curves(page, history);
        foreach (var set in report.Sets.Where(set => set.Matrix is not null))
            Confusion(page, set);
        if (report.Pictures.Count > 0)
            page.Heading(2, "Pictures");
        foreach (var (caption, path) in report.Pictures)
            page.Picture(File.ReadAllBytes(path), MediaType(path), caption);
        Data(page, report, history);
        Network(page, model, summary);
        Settings(page, history);
        Epochs(page, history);
        return page.Raw("</main>\n</body>\n</html>").ToString();
    }

    /// <exception cref="ArgumentException">It is neither a PNG nor a JPEG file's name.</exception>
    public static string MediaType(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        _ => throw new ArgumentException($"'{path}' ends neither in .png nor in .jpg: a page can show these.", nameof(path)),
    };

    private static string Subtitle(string network, TrainingHistory history) =>
        history.Run is { } run ? $"{network}, trained {run.Started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} with seed {run.Seed}" : network;

    private static void Tiles(Html page, TrainingReport report, TrainingHistory history, ModelSummary summary)
    {
        List<(string Value, string Name)> tiles = [];
        if (report.Sets.Count > 0)
            tiles.AddRange(report.Sets[0].Figures.Take(2).Select(figure => (figure.Value, $"{figure.Name}, {report.Sets[0].Name}")));
        else if (history.BestEpoch > 0 && history.BestEpoch <= history.Epochs.Count)
            tiles.AddRange((history.Epochs[history.BestEpoch - 1].Validation ?? history.Epochs[history.BestEpoch - 1].Train).Take(2)
                .Select(item => (TrainingReport.Number(item.Value), $"{item.Key}, {(history.Epochs[history.BestEpoch - 1].Validation is null ? "training" : "validation")}")));
        if ((history.Run?.TrainingRows ?? history.Epochs.LastOrDefault()?.Rows) is { } rows)
            tiles.Add((Count(rows), "training rows"));
        tiles.Add((Short(summary.Parameters), "parameters"));
        tiles.Add((Count(history.Epochs.Count), "epochs"));
        tiles.Add((Duration(history.Epochs.Aggregate(history.IngestTime, (sum, epoch) => sum + epoch.Duration)), "reading and training"));
        page.Raw("<div class=\"tiles\">");
        foreach (var (value, name) in tiles)
            page.Raw($"<div class=\"tile\"><b>{Html.Encode(value)}</b><span>{Html.Encode(name)}</span></div>");
        page.Raw("</div>");
    }

    private static void Results(Html page, TrainingReport report, TrainingHistory history)
    {
        var best = history.Epochs.FirstOrDefault(epoch => epoch.Epoch == history.BestEpoch);
        if (report.Sets.Count == 0 && best is null)
            return;
        page.Heading(2, "Results");
        foreach (var set in report.Sets)
            page.Heading(3, $"On the {set.Name} set").Pairs(set.Figures);
        if (best is null)
            return;
        page.Heading(3, $"In training, epoch {best.Epoch}, whose weights the model has");
        page.Table(["Metric", "Training", .. best.Validation is null ? (string[])[] : ["Validation"]],
            best.Train.Select(item => (IReadOnlyList<string>)[item.Key, TrainingReport.Number(item.Value),
                .. best.Validation is { } values ? (string[])[values.TryGetValue(item.Key, out var value) ? TrainingReport.Number(value) : ""] : []]), Columns(1, 2));
        if (history.Stopped != StopReason.Completed)
            page.Paragraph(history.Stopped switch
            {
                StopReason.Requested => "The run was ended before its last epoch by a callback, such as early stopping.",
                StopReason.LimitReached => "The run ended when its limit of steps or time was reached.",
                _ => "The run was cancelled; the model has the best weights up to then.",
            });
    }

    private static void Curves(Html page, TrainingHistory history)
    {
        page.Heading(2, "Learning curves");
        if (history.Epochs.Count == 0)
            page.Paragraph("No epoch ended, so there is nothing to draw.");
        else
            page.Picture(LearningCurve.Encode(history, null), "image/png", $"Loss and metrics of {Plural(history.Epochs.Count, "epoch")}.");
    }

    private static void Confusion(Html page, ReportedSet set)
    {
        var matrix = set.Matrix!;
        page.Heading(2, $"Which class was taken for which, {set.Name} set");
        if (matrix.NumberOfClasses > MostClassesDrawn)
        {
            page.Paragraph($"{Count(matrix.NumberOfClasses)} classes are too many to draw.");
            return;
        }
        page.Raw("<div class=\"matrix\">")
            .Picture(ConfusionMatrixPicture.Encode(matrix, null, null), "image/png", "A row for each actual class, a column for each predicted one; the colour is the share of the row.").Raw("</div>");
        var names = Interop.MetricDoors.ClassNamesOf(matrix);
        if (names.Count > MostClasses)
            return;
        var rows = names.Select((name, i) => (IReadOnlyList<string>)[name, Count((long)matrix.Counts[i].Sum()), TrainingReport.Share(matrix.PerClassPrecision[i]), TrainingReport.Share(matrix.PerClassRecall[i])]);
        page.Raw($"<details{(names.Count <= 20 ? " open" : "")}><summary>Each class</summary>").Table(["Class", "Rows", "Precision", "Recall"], rows, Columns(1, 2, 3)).Raw("</details>");
    }

    private static void Data(Html page, TrainingReport report, TrainingHistory history)
    {
        page.Heading(2, "Data");
        List<IReadOnlyList<string>> sizes = [];
        if ((history.Run?.TrainingRows ?? history.Epochs.LastOrDefault()?.Rows) is { } rows)
            sizes.Add(["training", Count(rows)]);
        if (history.Run?.ValidationRows is { } validation)
            sizes.Add(["validation", Count(validation)]);
        sizes.AddRange(report.Sets.Where(set => set.Matrix is not null).Select(set => (IReadOnlyList<string>)[set.Name, Count((long)set.Matrix!.Counts.Sum(row => row.Sum()))]));
        page.Table(["Set", "Rows"], sizes, Columns(1));
        if (history.Run is { Columns.Count: > 0 } run)
            page.Heading(3, "Columns that the trainer saw").Table(["Column", "Type", "Role"], run.Columns.Select(column => (IReadOnlyList<string>)[column.Name, column.Type, column.Role ?? ""]), Columns());
    }

    private static void Network(Html page, DeepModel model, ModelSummary summary)
    {
        page.Heading(2, "Network");
        var labels = model.Labels.Count == 0 ? "" : $", {Plural(model.Labels.Count, "class", "classes")}";
        page.Paragraph($"One example is {summary.Input}{labels}. {Count(summary.Parameters)} parameters ({ModelSummaryTable.Size(summary.ParameterBytes)}), {Count(summary.TrainableParameters)} of them trainable; " +
            $"{Short(summary.MultAdds)} multiplications and additions for one example; about {ModelSummaryTable.Size(summary.ActivationBytes)} of activations and gradients for each row of a batch.");
        var layers = new Html().Table(ModelSummaryTable.Heads, ModelSummaryTable.Cells(summary), Columns(2, 4));
        var isLong = summary.Rows.Count > 40;
        page.Raw(isLong ? $"<details><summary>{Plural(summary.Rows.Count, "layer")}</summary>" : "").Raw("<div class=\"layers\">").Raw(layers.ToString()).Raw("</div>").Raw(isLong ? "</details>" : "");
    }

    private static void Settings(Html page, TrainingHistory history)
    {
        if (history.Run is not { } run)
            return;
        page.Heading(2, "Settings").Pairs(run.Settings.Select(item => (item.Key, item.Value)).Prepend(("seed", run.Seed.ToString(CultureInfo.InvariantCulture))));
        page.Heading(2, "Environment").Pairs(run.Environment.Select(item => (item.Key, item.Value))
            .Append(("started", run.Started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture))).Append(("duration", Duration(run.Duration))));
    }

    private static void Epochs(Html page, TrainingHistory history)
    {
        if (history.Epochs.Count == 0)
            return;
        var metrics = LearningCurve.MetricsOf(history);
        var hasValidation = history.Epochs.Any(epoch => epoch.Validation is not null);
        List<string> heads = ["Epoch", .. metrics.Select(metric => metric), .. hasValidation ? metrics.Select(metric => "validation " + metric) : [], "Learning rate", "Seconds"];
        string Value(IReadOnlyDictionary<string, double>? values, string name) => values is not null && values.TryGetValue(name, out var value) ? TrainingReport.Number(value) : "";
        page.Heading(2, "Epochs").Raw($"<details{(history.Epochs.Count <= 30 ? " open" : "")}><summary>{Plural(history.Epochs.Count, "epoch")}</summary>")
            .Table(heads, history.Epochs.Select(epoch => (IReadOnlyList<string>)[Count(epoch.Epoch), .. metrics.Select(metric => Value(epoch.Train, metric)),
                .. hasValidation ? metrics.Select(metric => Value(epoch.Validation, metric)) : [],
                epoch.LearningRate.ToString("0.######", CultureInfo.InvariantCulture), epoch.Duration.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)]), Enumerable.Range(0, heads.Count).ToHashSet())
            .Raw("</details>");
    }

    private static HashSet<int> Columns(params ReadOnlySpan<int> numbers) => [.. numbers];

    private static string Plural(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Short(long value) => value switch
    {
        >= 1_000_000_000 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " billion",
        >= 1_000_000 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " million",
        _ => Count(value),
    };

    private static string Duration(TimeSpan time) => time.TotalSeconds < 60 ? time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s" : RunProgress.Clock(time);
}
