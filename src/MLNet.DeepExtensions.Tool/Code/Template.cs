namespace MLNet.DeepExtensions.Tool.Code;

/// <summary>What all templates of C# share.</summary>
internal static class Template
{
    /// <summary>The namespace of the generated class: not the class's own name, or the one would hide the other.</summary>
    public static string NamespaceOf(string name) => name + "Model";

    /// <summary>Moves all lines but the first to the right, for a place in a template that is indented itself.</summary>
    public static string Indent(string code, int spaces)
    {
        var margin = new string(' ', spaces);
        return string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select((line, number) => number == 0 || line.Length == 0 ? line : margin + line));
    }

    /// <summary>A whole file: line ends of one kind, one at its end.</summary>
    public static string Finish(string code) => code.ReplaceLineEndings("\n").TrimEnd() + "\n";
}
