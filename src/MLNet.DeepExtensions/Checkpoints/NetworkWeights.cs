using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A network's state_dict, copied into managed memory, so that it can be read as a file is and needs nobody to free it.</summary>
internal sealed class NetworkWeights : TensorFile
{
    private readonly Dictionary<string, byte[]> values = new(StringComparer.Ordinal);

    public NetworkWeights(Module network)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var entries = new List<TensorEntry>();
        foreach (var (name, tensor) in network.state_dict())
        {
            entries.Add(ModuleWeights.Describe(name, tensor));
            values[name] = tensor.detach().cpu().contiguous().bytes.ToArray();
        }
        Entries = entries;
    }

    public override IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Gets a checksum of names and numbers: the same for the same weights, in every process.</summary>
    public string Checksum
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var entry in Entries)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(entry.ToString()));
                hash.AppendData(values[entry.Name]);
            }
            return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    public override void Read(TensorEntry entry, Span<byte> target) => values[entry.Name].CopyTo(target);

    /// <summary>Does nothing: the weights may be read again.</summary>
    public override void Dispose() { }
}
