using System.IO.Compression;
using System.Text.Json;
using MLNet.DeepExtensions.Tests.Core.Text;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>
/// The numbers of 599 texts' tokens in the published vocabularies (tokens.json.gz), computed by an independent reading of Google's and OpenAI's rules in Python (make_tokens.py): Chinese, emoji, control characters,
/// accents, combining marks, letters beyond the basic plane, what looks like special tokens, very long words and texts, and 300 texts at random.
/// </summary>
public sealed class TokenParityTests
{
    private static readonly JsonElement root = Load();

    [Fact]
    public void BertChinese() => Check("bert-base-chinese", PublishedVocabularies.BertChinese);

    [Fact]
    public void BertUncased() => Check("bert-base-uncased", PublishedVocabularies.BertUncased);

    [Fact]
    public void Gpt2() => Check("gpt2", PublishedVocabularies.Gpt2);

    private static void Check(string name, TextTokenizer tokenizer)
    {
        var wrong = new List<string>();
        foreach (var item in root.EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var expected = item.GetProperty(name).EnumerateArray().Select(id => id.GetInt32()).ToList();
            if (!expected.SequenceEqual(tokenizer.Encode(text)))
                wrong.Add($"{JsonSerializer.Serialize(text[..Math.Min(80, text.Length)])}: [{string.Join(", ", tokenizer.Encode(text).Take(30))}] instead of [{string.Join(", ", expected.Take(30))}]");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {root.GetArrayLength()}:\n" + string.Join("\n", wrong.Take(40)));
    }

    private static JsonElement Load()
    {
        using var stream = typeof(TokenParityTests).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.tokens.json.gz")!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonDocument.Parse(unpacked).RootElement;
    }
}
