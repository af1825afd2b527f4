using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>What an adapter learnt (<see cref="Lora"/>), in managed memory: nothing to dispose. Saved as a folder in the layout of Hugging Face's PEFT.</summary>
public sealed class AdapterWeights
{
    internal const string NameOfA = "lora_A", NameOfB = "lora_B";

    private readonly Dictionary<string, (TensorEntry Entry, byte[] Values)> tensors;

    internal AdapterWeights(int rank, double alpha, IEnumerable<(TensorEntry Entry, byte[] Values)> tensors)
    {
        (Rank, Alpha) = (rank, alpha);
        this.tensors = tensors.ToDictionary(tensor => tensor.Entry.Name, StringComparer.Ordinal);
        Layers = [.. this.tensors.Keys.Where(name => name.EndsWith(A(""), StringComparison.Ordinal)).Select(name => name[..^A("").Length]).Order(StringComparer.Ordinal)];
        AlsoTrained = [.. this.tensors.Keys.Except(Layers.SelectMany(layer => new[] { A(layer), B(layer) })).Order(StringComparer.Ordinal)];
    }

    /// <summary>Gets the rank of what is added to a layer.</summary>
    public int Rank { get; }

    /// <summary>Gets how much it counts: it is multiplied by alpha / rank.</summary>
    public double Alpha { get; }

    /// <summary>Gets the layers that something is added to, by their names in the network.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>Gets the parameters that were trained themselves.</summary>
    public IReadOnlyList<string> AlsoTrained { get; }

    /// <summary>Gets how many numbers there are.</summary>
    public long ParameterCount => tensors.Values.Sum(tensor => tensor.Entry.Shape.Aggregate(1L, (product, size) => product * size));

    internal IEnumerable<(TensorEntry Entry, byte[] Values)> Tensors => tensors.Values;

    internal string Checksum
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var (entry, values) in tensors.Values.OrderBy(tensor => tensor.Entry.Name, StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(entry.ToString()));
                hash.AppendData(values);
            }
            return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    internal static string A(string layer) => $"{layer}.{NameOfA}.weight";

    internal static string B(string layer) => $"{layer}.{NameOfB}.weight";

    /// <summary>Writes <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, some megabytes where the network has hundreds.</summary>
    /// <param name="folder">The folder; it is made where there is none. Each file is replaced only when all of it is written.</param>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AdapterFolder.Write(folder, this);
    }

    /// <summary>Reads a folder that <see cref="Save"/> wrote, or PEFT.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The adapter: for <see cref="Lora.Weights"/>, to go on, or for <see cref="MergeInto"/>.</returns>
    /// <exception cref="InvalidModelFileException">A file is not there, is damaged, or is of another kind of adapter.</exception>
    public static AdapterWeights Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return AdapterFolder.Read(folder);
    }

    /// <summary>Adds it to a network of the same architecture with the weights from which it was trained: the network is then what training it gave.</summary>
    /// <param name="network">The network, such as <see cref="DeepTransformer.Module"/>. Do so once.</param>
    /// <exception cref="InvalidModelFileException">The adapter is another network's; nothing has been changed then.</exception>
    public void MergeInto(Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var wanted = network.state_dict();
        Check(wanted, Layers.Select(layer => ($"{layer}.weight", new[] { tensors[B(layer)].Entry.Shape[0], tensors[A(layer)].Entry.Shape[1] })).Concat(AlsoTrained.Select(Shape)));
        foreach (var layer in Layers)
        {
            var weight = wanted[$"{layer}.weight"];
            weight.add_(Values(B(layer)).matmul(Values(A(layer))).to(weight.device), alpha: Alpha / Rank);
        }
        foreach (var name in AlsoTrained)
            wanted[name].copy_(Values(name));
    }

    /// <summary>Gives it to branches that are there.</summary>
    internal void GiveTo(Module network, Lora config)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if ((Rank, Alpha) != (config.Rank, config.Alpha))
            throw new InvalidModelFileException($"The adapter was trained with Rank = {Rank} and Alpha = {Alpha}, but the options say {config.Rank} and {config.Alpha}. Write new Lora {{ Rank = {Rank}, Alpha = {Alpha}, Weights = … }}.");
        var wanted = network.state_dict();
        Check(wanted, tensors.Keys.Select(Shape));
        foreach (var name in tensors.Keys)
            wanted[name].copy_(Values(name));
    }

    private (string, long[]) Shape(string name) => (name, [.. tensors[name].Entry.Shape]);

    private Tensor Values(string name)
    {
        var (entry, values) = tensors[name];
        var tensor = empty([.. entry.Shape], dtype: ModuleWeights.TypeOf(entry));
        values.CopyTo(tensor.bytes);
        return tensor.to(ScalarType.Float32);
    }

    private static void Check(Dictionary<string, Tensor> network, IEnumerable<(string Name, long[] Shape)> tensors)
    {
        var unfit = tensors.Where(tensor => !network.TryGetValue(tensor.Name, out var there) || !there.shape.SequenceEqual(tensor.Shape))
            .Select(tensor => $"{FileText.Shorten(tensor.Name)} [{string.Join(", ", tensor.Shape)}] {(network.TryGetValue(tensor.Name, out var there) ? $"is [{string.Join(", ", there.shape)}] there" : "is not there")}").ToList();
        if (unfit.Count > 0)
            throw new InvalidModelFileException($"The adapter is another network's: {string.Join("; ", unfit.Take(8))}{(unfit.Count > 8 ? $"; and {unfit.Count - 8:N0} more" : "")}.");
    }
}
