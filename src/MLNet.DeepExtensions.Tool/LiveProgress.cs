using System.Globalization;
using Spectre.Console;

namespace MLNet.DeepExtensions.Tool;

/// <summary>Shows how training goes: in a terminal a table of epochs that grows, with a bar and the time that is left; elsewhere a line for each epoch.</summary>
/// <param name="screen">Where.</param>
/// <param name="metric">The validation figure beside the loss; null for none.</param>
internal sealed class LiveProgress(Screen screen, string? metric) : IProgress<RunProgress>
{
    private const int MostRows = 12, BarWidth = 40;

    private readonly List<string[]> epochs = [];
    private LiveDisplayContext? display;

    /// <summary>Runs something that trains, with the display around it.</summary>
    public T Show<T>(Func<T> train)
    {
        if (screen.Terminal is null)
            return train();
        return screen.Terminal.Live(new Text("Reading the data …")).Start(context =>
        {
            display = context;
            context.Refresh();
            return train();
        });
    }

    public void Report(RunProgress value)
    {
        if (value.Report is { } report)
        {
            var cells = Cells(report);
            epochs.Add(cells);
            if (display is null)
                screen.Out.WriteLine($"Epoch {cells[0]}  {string.Join("  ", Heads.Zip(cells).Skip(1).Select(pair => $"{pair.First} {pair.Second}"))}{Left(value)}");
        }
        display?.UpdateTarget(new Rows(Table(), new Text(Bar(value))));
    }

    private string[] Heads => metric is null ? ["epoch", "loss", "validation loss", "rows/s"] : ["epoch", "loss", "validation loss", $"validation {metric}", "rows/s"];

    private string[] Cells(EpochReport report)
    {
        var validation = report.Validation ?? new Dictionary<string, double>();
        string[] begin = [$"{report.Epoch}/{report.Epochs}", Number(report.Train["loss"]), Number(validation.GetValueOrDefault("loss", double.NaN))];
        return [.. begin, .. metric is null ? [] : new[] { Figure(validation.GetValueOrDefault(metric, double.NaN)) }, (report.Rows / report.Duration.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture)];
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var head in Heads)
            table.AddColumn(head);
        foreach (var row in epochs.TakeLast(MostRows))
            table.AddRow(row);
        return table;
    }

    private static string Bar(RunProgress value)
    {
        var done = (int)Math.Round(value.Share * BarWidth);
        return $"[{new string('#', done)}{new string('.', BarWidth - done)}] {value.Share.ToString("P0", CultureInfo.InvariantCulture)}  epoch {value.Epoch}/{value.Epochs}  loss {Number(value.Loss)}{Left(value)}  (Ctrl-C keeps the best so far)";
    }

    private static string Left(RunProgress value) => value.RunRemaining is { } left && left > TimeSpan.Zero ? $"  {left.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture)} left" : "";

    private string Figure(double value) => metric == "accuracy" ? value.ToString("P2", CultureInfo.InvariantCulture) : Number(value);

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "N0" : "0.0000", CultureInfo.InvariantCulture);
}
