using System.Net;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>Writes HTML; whatever is text goes through <see cref="Encode"/>.</summary>
internal sealed class Html
{
    private readonly StringBuilder text = new();

    public Html Raw(string html)
    {
        text.Append(html).Append('\n');
        return this;
    }

    public Html Heading(int level, string title) => Raw($"<h{level}>{Encode(title)}</h{level}>");

    public Html Paragraph(string words, string? kind = null) => Raw($"<p{(kind is null ? "" : $" class=\"{kind}\"")}>{Encode(words)}</p>");

    /// <summary>A table; numbers, which stand to the right, are in the columns that are named so.</summary>
    public Html Table(IReadOnlyList<string>? heads, IEnumerable<IReadOnlyList<string>> rows, IReadOnlySet<int> numbers)
    {
        Raw("<div class=\"wide\"><table>");
        if (heads is not null)
            Raw($"<thead><tr>{string.Concat(heads.Select((head, i) => $"<th{Kind(i)}>{Encode(head)}</th>"))}</tr></thead>");
        Raw("<tbody>");
        foreach (var row in rows)
            Raw($"<tr>{string.Concat(row.Select((cell, i) => $"<td{Kind(i)}>{Encode(cell)}</td>"))}</tr>");
        return Raw("</tbody></table></div>");

        string Kind(int column) => numbers.Contains(column) ? " class=\"number\"" : "";
    }

    public Html Pairs(IEnumerable<(string Name, string Value)> pairs)
    {
        Raw("<dl>");
        foreach (var (name, value) in pairs)
            Raw($"<div><dt>{Encode(name)}</dt><dd>{Encode(value)}</dd></div>");
        return Raw("</dl>");
    }

    public Html Picture(ReadOnlySpan<byte> bytes, string mediaType, string caption) =>
        Raw($"<figure><img alt=\"{Encode(caption)}\" src=\"data:{mediaType};base64,{Convert.ToBase64String(bytes)}\"><figcaption>{Encode(caption)}</figcaption></figure>");

    public override string ToString() => text.ToString();

    /// <summary>Text as HTML, also in an attribute. Control characters, which a page must not hold, and halves of surrogate pairs become replacement characters.</summary>
    public static string Encode(string words)
    {
        var clean = new StringBuilder(words.Length);
        foreach (var rune in words.EnumerateRunes())
            clean.Append(Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? "\ufffd" : rune.ToString());
        return WebUtility.HtmlEncode(clean.ToString());
    }
}
