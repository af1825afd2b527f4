using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>What of a file of weights, or of another network's, went into a network. As text it is a summary with the names.</summary>
/// <param name="Path">The file; null where the weights came from a network.</param>
/// <param name="Loaded">The names of the tensors that were loaded.</param>
/// <param name="Missing">Tensors of the network that the file, or the other network, lacks.</param>
/// <param name="Unexpected">Tensors of the file, or of the other network, that the network lacks.</param>
/// <param name="Mismatched">Tensors of another shape.</param>
/// <param name="ReplacedHead">Tensors of the last layer that kept their own weights because the number of outputs, or the classes, differ.</param>
public sealed record WeightLoadReport(string? Path, IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected,
    IReadOnlyList<string> Mismatched, IReadOnlyList<string> ReplacedHead)
{
    private const int NamesShown = 8;

    /// <summary>Gets whether the file and the network fit exactly.</summary>
    public bool IsComplete => Missing.Count + Unexpected.Count + Mismatched.Count + ReplacedHead.Count == 0;

    /// <summary>How messages call what the weights come from.</summary>
    internal static string PlaceOf(string? path) => path is null ? "the fitted network" : "the file";

    /// <inheritdoc/>
    public override string ToString()
    {
        var place = PlaceOf(Path);
        var text = new StringBuilder($"{Loaded.Count:N0} tensors were loaded from {(Path is null ? place : $"'{Path}'")}.");
        Add("The head is new", ReplacedHead);
        Add($"Missing in {place}", Missing);
        Add($"Unexpected in {place}", Unexpected);
        Add("Of another shape", Mismatched);
        return text.ToString();

        void Add(string title, IReadOnlyList<string> names)
        {
            if (names.Count > 0)
                text.Append($"\n  {title}: {string.Join("; ", names.Take(NamesShown))}{(names.Count > NamesShown ? $"; and {names.Count - NamesShown:N0} more" : "")}.");
        }
    }
}
