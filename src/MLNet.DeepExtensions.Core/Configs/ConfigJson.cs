using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNet.DeepExtensions;

/// <summary>Configs as JSON: a member of a family is an object whose <c>type</c> is its registered name.</summary>
internal static class ConfigJson
{
    private const string TypeProperty = "type";

    // longer lists are vocabularies, or weights of as many classes
    private const int MostShown = 1000;

    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,         // what is computed from the rest is no setting
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new FamilyConverterFactory(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions oneLine = new(Options) { WriteIndented = false };

    public static byte[] Write<T>(T config) => JsonSerializer.SerializeToUtf8Bytes(config, Options);

    /// <summary>A config for people: its type's name and its settings in one line, without vocabularies.</summary>
    public static string Describe(object config) => $"{config.GetType().Name} {Brief(JsonSerializer.SerializeToNode(config, config.GetType(), oneLine))?.ToJsonString(oneLine)}";

    /// <summary>Puts a checksum in the place of lists and texts that nobody reads, as a vocabulary is: enough to see whether two are equal.</summary>
    /// <param name="node">Is changed in place.</param>
    public static JsonNode? Brief(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject settings:
                foreach (var (name, value) in settings.ToList())
                    if (Brief(value) is var brief && !ReferenceEquals(brief, value))
                        settings[name] = brief;
                return settings;
            case JsonArray { Count: > MostShown } list:
                return $"{list.Count} values, {Checksum(list)}";
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                    if (Brief(list[i]) is var brief && !ReferenceEquals(brief, list[i]))
                        list[i] = brief;
                return list;
            case JsonValue value when value.TryGetValue<string>(out var text) && text.Length > 10 * MostShown:
                return $"{text.Length} characters, {Checksum(value)}";
            default:
                return node;
        }
    }

    private static string Checksum(JsonNode node) => Convert.ToHexStringLower(System.IO.Hashing.XxHash128.Hash(System.Text.Encoding.UTF8.GetBytes(node.ToJsonString())));

    /// <exception cref="InvalidModelFileException">The text is no JSON, names an unknown member or property, or holds a value out of its range.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json)
    {
        try
        {
            var config = JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidModelFileException($"The saved {typeof(T).Name} is null.");
            ConfigValidation.Check(config, typeof(T).Name);
            return config;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new InvalidModelFileException($"The saved {typeof(T).Name} cannot be read: {e.Message}", e);
        }
    }

    private sealed class FamilyConverterFactory : JsonConverterFactory
    {
        public override bool CanConvert(Type type) => ConfigFamily.IsFamily(type);

        public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(FamilyConverter<>).MakeGenericType(type))!;
    }

    private sealed class FamilyConverter<TFamily> : JsonConverter<TFamily> where TFamily : class
    {
        public override TFamily Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(TypeProperty, out var name) || name.ValueKind != JsonValueKind.String)
                throw new JsonException($"A {typeof(TFamily).Name} must be an object with a \"{TypeProperty}\", but is {Start(root)}.");
            // the member itself does not know its name: read it from the other properties
            using var members = new MemoryStream();
            using (var writer = new Utf8JsonWriter(members))
            {
                writer.WriteStartObject();
                foreach (var property in root.EnumerateObject())
                    if (!property.NameEquals(TypeProperty))
                        property.WriteTo(writer);
                writer.WriteEndObject();
            }
            return (TFamily)JsonSerializer.Deserialize(members.GetBuffer().AsSpan(0, (int)members.Length), ConfigFamily.Of<TFamily>().TypeOf(name.GetString()!), options)!;
        }

        public override void Write(Utf8JsonWriter writer, TFamily value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString(TypeProperty, ConfigFamily.Of<TFamily>().NameOf(value.GetType()));
            using var members = JsonSerializer.SerializeToDocument(value, value.GetType(), options);
            foreach (var property in members.RootElement.EnumerateObject())
                property.WriteTo(writer);
            writer.WriteEndObject();
        }

        private static string Start(JsonElement element) => element.GetRawText() is var text && text.Length > 60 ? text[..60] + "…" : text;
    }
}
