using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>
/// The files of a tokenizer in a folder of Hugging Face's. Vocabularies come from <c>vocab.txt</c>, <c>vocab.json</c> with <c>merges.txt</c>, <c>tokenizer.json</c> or a SentencePiece model, in this order;
/// settings from <c>tokenizer_config.json</c>, then <c>tokenizer.json</c>, then Hugging Face's defaults.
/// </summary>
internal sealed class TokenizerFolder
{
    // a large vocabulary of a quarter of a million tokens takes less
    internal const int MaxBytes = 64 << 20;

    private const int MostTokens = 1 << 22;

    private readonly string folder;
    private readonly JsonObject config, whole;

    public TokenizerFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{Path.GetFullPath(folder)}'. Name the folder of a downloaded model, with vocab.txt or tokenizer.json in it.");
        this.folder = folder;
        config = Has("tokenizer_config.json") ? ReadObject("tokenizer_config.json") : [];
        whole = Has("tokenizer.json") ? ReadObject("tokenizer.json") : [];
    }

    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidModelFileException">A file is damaged, or of a tokenizer that is none of ours.</exception>
    public TextTokenizer Read()
    {
        var name = "tokenizer.json";
        TextTokenizer tokenizer;
        if (Has("vocab.txt"))
            tokenizer = WordPiece(ReadLines(name = "vocab.txt"));
        else if (Has("vocab.json") && Has("merges.txt"))
            tokenizer = ByteLevel(ReadObject(name = "vocab.json"), [.. ReadLines("merges.txt").Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))]);
        else if (whole["model"] is JsonObject model)
            tokenizer = OfModel(model, ref name);
        else if (SentencePieceFiles.FirstOrDefault(Has) is { } file)
            tokenizer = SentencePiece(name = file);
        else
            throw Missing();
        try
        {
            return tokenizer.Count > 0 ? tokenizer : throw Damaged(name, "has no tokens");
        }
        catch (ArgumentException e)
        {
            throw Damaged(name, $"has a vocabulary that cannot be used: {e.Message}", e);
        }
    }

    private static IReadOnlyList<string> SentencePieceFiles { get; } = ["spiece.model", "tokenizer.model", "sentencepiece.bpe.model"];

    private TextTokenizer OfModel(JsonObject model, ref string name) => Text(model, "type") switch
    {
        "WordPiece" => WordPiece(InOrder(Part(model, "vocab"), "tokenizer.json"), Number(model, "max_input_chars_per_word")),
        "BPE" => ByteLevel(Part(model, "vocab"), [.. (model["merges"] as JsonArray ?? throw Damaged("tokenizer.json", "has a model without merges")).Select(Merge)]),
        _ when SentencePieceFiles.FirstOrDefault(Has) is { } file => SentencePiece(name = file),
        var type => throw Damaged("tokenizer.json", $"has a model of type '{FileText.Shorten(type ?? "none")}', of which only WordPiece and byte-level BPE are read, and there is no SentencePiece model ({string.Join(" or ", SentencePieceFiles)}) beside it"),
    };

    private WordPiece WordPiece(IReadOnlyList<string> vocabulary, int? longestWord = null)
    {
        var normalizer = All(whole["normalizer"], "normalizers").FirstOrDefault(part => Text(part, "type") == "BertNormalizer") ?? [];
        return new WordPiece
        {
            Vocabulary = vocabulary,
            LowerCase = Flag(config, "do_lower_case") ?? Flag(normalizer, "lowercase") ?? true,
            StripAccents = Flag(config, "strip_accents") ?? Flag(normalizer, "strip_accents"),
            IdeographsApart = Flag(config, "tokenize_chinese_chars") ?? Flag(normalizer, "handle_chinese_chars") ?? true,
            LongestWord = longestWord ?? 100,
        };
    }

    private ByteLevelBpe ByteLevel(JsonObject vocabulary, IReadOnlyList<string> merges)
    {
        var cutting = All(whole["pre_tokenizer"], "pretokenizers").ToList();
        if (cutting.Any(part => Text(part, "type") != "ByteLevel" || Flag(part, "use_regex") == false) || whole.Count > 0 && cutting.Count == 0)
            throw Damaged("tokenizer.json", $"cuts texts into words by {FileText.Shorten(string.Join(", ", cutting.Select(part => Text(part, "type") ?? "none")))}, which is not GPT-2's rule (ByteLevel): its tokens would be others");
        if (Text(config, "tokenizer_class") is { } type && type.StartsWith("Qwen", StringComparison.Ordinal))
            throw Damaged("tokenizer_config.json", $"names {FileText.Shorten(type)}, which cuts texts into words by a rule of its own: its tokens would be others");
        return new ByteLevelBpe
        {
            Vocabulary = InOrder(WithAddedTokens(vocabulary), Has("vocab.json") ? "vocab.json" : "tokenizer.json"), Merges = merges,
            AddsSpaceBefore = Flag(config, "add_prefix_space") ?? cutting.Select(part => Flag(part, "add_prefix_space")).FirstOrDefault() ?? false,
        };
    }

    private SentencePiece SentencePiece(string file)
    {
        var type = Text(config, "tokenizer_class") ?? "";
        // fairseq's dictionaries number the pieces anew
        if (new[] { "XLMRoberta", "Camembert", "MBart", "Barthez" }.Any(name => type.StartsWith(name, StringComparison.Ordinal)))
            throw Damaged("tokenizer_config.json", $"names {FileText.Shorten(type)}, which numbers the pieces of its model otherwise than the model itself: its tokens would be others");
        return new SentencePiece
        {
            Model = Bytes(file),
            AddsStart = Flag(config, "add_bos_token") ?? !type.StartsWith("T5", StringComparison.Ordinal), AddsEnd = Flag(config, "add_eos_token") ?? !type.StartsWith("Llama", StringComparison.Ordinal),
        };
    }

    // special tokens may be numbered behind the vocabulary, in a list of their own
    private JsonObject WithAddedTokens(JsonObject vocabulary)
    {
        var added = (whole["added_tokens"] as JsonArray ?? []).OfType<JsonObject>().Select(token => (Text(token, "content"), Number(token, "id")))
            .Concat((config["added_tokens_decoder"] as JsonObject ?? []).Select(pair => (pair.Value is JsonObject token ? Text(token, "content") : null, int.TryParse(pair.Key, out var number) ? number : (int?)null)));
        foreach (var (content, number) in added)
            if (content is not null && number is { } id && !vocabulary.ContainsKey(content))
                vocabulary.Add(content, id);
        return vocabulary;
    }

    private string Merge(JsonNode? merge) => merge switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonArray { Count: 2 } pair => $"{pair[0]} {pair[1]}",
        _ => throw Damaged("tokenizer.json", $"has a merge that is no pair of tokens: {FileText.Shorten(merge?.ToJsonString() ?? "null")}"),
    };

    private string[] InOrder(JsonObject vocabulary, string name)
    {
        if (vocabulary.Count > MostTokens)
            throw Damaged(name, $"has {vocabulary.Count:N0} tokens; {MostTokens:N0} are the most");
        var tokens = new string[vocabulary.Count];
        foreach (var (token, value) in vocabulary)
        {
            if (value is not JsonValue number || !number.TryGetValue<int>(out var id) || (uint)id >= (uint)tokens.Length)
                throw Damaged(name, $"gives token '{FileText.Shorten(token)}' the number {FileText.Shorten(value?.ToJsonString() ?? "null")}, but has {tokens.Length:N0} tokens, whose numbers count from 0 without gaps");
            if (tokens[id] is { } other)
                throw Damaged(name, $"gives '{FileText.Shorten(other)}' and '{FileText.Shorten(token)}' the same number {id}");
            tokens[id] = token;
        }
        return tokens;
    }

    // at line feeds and nothing else: Unicode's other line ends are tokens of BERT's Chinese vocabulary
    private List<string> ReadLines(string name)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes(name));
        }
        catch (ArgumentException e)
        {
            throw Damaged(name, "is not text in UTF-8", e);
        }
        var lines = text.TrimStart('\uFEFF').Split('\n').ToList();
        if (lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        return lines.Count > 1 && lines.Take(lines.Count - 1).All(line => line.EndsWith('\r')) ? lines.ConvertAll(line => line.TrimEnd('\r')) : lines;
    }

    private JsonObject ReadObject(string name)
    {
        try
        {
            var bytes = Bytes(name).AsSpan();
            return JsonNode.Parse(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw Damaged(name, "is no JSON object");
        }
        catch (JsonException e)
        {
            throw Damaged(name, $"is no JSON that can be read: {FileText.Shorten(e.Message)}", e);
        }
    }

    private byte[] Bytes(string name) => BoundedFile.Read(name, folder, MaxBytes, (complaint, e) => new InvalidModelFileException($"{Path.Combine(folder, name)} {complaint}", e!));

    private bool Has(string name) => File.Exists(Path.Combine(folder, name));

    private JsonObject Part(JsonObject node, string name) => node[name] as JsonObject ?? throw Damaged("tokenizer.json", $"has a model without '{name}'");

    // a step, or the steps of a sequence
    private static IEnumerable<JsonObject> All(JsonNode? node, string name) => node is not JsonObject one ? [] : Text(one, "type") == "Sequence" ? (one[name] as JsonArray ?? []).OfType<JsonObject>() : [one];

    private static bool? Flag(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    private static int? Number(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    private static string? Text(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private FileNotFoundException Missing() => new(
        Has("vocab.json") ? $"{folder} has vocab.json, but neither merges.txt nor tokenizer.json: byte-pair encoding needs its merges."
        : Has("merges.txt") ? $"{folder} has merges.txt, but neither vocab.json nor tokenizer.json: byte-pair encoding needs its vocabulary."
        : $"{folder} has no tokenizer: vocab.txt (BERT), vocab.json with merges.txt (GPT-2, RoBERTa), tokenizer.json, or a SentencePiece model ({string.Join(" or ", SentencePieceFiles)}) must be in it.");

    private InvalidModelFileException Damaged(string name, string complaint, Exception? inner = null) => new($"{Path.Combine(folder, name)} {complaint}.", inner!);
}
