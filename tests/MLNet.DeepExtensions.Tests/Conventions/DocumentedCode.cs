using System.Text.RegularExpressions;

namespace MLNet.DeepExtensions.Tests.Conventions;

/// <summary>Documents show code that compiles: each C# block equals the region of a compiled file that the comment above it names.</summary>
public partial class DocumentedCode
{
    public static TheoryData<string> Documents =>
    [
        "README.md",
        .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.PathOf("src"), "PACKAGE.md", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Documents))]
    public void EveryCSharpBlock_IsARegionOfCompiledCode(string document)
    {
        var text = File.ReadAllText(Repository.PathOf(document)).ReplaceLineEndings("\n");
        foreach (Match block in Block().Matches(text))
        {
            Assert.True(block.Groups["source"].Success, $"A C# block in {document} has no <!-- snippet: FILE#REGION --> line above it:\n{block.Groups["code"].Value}");
            var expected = Region(block.Groups["source"].Value, block.Groups["region"].Value);
            Assert.Equal(expected, block.Groups["code"].Value.Trim('\n'));
        }
    }

    [Fact]
    public void GettingStarted_ShowsCode() => Assert.Matches(Block(), File.ReadAllText(Repository.PathOf("docs", "getting-started.md")));

    private static string Region(string file, string name)
    {
        var lines = File.ReadAllLines(Repository.PathOf(file)).ToList();
        // what follows the name is a remark, as in "#region train    // shown in docs/getting-started.md"
        var start = lines.FindIndex(line => line.Trim() is var trimmed && (trimmed == $"#region {name}" || trimmed.StartsWith($"#region {name} ", StringComparison.Ordinal)));
        Assert.True(start >= 0, $"{file} has no #region {name}.");
        var end = lines.FindIndex(start, line => line.TrimStart().StartsWith("#endregion", StringComparison.Ordinal));
        var body = lines[(start + 1)..end];
        var indent = body.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', body.Select(line => line.Length >= indent ? line[indent..].TrimEnd() : "")).Trim('\n');
    }

    [GeneratedRegex(@"(?:<!-- snippet: (?<source>[^#\s]+)#(?<region>\S+) -->\n)?```(?:csharp|cs|c#)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
