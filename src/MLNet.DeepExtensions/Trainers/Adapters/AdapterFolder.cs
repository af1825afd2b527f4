using System.Text;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>An adapter as a folder in the layout of Hugging Face's PEFT.</summary>
internal static class AdapterFolder
{
    private const string ConfigName = "adapter_config.json", WeightsName = "adapter_model.safetensors";

    // PEFT wraps a network twice
    private const string Prefix = "base_model.model.";

    private const long MostBytes = 1L << 31;

    public static void Write(string folder, AdapterWeights adapter)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, WeightsName), stream => SafetensorsWriter.Write(stream,
            adapter.Tensors.Select(tensor => (tensor.Entry with { Name = Prefix + tensor.Entry.Name }, (Action<Stream>)(target => target.Write(tensor.Values))))));
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = null,
            ["base_model_name_or_path"] = null,
            ["r"] = adapter.Rank,
            ["lora_alpha"] = adapter.Alpha,
            ["lora_dropout"] = 0.0,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["target_modules"] = new JsonArray([.. adapter.Layers.Select(layer => JsonValue.Create(layer))]),
            ["modules_to_save"] = adapter.AlsoTrained.Count == 0 ? null : new JsonArray([.. adapter.AlsoTrained.Select(ModuleOf).Distinct().Select(module => JsonValue.Create(module))]),
        };
        AtomicFile.Write(Path.Combine(folder, ConfigName), stream => stream.Write(Encoding.UTF8.GetBytes(config.ToJsonString(new() { WriteIndented = true }))));
    }

    public static AdapterWeights Read(string folder)
    {
        var path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path))
            throw new InvalidModelFileException($"The folder '{folder}' has no {ConfigName}.");
        var config = PublishedConfig.Read(path);
        config.Demand("peft_type", "LORA");
        config.Demand("bias", "none");
        foreach (var variant in new[] { "use_dora", "use_rslora", "fan_in_fan_out" })
            if (config.Flag(variant, false))
                throw new InvalidModelFileException($"'{path}' has {variant} = true, a variant that this library does not know.");
        var (rank, alpha) = (config.Whole("r"), config.Number("lora_alpha"));
        if (rank < 1 || !(alpha > 0))
            throw new InvalidModelFileException($"'{path}' must have r and lora_alpha above 0, but has {rank} and {alpha}.");
        using var file = TensorFile.Open(Path.Combine(folder, WeightsName));
        if (file.Entries.Sum(entry => entry.Bytes) > MostBytes)
            throw new InvalidModelFileException($"'{Path.Combine(folder, WeightsName)}' is larger than an adapter is.");
        var adapter = new AdapterWeights(rank, alpha, [.. file.Entries.Select(entry =>
        {
            var values = new byte[entry.Bytes];
            file.Read(entry, values);
            return (entry with { Name = entry.Name.StartsWith(Prefix, StringComparison.Ordinal) ? entry.Name[Prefix.Length..] : entry.Name }, values);
        })]);
        Check(adapter, folder);
        return adapter;
    }

    private static void Check(AdapterWeights adapter, string folder)
    {
        var shapes = adapter.Tensors.ToDictionary(tensor => tensor.Entry.Name, tensor => tensor.Entry.Shape);
        foreach (var layer in adapter.Layers)
            if (!(shapes[AdapterWeights.A(layer)] is [var inner, _] && shapes.GetValueOrDefault(AdapterWeights.B(layer)) is [_, var same] && inner == same && inner == adapter.Rank))
                throw new InvalidModelFileException($"The adapter in '{folder}' has no pair of matrices of rank {adapter.Rank} for '{FileText.Shorten(layer)}'.");
        if (adapter.Layers.Count == 0)
            throw new InvalidModelFileException($"The adapter in '{folder}' has no matrices.");
    }

    // classifier.weight → classifier
    private static string ModuleOf(string parameter) => parameter.LastIndexOf('.') is > 0 and var dot ? parameter[..dot] : parameter;
}
