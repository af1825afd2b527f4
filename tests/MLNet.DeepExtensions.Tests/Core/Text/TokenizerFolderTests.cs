using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>A tokenizer is read from a folder as Hugging Face publishes it, or it is said what is wrong there.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private const string VocabularyText = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n中\n\u2028\nA\n";

    private readonly string folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    private static JsonObject Bytes => new(Enumerable.Range(0, 256).Select(value => KeyValuePair.Create(ByteAlphabet.LetterOf((byte)value).ToString(), (JsonNode?)JsonValue.Create(value))).Append(KeyValuePair.Create("ab", (JsonNode?)JsonValue.Create(256))));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void PublishedFolders_AreRead()
    {
        Assert.Equal(PublishedVocabularies.BertUncased, TextTokenizer.FromFolder(PublishedVocabularies.Folder("bert-base-uncased")));
        Assert.Equal(21128, TextTokenizer.FromFolder(PublishedVocabularies.Folder("bert-base-chinese")).Count);
        Assert.Equal(PublishedVocabularies.Gpt2, TextTokenizer.FromFolder(PublishedVocabularies.Folder("gpt2")));
        Assert.True(((WordPiece)TextTokenizer.FromFolder(SharedData.Find("reference/hf-bert-tiny"))).LowerCase);
    }

    [Theory]
    [InlineData("""{ "do_lower_case": false }""", false, null, true)]
    [InlineData("""{ "do_lower_case": true, "strip_accents": false, "tokenize_chinese_chars": false, "unk_token": { "content": "[UNK]" } }""", true, false, false)]
    [InlineData("""{ "strip_accents": null }""", true, null, true)]
    [InlineData(null, true, null, true)]
    public void Settings_AreThoseOfTheConfig(string? config, bool lowerCase, bool? stripAccents, bool ideographsApart)
    {
        Write("vocab.txt", VocabularyText);
        if (config is not null)
            Write("tokenizer_config.json", config);
        var read = (WordPiece)TextTokenizer.FromFolder(folder);
        Assert.Equal((lowerCase, stripAccents, ideographsApart), (read.LowerCase, read.StripAccents, read.IdeographsApart));
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "中", "\u2028", "A"], read.Vocabulary!);
    }

    [Theory]
    [InlineData("\r\n", "")]
    [InlineData("\n", "\uFEFF")]
    public void WindowsLineEnds_AndAByteOrderMark_AreNoTokens(string end, string mark)
    {
        Write("vocab.txt", mark + VocabularyText.Replace("\n", end, StringComparison.Ordinal));
        Assert.Equal(10, TextTokenizer.FromFolder(folder).Count);
        Assert.Equal([2, 5, 3], TextTokenizer.FromFolder(folder).Encode("a"));
    }

    [Fact]
    public void WordPiecesOfTokenizerJson_AreRead_WithItsNormalizer()
    {
        Write("tokenizer.json", """{ "normalizer": { "type": "Sequence", "normalizers": [ { "type": "BertNormalizer", "lowercase": false, "strip_accents": true, "handle_chinese_chars": false } ] }, "model": { "type": "WordPiece", "max_input_chars_per_word": 7, "vocab": { "[UNK]": 1, "a": 0 } } }""");
        Assert.Equal(new WordPiece { Vocabulary = ["a", "[UNK]"], LowerCase = false, StripAccents = true, IdeographsApart = false, LongestWord = 7 }, TextTokenizer.FromFolder(folder));
        Write("tokenizer_config.json", """{ "do_lower_case": true }""");
        Assert.True(((WordPiece)TextTokenizer.FromFolder(folder)).LowerCase);
    }

    [Theory]
    [InlineData("""[ "a b" ]""")]
    [InlineData("""[ [ "a", "b" ] ]""")]
    public void ByteLevelBpeOfTokenizerJson_IsRead_WithTokensThatWereAdded(string merges)
    {
        Write("tokenizer.json", "{ \"pre_tokenizer\": { \"type\": \"ByteLevel\", \"add_prefix_space\": true }, \"added_tokens\": [ { \"id\": 257, \"content\": \"<|endoftext|>\" } ], \"model\": { \"type\": \"BPE\", \"vocab\": " + Bytes.ToJsonString() + ", \"merges\": " + merges + " } }");
        var read = (ByteLevelBpe)TextTokenizer.FromFolder(folder);
        Assert.True(read.AddsSpaceBefore);
        Assert.Equal(257, read.Special.EndOfText);
        Assert.Equal(["Ġ", "ab"], read.Tokenize("ab").Select(token => token.Text));
    }

    [Theory]
    [InlineData("vocab.txt (BERT)", "other.txt", "")]
    [InlineData("neither merges.txt", "vocab.json", "{}")]
    [InlineData("neither vocab.json", "merges.txt", "a b")]
    public void MissingFile_IsNamed(string complaint, string name, string content)
    {
        Write(name, content);
        Assert.Contains(complaint, Assert.Throws<FileNotFoundException>(() => TextTokenizer.FromFolder(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFolder_IsNamed() => Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => TextTokenizer.FromFolder(Path.Combine(folder, "nowhere"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("vocab.txt", "", "lacks [UNK]")]
    [InlineData("vocab.txt", "a\nb\n", "lacks [UNK]")]
    [InlineData("tokenizer.json", "", "no JSON")]
    [InlineData("tokenizer.json", "[1]", "no JSON object")]
    [InlineData("tokenizer.json", """{ "model": { "type": "Unigram" } }""", "'Unigram'")]
    [InlineData("tokenizer.json", """{ "model": { "type": "WordPiece" } }""", "without 'vocab'")]
    [InlineData("tokenizer.json", """{ "model": { "type": "WordPiece", "vocab": { "a": 5 } } }""", "the number 5")]
    [InlineData("tokenizer.json", """{ "model": { "type": "WordPiece", "vocab": { "a": -1 } } }""", "the number -1")]
    [InlineData("tokenizer.json", """{ "model": { "type": "WordPiece", "vocab": { "a": "x" } } }""", "the number")]
    [InlineData("tokenizer.json", """{ "model": { "type": "WordPiece", "vocab": { "a": 0, "b": 0 } } }""", "the same number 0")]
    [InlineData("tokenizer.json", """{ "model": { "type": "WordPiece", "vocab": { "a": 0, "a": 1 } } }""", "no JSON")]
    [InlineData("tokenizer.json", """{ "pre_tokenizer": { "type": "Split" }, "model": { "type": "BPE", "vocab": {}, "merges": [] } }""", "Split")]
    [InlineData("tokenizer.json", """{ "pre_tokenizer": { "type": "ByteLevel" }, "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] } }""", "lacks")]
    [InlineData("tokenizer.json", """{ "pre_tokenizer": { "type": "ByteLevel" }, "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [ 5 ] } }""", "no pair")]
    [InlineData("tokenizer.json", """{ "pre_tokenizer": { "type": "ByteLevel" }, "model": { "type": "BPE", "vocab": { "a": 0 } } }""", "without merges")]
    public void DamagedFile_IsNamed_WithWhatIsWrong(string name, string content, string complaint)
    {
        Write(name, content);
        var message = Assert.Throws<InvalidModelFileException>(() => TextTokenizer.FromFolder(folder)).Message;
        Assert.StartsWith(Path.Combine(folder, name), message, StringComparison.Ordinal);
        Assert.Contains(complaint, message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesThatAreNoText_AreRefused()
    {
        File.WriteAllBytes(Path.Combine(folder, "vocab.txt"), [0xFF, 0xFE, 0x00]);
        Assert.Contains("UTF-8", Assert.Throws<InvalidModelFileException>(() => TextTokenizer.FromFolder(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MonstrousFile_IsNotRead()
    {
        using (var file = File.Create(Path.Combine(folder, "vocab.txt")))
            file.SetLength(TokenizerFolder.MaxBytes + 1L);
        Assert.Contains("vocab.txt has", Assert.Throws<InvalidModelFileException>(() => TextTokenizer.FromFolder(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyBytes_AreReadOrRefused()
    {
        // a folder from outside must not break more than its own reading
        var whole = "{ \"pre_tokenizer\": { \"type\": \"ByteLevel\" }, \"model\": { \"type\": \"BPE\", \"vocab\": " + Bytes.ToJsonString() + ", \"merges\": [ \"a b\" ] } }";
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(whole));
            for (var k = 0; k < 3; k++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
            File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)]);
            try
            {
                Assert.True(TextTokenizer.FromFolder(folder).Count > 0);
            }
            catch (IOException e) when (e is InvalidModelFileException or FileNotFoundException)
            {
                Assert.Contains(folder, e.Message, StringComparison.Ordinal);
            }
        }
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(folder, name), content);
}
