using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLNet.DeepExtensions;

/// <summary>One file of a model, as a hub lists it.</summary>
/// <param name="Name">Its name; the ones that are used have no path.</param>
/// <param name="Size">Its bytes; null where the hub does not say.</param>
/// <param name="Sha256">The checksum of a large file.</param>
/// <param name="GitBlob">Git's checksum of a small one: SHA-1 over <c>blob {size}\0</c> and the bytes.</param>
internal sealed record HubFile(string Name, long? Size, string? Sha256, string? GitBlob);

/// <summary>What a model is made of at one commit.</summary>
internal sealed partial record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    // in this order they are downloaded: a folder that has the weights has all
    private static readonly string[] small =
    [
        "config.json", "generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt",
        "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    ];

    private const string Config = "config.json", Weights = "model.safetensors", Index = "model.safetensors.index.json", TorchWeights = "pytorch_model.bin";

    /// <summary>Reads the hub's answer.</summary>
    /// <exception cref="InvalidModelFileException">It is not what a hub answers.</exception>
    public static HubListing Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var commit = document.RootElement.GetProperty("sha").GetString() ?? "";
            if (!HubNames.IsCommit(commit))
                throw new InvalidModelFileException($"The hub calls the commit '{FileText.Shorten(commit)}', which is none.");
            return new HubListing(commit, [.. document.RootElement.GetProperty("siblings").EnumerateArray().Select(FileOf)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidModelFileException($"The hub's list of the model's files cannot be read: {e.Message} Is Endpoint a hub, and not a page before it?", e);
        }
    }

    /// <summary>The files that a model needs, the weights last: one file of safetensors, else several with their index, else PyTorch's own.</summary>
    /// <param name="id">The model, for messages.</param>
    /// <exception cref="InvalidModelFileException">There is no config.json, or there are no weights that this library reads.</exception>
    public IReadOnlyList<HubFile> Needed(string id)
    {
        var byName = Files.Where(file => HubNames.IsFile(file.Name)).GroupBy(file => file.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        if (!byName.ContainsKey(Config))
            throw new InvalidModelFileException($"'{id}' has no {Config}: it is no model of transformers, or keeps them in folders. {Has()}");
        var shards = byName.Keys.Where(name => ShardName().IsMatch(name)).ToHashSet(StringComparer.Ordinal);
        string[] weights = byName.ContainsKey(Weights) ? [Weights]
            : byName.ContainsKey(Index) && AreWhole(shards) ? [Index, .. shards.Order(StringComparer.Ordinal)]
            : byName.ContainsKey(TorchWeights) ? [TorchWeights]
            : throw new InvalidModelFileException($"'{id}' has no weights that can be read: neither {Weights}, nor {Index} with all its parts, nor {TorchWeights}. {Has()}");
        return [.. small.Where(byName.ContainsKey).Concat(weights).Select(name => byName[name])];

        string Has() => $"It has {string.Join(", ", Files.Take(8).Select(file => FileText.Shorten(file.Name)))}{(Files.Count > 8 ? $" and {Files.Count - 8:N0} more" : "")}.";
    }

    /// <summary>Whether a folder has a model's config and all of its weights.</summary>
    public static bool IsComplete(string folder)
    {
        bool Has(string name) => File.Exists(Path.Combine(folder, name));
        return Has(Config) && (Has(Weights) || Has(TorchWeights) ||
            Has(Index) && AreWhole(Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(name => ShardName().IsMatch(name)).ToHashSet(StringComparer.Ordinal)));
    }

    // model-00002-of-00003.safetensors says how many there are
    private static bool AreWhole(HashSet<string> shards)
    {
        if (shards.Count == 0)
            return false;
        var total = ShardName().Match(shards.First()).Groups["total"].Value;
        return shards.Count == int.Parse(total, System.Globalization.CultureInfo.InvariantCulture) &&
            Enumerable.Range(1, shards.Count).All(number => shards.Contains($"model-{number:00000}-of-{total}.safetensors"));
    }

    private static HubFile FileOf(JsonElement item)
    {
        var name = item.GetProperty("rfilename").GetString() ?? throw new FormatException("A file has no name.");
        var isLarge = item.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var size = Number(item, "size") ?? (isLarge ? Number(lfs, "size") : null);
        var sha256 = isLarge && Text(lfs, "sha256") is { } hash && HubNames.IsSha256(hash) ? hash : null;
        return new HubFile(name, size, sha256, !isLarge && Text(item, "blobId") is { } blob && HubNames.IsSha1(blob) ? blob : null);
    }

    private static long? Number(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetInt64() is >= 0 and var number ? number : null;

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"\Amodel-(?<number>[0-9]{5})-of-(?<total>[0-9]{5})\.safetensors\z")]
    private static partial Regex ShardName();
}
