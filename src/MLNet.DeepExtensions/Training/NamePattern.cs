using System.Text.RegularExpressions;

namespace MLNet.DeepExtensions;

/// <summary>Names of parameters by pattern: <c>*</c> stands for anything, dots included, and a name alone for all that lies below it: <c>layer4</c> is <c>layer4.*</c> too.</summary>
internal sealed class NamePattern(string pattern)
{
    private readonly Regex regex = new("^" + Regex.Escape(pattern).Replace("\\*", ".*") + "(\\..*)?$", RegexOptions.CultureInvariant);

    public bool Matches(string name) => regex.IsMatch(name);

    /// <exception cref="ArgumentException">The pattern fits none of the names.</exception>
    public static IReadOnlyList<NamePattern> Check(IEnumerable<string> patterns, IEnumerable<string> names, string option)
    {
        var all = names.ToList();
        var checkedOnes = new List<NamePattern>();
        foreach (var text in patterns)
        {
            var one = new NamePattern(text);
            if (!all.Any(one.Matches))
                throw new ArgumentException($"{option}: '{text}' fits no parameter. The network's layers are: {string.Join(", ", Layers(all))}. Use a layer's name, or a pattern such as 'layer4.*' or '*.bias'.", "options");
            checkedOnes.Add(one);
        }
        return checkedOnes;
    }

    // features.0.weight → features.0; at most a screenful
    private static IEnumerable<string> Layers(List<string> names)
    {
        var layers = names.Select(name => name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name).Distinct().ToList();
        if (layers.Count > 24)
            layers = [.. names.Select(name => string.Join('.', name.Split('.').Take(2))).Distinct()];
        return layers.Count > 24 ? [.. layers.Take(24), "…"] : layers;
    }
}
