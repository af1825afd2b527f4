using System.Text.Json;

namespace MLNet.DeepExtensions;

/// <summary>Hugging Face's config.json, read with its own words in the messages. What is asked for must be there unless a usual value is given; the rest is not looked at.</summary>
internal sealed class PublishedConfig
{
    public const string FileName = "config.json";

    // some kilobytes; the names of ten thousand classes make it a megabyte
    private const long MaxBytes = 16 << 20;

    private readonly string path;
    private readonly JsonElement root;

    private PublishedConfig(string path, JsonElement root) => (this.path, this.root) = (path, root);

    /// <exception cref="InvalidModelFileException">It is no such file.</exception>
    public static PublishedConfig Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new InvalidModelFileException($"'{path}' is longer than {MaxBytes:N0} bytes.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object ? new PublishedConfig(path, document.RootElement.Clone())
                : throw new InvalidModelFileException($"'{path}' must hold an object, but holds {document.RootElement.ValueKind}.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelFileException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    public string ModelType => Text("model_type");

    public int Whole(string name, int? usual = null) => Find(name) is not { } value ? usual ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Unfit(name, value, "a whole number");

    public double Number(string name, double? usual = null) => Find(name) is not { } value ? usual ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Unfit(name, value, "a number");

    public string Text(string name, string? usual = null) => Find(name) is not { } value ? usual ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Unfit(name, value, "a text");

    public bool Flag(string name, bool usual) => Find(name) is not { } value ? usual
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Unfit(name, value, "true or false");

    public Activation Activation(string name) => Text(name) switch
    {
        "gelu" => MLNet.DeepExtensions.Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" => MLNet.DeepExtensions.Activation.GeluTanh,
        "relu" => MLNet.DeepExtensions.Activation.Relu,
        "silu" or "swish" => MLNet.DeepExtensions.Activation.Silu,
        "tanh" => MLNet.DeepExtensions.Activation.Tanh,
        var other => throw new InvalidModelFileException($"'{path}' has {name} = \"{FileText.Shorten(other)}\"; this library knows gelu, gelu_new, gelu_pytorch_tanh, relu, silu, swish and tanh."),
    };

    /// <summary>Refuses a variant that is not built here.</summary>
    public void Demand(string name, string value)
    {
        if (Text(name, value) is var found && found != value)
            throw new InvalidModelFileException($"'{path}' has {name} = \"{FileText.Shorten(found)}\"; this library builds the network with {name} = \"{value}\" alone.");
    }

    /// <summary>Refuses a variant that is not built here.</summary>
    public void Demand(string name, bool value)
    {
        if (Flag(name, value) != value)
            throw new InvalidModelFileException($"'{path}' has {name} = {(value ? "false" : "true")}; this library builds the network with {name} = {(value ? "true" : "false")} alone.");
    }

    /// <summary>The classes in the order of the outputs; null where the file names none.</summary>
    public IReadOnlyList<string>? Classes()
    {
        if (Find("id2label") is not { ValueKind: JsonValueKind.Object } labels)
            return null;
        var named = new SortedDictionary<int, string>();
        foreach (var label in labels.EnumerateObject())
            if (int.TryParse(label.Name, out var number) && label.Value.ValueKind == JsonValueKind.String)
                named[number] = label.Value.GetString()!;
        return named.Count > 0 && named.Keys.SequenceEqual(Enumerable.Range(0, named.Count)) ? [.. named.Values] : null;
    }

    private JsonElement? Find(string name) => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private InvalidModelFileException Missing(string name) => new($"'{path}' has no \"{name}\".");

    private InvalidModelFileException Unfit(string name, JsonElement value, string wanted) => new($"'{path}' must have {wanted} for \"{name}\", but has {FileText.Shorten(value.GetRawText())}.");
}
