using Spectre.Console;

namespace MLNet.DeepExtensions.Tool;

/// <summary>Where results and messages go: a terminal, or plain lines.</summary>
/// <param name="Out">Takes results, which other programs may read.</param>
/// <param name="Error">Takes what went wrong.</param>
/// <param name="Terminal">Draws colours and live tables; null where nobody looks, as in a pipe or a log.</param>
internal sealed record Screen(TextWriter Out, TextWriter Error, IAnsiConsole? Terminal = null)
{
    public static Screen OfConsole() => new(Console.Out, Console.Error,
        AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? AnsiConsole.Console : null);

    /// <summary>Writes a table: drawn in a terminal, columns set apart by spaces elsewhere.</summary>
    public void Table(IReadOnlyList<string> heads, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (Terminal is not null)
        {
            var table = new Table().Border(TableBorder.Simple);
            foreach (var head in heads)
                table.AddColumn(Markup.Escape(head));
            if (heads.All(head => head.Length == 0))
                table.HideHeaders();
            foreach (var row in rows)
                table.AddRow([.. row.Select(Markup.Escape)]);
            Terminal.Write(table);
            return;
        }
        var all = heads.All(head => head.Length == 0) ? rows : [heads, .. rows];
        var widths = heads.Select((_, column) => all.Max(row => row[column].Length)).ToList();
        foreach (var row in all)
            Out.WriteLine("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
