namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>The vocabularies of BERT and GPT-2, where they lie beside the repository.</summary>
internal static class PublishedVocabularies
{
    // at line feeds and nothing else: the Chinese vocabulary has tokens that are line separators themselves
    private static readonly Lazy<WordPiece> chinese = new(() => Read("bert-base-chinese") with { LowerCase = false });
    private static readonly Lazy<WordPiece> uncased = new(() => Read("bert-base-uncased"));

    private static readonly Lazy<ByteLevelBpe> gpt2 = new(ReadGpt2);

    public static WordPiece BertChinese => Find("bert-base-chinese", chinese);

    public static WordPiece BertUncased => Find("bert-base-uncased", uncased);

    public static ByteLevelBpe Gpt2 => Find("gpt2", gpt2);

    public static string Folder(string name) => SharedData.Find($"data/tokenizers/{name}");

    // a test without the vocabulary is skipped, which a lazy value must not remember
    private static T Find<T>(string name, Lazy<T> value)
    {
        Folder(name);
        return value.Value;
    }

    private static WordPiece Read(string name) => new() { Vocabulary = File.ReadAllText(Path.Combine(Folder(name), "vocab.txt")).TrimEnd('\n').Split('\n') };

    private static ByteLevelBpe ReadGpt2()
    {
        var numbers = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(Path.Combine(Folder("gpt2"), "vocab.json")))!;
        return new ByteLevelBpe
        {
            Vocabulary = [.. numbers.OrderBy(pair => pair.Value).Select(pair => pair.Key)],
            Merges = File.ReadAllText(Path.Combine(Folder("gpt2"), "merges.txt")).Split('\n')[1..^1],
        };
    }
}
