using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Tokenizers;

namespace MLNet.DeepExtensions.Benchmarks;

/// <summary>
/// A text column becomes rows of tokens in memory: our whole way through ML.NET's cursors, against Microsoft.ML.Tokenizers alone over the same strings on as many threads; and both alone on one thread.
/// Needs ../shared/data: the vocabularies, ChnSentiCorp and tiny Shakespeare.
/// </summary>
internal static class TokenizeBenchmark
{
    private const int MaxTokens = 512;

    public static void Run(int pairs)
    {
        var shared = Path.Combine(Shared(), "data");
        var chinese = File.ReadAllLines(Path.Combine(shared, "chnsenticorp", "train.tsv")).Select(line => line.Split('\t')[0]).ToArray();
        // a line is a few words: a speech is a text
        var english = File.ReadAllText(Path.Combine(shared, "tiny-shakespeare", "input.txt")).Split("\n\n");
        string Folder(string name) => Path.Combine(shared, "tokenizers", name);

        // without lower-casing, since in invariant globalization mode the library cannot strip accents
        Compare("word-piece-chinese", TextTokenizer.FromFolder(Folder("bert-base-chinese")), chinese, BertTokenizer.Create(Path.Combine(Folder("bert-base-chinese"), "vocab.txt"), new BertOptions { LowerCaseBeforeTokenization = false }), pairs);
        Compare("word-piece-english", TextTokenizer.FromFolder(Folder("bert-base-uncased")), english, BertTokenizer.Create(Path.Combine(Folder("bert-base-uncased"), "vocab.txt")), pairs);
        using var vocabulary = File.OpenRead(Path.Combine(Folder("gpt2"), "vocab.json"));
        using var merges = File.OpenRead(Path.Combine(Folder("gpt2"), "merges.txt"));
        Compare("byte-level-english", TextTokenizer.FromFolder(Folder("gpt2")), english, CodeGenTokenizer.Create(vocabulary, merges, addPrefixSpace: false, addBeginOfSentence: false, addEndOfSentence: false), pairs);
    }

    private static void Compare(string name, TextTokenizer ours, string[] texts, Tokenizer library, int pairs)
    {
        var data = new MLContext(seed: 1).Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }).ToList());
        var column = FeatureColumn.Find(data.Schema, nameof(Row.Text), null, new TextColumn { Tokenizer = ours, MaxTokens = MaxTokens });
        var source = new RowSource(data, [column], new BinaryTask(), nameof(Row.Label), null, MissingFeatures.Zero);
        var megabytes = texts.Sum(text => (long)Encoding.UTF8.GetByteCount(text)) / 1e6;
        var threads = Environment.ProcessorCount;

        Pairs.Run($"tokenize-{name}", pairs, Ours, Library, Speeds(Ours, Library), asSpeed: true);
        Pairs.Run($"tokenize-{name}-one-thread", pairs, OursAlone, LibraryAlone, Speeds(OursAlone, LibraryAlone), asSpeed: true);

        double Ours() => Pairs.Seconds(() => TrainingRows.Read(source, null, new SkippedRows(), threads, () => { }));

        double Library() => Pairs.Seconds(() => Parallel.ForEach(texts, new ParallelOptions { MaxDegreeOfParallelism = threads }, text => library.EncodeToIds(text, MaxTokens, out _, out _)));

        double OursAlone() => Pairs.Seconds(() =>
        {
            var ids = new List<int>();
            foreach (var text in texts)
            {
                ids.Clear();
                ours.Encoder.Encode(text.AsMemory(), null, MaxTokens, ids);
            }
        });

        double LibraryAlone() => Pairs.Seconds(() =>
        {
            foreach (var text in texts)
                library.EncodeToIds(text, MaxTokens, out _, out _);
        });

        Func<JsonObject> Speeds(Func<double> mine, Func<double> plain) => () => new JsonObject
        {
            ["ours_megabytes_per_second"] = Pairs.Round(megabytes / Best(mine)), ["plain_megabytes_per_second"] = Pairs.Round(megabytes / Best(plain)),
        };

        static double Best(Func<double> leg) => Enumerable.Range(0, 5).Min(_ => leg());
    }

    private static string Shared()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MLNet.DeepExtensions.sln")) && Path.Combine(folder.Parent!.FullName, "shared") is var shared && Directory.Exists(shared))
                return shared;
        throw new DirectoryNotFoundException("The benchmark needs texts and vocabularies in a folder 'shared' beside the repository, as its documentation says.");
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
