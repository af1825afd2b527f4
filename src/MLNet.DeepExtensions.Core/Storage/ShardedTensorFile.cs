using System.Text.Json;

namespace MLNet.DeepExtensions;

/// <summary>Tensors in several files beside an index that says which tensor is where: <c>{"weight_map": {"name": "model-00001-of-00002.safetensors", …}}</c>.</summary>
internal sealed class ShardedTensorFile : TensorFile
{
    public const string Extension = ".index.json";

    private const long MaxBytes = 64 << 20;
    private const int MaxFiles = 1000;

    private readonly List<TensorFile> files = [];
    private readonly Dictionary<string, TensorFile> owners = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> entries = [];

    /// <exception cref="InvalidModelFileException">The index, or one of its files, is damaged or not there.</exception>
    public ShardedTensorFile(string path)
    {
        var map = ReadMap(path);
        try
        {
            foreach (var shard in map.GroupBy(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                // an index names its neighbours, and nothing else on this machine
                if (shard.Key.Length == 0 || shard.Key is "." or ".." || shard.Key.IndexOfAny(['/', '\\', ':']) >= 0 || shard.Key.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
                    throw new InvalidModelFileException($"it names the file '{FileText.Shorten(shard.Key)}', which cannot be one beside it.");
                if (files.Count == MaxFiles)
                    throw new InvalidModelFileException($"it names more than {MaxFiles:N0} files.");
                var file = Open(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, shard.Key));
                files.Add(file);
                var there = file.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
                foreach (var name in shard)
                {
                    entries.Add(there.TryGetValue(name, out var entry) ? entry : throw new InvalidModelFileException($"'{FileText.Shorten(shard.Key)}' has no tensor '{FileText.Shorten(name)}'."));
                    owners.Add(name, file);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override IReadOnlyList<TensorEntry> Entries => entries;

    public override void Read(TensorEntry entry, Span<byte> target) => owners[entry.Name].Read(entry, target);

    public override void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    private static Dictionary<string, string> ReadMap(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new InvalidModelFileException($"it is longer than {MaxBytes:N0} bytes.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
                throw new InvalidModelFileException("it has no \"weight_map\".");
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var tensor in map.EnumerateObject())
                names[tensor.Name] = tensor.Value.ValueKind == JsonValueKind.String ? tensor.Value.GetString()! : throw new InvalidModelFileException($"the file of '{FileText.Shorten(tensor.Name)}' is no text.");
            return names;
        }
        catch (JsonException e)
        {
            throw new InvalidModelFileException(e.Message, e);
        }
    }
}
