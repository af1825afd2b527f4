using System.Reflection;
using PublicApiGenerator;

namespace MLNet.DeepExtensions.Tests.Conventions;

/// <summary>The public surface is a reviewed file: it changes in the commit that changes the API.</summary>
public class PublicApi
{
    [Theory]
    [InlineData("MLNet.DeepExtensions.Core")]
    [InlineData("MLNet.DeepExtensions")]
    [InlineData("MLNet.DeepExtensions.Reporting")]
    [InlineData("MLNet.DeepExtensions.Onnx")]
    [InlineData("MLNet.DeepExtensions.AspNetCore")]
    public void PublicSurface_IsTheApprovedOne(string name)
    {
        // the generator leaves out what lies in Microsoft.*, which is where our extension methods are
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] };
        var actual = Assembly.Load(name).GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var approvedFile = Repository.PathOf("src", name, "PublicApi.approved.txt");
        var approved = File.Exists(approvedFile) ? File.ReadAllText(approvedFile).ReplaceLineEndings("\n") : "";
        if (actual == approved)
            return;
        var received = Path.Combine(AppContext.BaseDirectory, $"{name}.PublicApi.received.txt");
        File.WriteAllText(received, actual);
        Assert.Fail($"The public API of {name} changed. If that is meant, copy {received} over src/{name}/PublicApi.approved.txt and commit both together.\n" + FirstDifference(approved, actual));
    }

    [Fact]
    public void TheTool_IsACommandLineAndNoLibrary() => Assert.Empty(Assembly.Load("mldeep").GetExportedTypes());

    private static string FirstDifference(string approved, string actual)
    {
        var (a, b) = (approved.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(a.Length, b.Length)).First(i => i >= a.Length || i >= b.Length || a[i] != b[i]);
        return $"First difference in line {line + 1}:\n  approved: {(line < a.Length ? a[line] : "(end)")}\n  now:      {(line < b.Length ? b[line] : "(end)")}";
    }
}
