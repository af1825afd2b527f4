using System.Runtime.CompilerServices;
using Xunit.v3;

namespace MLNet.DeepExtensions.Tests;

/// <summary>A fact that takes over ten seconds: it runs on CI, or where somebody asks for it, and has the trait Category=Slow.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlowFactAttribute : FactAttribute, ITraitAttribute
{
    public SlowFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = Slow.Skip;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => Slow.Traits;
}

/// <summary>A theory that takes over ten seconds: it runs on CI, or where somebody asks for it, and has the trait Category=Slow.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlowTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public SlowTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = Slow.Skip;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => Slow.Traits;
}

file static class Slow
{
    public static readonly KeyValuePair<string, string>[] Traits = [new("Category", "Slow")];

    public static string? Skip =>
        Environment.GetEnvironmentVariable("DEEPEXTENSIONS_SLOW") == "1" || Environment.GetEnvironmentVariable("CI") == "true"
            ? null
            : "takes over ten seconds; include it with DEEPEXTENSIONS_SLOW=1 dotnet test";
}
