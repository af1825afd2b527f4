using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.DeepExtensions.Interop;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Writes down under what conditions a run takes place.</summary>
internal static class RunConditions
{
    private const int MostColumns = 200;

    // what a network measured of the rows stands in the model itself
    private const int MostItems = 50;

    // what stands elsewhere in the model, or is said by itself
    private static readonly string[] saidElsewhere = [RunSettings.Seed, "columns", "task", "rows", "validationRows"];

    public static IReadOnlyList<TrainingColumn> Columns(DataViewSchema schema, ExampleSource source)
    {
        var promised = SchemaDoors.ShapeOf(schema);
        return [.. schema.Where(column => !column.IsHidden).Take(MostColumns).Select(column => new TrainingColumn(column.Name, column.Type.ToString()!,
            source.RoleOf(column.Name, promised)))];
    }

    /// <summary>The settings, flat: <c>optimizer.learningRate</c>.</summary>
    public static IReadOnlyDictionary<string, string> Settings(JsonNode settings, DeepTrainerOptions options)
    {
        var flat = new Dictionary<string, string> { ["epochs"] = options.Epochs.ToString(CultureInfo.InvariantCulture) };
        foreach (var (name, member) in settings.AsObject().Where(item => !saidElsewhere.Contains(item.Key)))
            Flatten(name, member, flat);
        // a path is this machine's business; the file's name tells which weights
        if (options.InitialWeights is { } weights)
            flat["initialWeights"] = Path.GetFileName(weights.Path) ?? "another network's";
        else if (flat.TryGetValue("initialWeights", out var published))
            flat["initialWeights"] = string.Join('/', new[] { Path.GetFileName(Path.GetDirectoryName(published)), Path.GetFileName(published) }.Where(part => !string.IsNullOrEmpty(part)));
        if (options.MaxSteps is { } steps)
            flat["maxSteps"] = steps.ToString(CultureInfo.InvariantCulture);
        if (options.MaxTime is { } time)
            flat["maxTime"] = time.ToString();
        if (options.Callbacks.Count > 0)
            flat["callbacks"] = string.Join(", ", options.Callbacks.Select(callback => callback.GetType().Name));
        return flat;
    }

    public static IReadOnlyDictionary<string, string> Environment(Device device) => new Dictionary<string, string>
    {
        ["MLNet.DeepExtensions"] = VersionOf(typeof(DeepTrainer)),
        ["ML.NET"] = VersionOf(typeof(MLContext)),
        ["TorchSharp"] = VersionOf(typeof(Tensor)),
        [".NET"] = System.Environment.Version.ToString(),
        ["device"] = device.ToString(),
        ["threads"] = get_num_threads().ToString(CultureInfo.InvariantCulture),
        ["processor"] = $"{RuntimeInformation.ProcessArchitecture}, {System.Environment.ProcessorCount} logical cores",
        ["operating system"] = RuntimeInformation.OSDescription,
    };

    // without the commit behind it
    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? type.Assembly.GetName().Version?.ToString() ?? "unknown";

    private static void Flatten(string path, JsonNode? node, Dictionary<string, string> into)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, member) in members)
                    Flatten($"{path}.{name}", member, into);
                break;
            case JsonArray { Count: 0 } or null:
                break;
            case JsonArray items:
                into[path] = $"[{string.Join(", ", items.Take(MostItems).Select(item => item is JsonValue value ? value.ToString() : item?.ToJsonString() ?? "null"))}{(items.Count > MostItems ? $", … {items.Count} in all" : "")}]";
                break;
            default:
                into[path] = node.ToString();
                break;
        }
    }
}
