using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Weights that a network starts from: a <c>.safetensors</c> file, what PyTorch's torch.save wrote (<c>.pth</c>, <c>.pt</c>, <c>.th</c>, the old form too), or those of another network.
/// A file is told by what it holds. No code in it is run: one that holds more than tensors and plain containers is refused.
/// Numbers of other types (half precision, for instance) are converted to the network's.
/// </summary>
public sealed record PretrainedWeights
{
    /// <summary>Names the file.</summary>
    /// <param name="path">Its path.</param>
    public PretrainedWeights(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
    }

    /// <summary>Takes a network's weights. They are copied into managed memory: the network may be trained on, or disposed.</summary>
    /// <param name="network">The network.</param>
    public PretrainedWeights(Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        this.network = new NetworkWeights(network);
    }

    private readonly NetworkWeights? network;

    /// <summary>Gets the path of the file; null where the weights are a network's.</summary>
    public string? Path { get; }

    /// <summary>Gets the classes that the last layer's outputs stand for, where they are known.</summary>
    internal IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Gets how the text that the weights were learnt from became tokens, where that is known: numbers of tokens mean nothing without it.</summary>
    internal TextTokenizer? Tokenizer { get; init; }

    /// <summary>Gets what tells these weights from others: the path, or a checksum.</summary>
    internal string Origin => Path ?? network!.Checksum;

    /// <summary>
    /// Gets whether every tensor of the network must be in the file and every tensor of the file in the network, with equal shapes.
    /// </summary>
    /// <value>The default, false, takes what fits and says in the log what did not; nothing at all that fits is an error. Batch norm's counters may be missing in both cases.</value>
    public bool Strict { get; init; }

    /// <summary>
    /// Gets what the names in the file begin with where the network's do not, such as <c>backbone.</c>
    /// </summary>
    /// <value>The default, null, finds it: <c>module.</c>, <c>state_dict.</c> and any other under which most names fit.</value>
    public string? Prefix { get; init; }

    /// <summary>Gives a network these weights.</summary>
    /// <param name="module">The network.</param>
    /// <param name="headPrefix">
    /// The name of its last layer: where that has another number of outputs, it keeps the weights that it has. Null is the layer of the last parameter.
    /// </param>
    /// <returns>What was loaded and what was not.</returns>
    /// <exception cref="InvalidModelFileException">The file is damaged, holds code, or does not fit.</exception>
    public WeightLoadReport LoadInto(Module module, string? headPrefix = null) => LoadInto(module, headPrefix, classes: null, name => name);

    /// <summary>Gives a network these weights. A last layer whose outputs stand for other classes, or for the same in another order, keeps the weights that it has.</summary>
    /// <param name="module">The network.</param>
    /// <param name="headPrefix">The name of its last layer.</param>
    /// <param name="classes">What its outputs stand for, where that is known.</param>
    /// <param name="nameOf">What a tensor of a published file is called in the network; null where it says nothing new.</param>
    internal WeightLoadReport LoadInto(Module module, string? headPrefix, IReadOnlyList<string>? classes, Func<string, string?> nameOf)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var file = Path is null ? network! : TensorFile.Open(Path);
        var place = WeightLoadReport.PlaceOf(Path);
        var otherClasses = Classes is not null && classes is not null && !Classes.SequenceEqual(classes);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var wanted = module.state_dict();
        var entries = Renamed(file.Entries, nameOf);
        var prefix = Prefix ?? CommonPrefix(entries.Keys, wanted.Keys);
        var found = entries.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);
        var head = headPrefix ?? LastLayer(module);
        List<string> loaded = [], missing = [], mismatched = [], replaced = [];
        var fits = new List<(Tensor Tensor, TensorEntry Entry)>();
        foreach (var (name, tensor) in wanted)
            if (!found.Remove(name, out var entry))
            {
                // files of other tools leave batch norm's counters out; they change no output
                if (!name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    missing.Add(ModuleWeights.Describe(name, tensor).ToString());
            }
            else if (otherClasses && name.StartsWith(head + ".", StringComparison.Ordinal))
                replaced.Add($"{name}: the classes {Show(Classes!)} in {place}, {Show(classes!)} here");
            else if (tensor.shape.SequenceEqual(entry.Shape))
            {
                fits.Add((tensor, entry));
                loaded.Add(name);
            }
            else if (name.StartsWith(head + ".", StringComparison.Ordinal) && tensor.shape.AsSpan(1).SequenceEqual(entry.Shape.Skip(1).ToArray()))
                replaced.Add($"{name}: {entry.Shape[0]:N0} outputs in {place}, {tensor.shape[0]:N0} here");
            else
                mismatched.Add($"{name}: [{string.Join(", ", entry.Shape)}] in {place}, [{string.Join(", ", tensor.shape)}] here");
        var report = new WeightLoadReport(Path, loaded, missing, [.. found.Select(entry => FileText.Shorten((entry.Value with { Name = entry.Key }).ToString()))], mismatched, replaced);
        if (loaded.Count == 0 || Strict && !report.IsComplete)
            throw new InvalidModelFileException($"{(loaded.Count == 0 ? "None of the weights fits the network." : "The weights do not fit the network exactly, as Strict asks.")} {report}");
        foreach (var (tensor, entry) in fits)
            Copy(file, entry, tensor);
        return report;
    }

    private static void Copy(TensorFile file, TensorEntry entry, Tensor target)
    {
        using var scope = NewDisposeScope();
        var type = ModuleWeights.TypeOf(entry);
        if (entry.Bytes == 0)
            return;
        if (entry.Bytes > int.MaxValue)
            throw new InvalidModelFileException($"The tensor '{FileText.Shorten(entry.Name)}' has {entry.Bytes:N0} bytes; at most {int.MaxValue:N0} are read at a time.");
        var values = empty(entry.Shape.ToArray(), dtype: type);
        file.Read(entry, values.bytes);
        target.copy_(values);
    }

    // a tensor that has its name already goes before one that is given it
    private static Dictionary<string, TensorEntry> Renamed(IReadOnlyList<TensorEntry> entries, Func<string, string?> nameOf)
    {
        var renamed = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        foreach (var (entry, name) in entries.Select(entry => (entry, Name: nameOf(entry.Name))).OrderBy(pair => pair.Name == pair.entry.Name ? 0 : 1))
            if (name is not null)
                renamed.TryAdd(name, entry);
        return renamed;
    }

    // what stands before the network's names in most of the file's
    private static string CommonPrefix(IEnumerable<string> entries, IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in entries)
            for (var start = 0; start >= 0; start = entry.IndexOf('.', start) is >= 0 and var dot ? dot + 1 : -1)
                if (wanted.Contains(entry[start..]))
                    counts[entry[..start]] = counts.GetValueOrDefault(entry[..start]) + 1;
        return counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Length).ThenBy(pair => pair.Key, StringComparer.Ordinal).FirstOrDefault().Key ?? "";
    }

    private static string Show(IReadOnlyList<string> classes) =>
        string.Join(", ", classes.Take(5).Select(FileText.Shorten)) + (classes.Count > 5 ? $" and {classes.Count - 5:N0} more" : "");

    internal static string LastLayer(Module module)
    {
        var name = module.named_parameters().Select(parameter => parameter.name).LastOrDefault() ?? "";
        return name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name;
    }
}
