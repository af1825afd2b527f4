using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.ML.Tokenizers;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>GPT-2's tokens, beyond the published numbers (Parity/TokenParityTests).</summary>
public sealed class ByteLevelBpeTests
{
    private static readonly ByteLevelBpe learnt = (ByteLevelBpe)new ByteLevelBpe { VocabularySize = 600 }.Fit(Texts());

    [Fact]
    public void EveryValidText_ComesBack() => ComesBack(learnt);

    [Fact]
    public void EveryValidText_ComesBack_FromGpt2sTokens() => ComesBack(PublishedVocabularies.Gpt2);

    private static void ComesBack(TextTokenizer tokenizer) => RandomTexts.Valid.Sample(text => Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text))), iter: 2000);

    [Fact]
    public void HalfAPair_IsReadAsTheReplacementCharacter() => Assert.Equal("a\uFFFDb", learnt.Decode(learnt.Encode("a\uD800b")));

    [Fact]
    public void Words_AreThoseOfTheRegularExpression()
    {
        // .NET's classes know the basic plane only: so are the texts here
        var gpt = new Regex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
        RandomTexts.Valid.Select(text => string.Concat(text.Where(character => !char.IsSurrogate(character)))).Sample(text =>
        {
            var words = new List<string>();
            for (var at = 0; at < text.Length; at += words[^1].Length)
                words.Add(text.Substring(at, GptWords.Next(text.AsSpan(at))));
            Assert.Equal(gpt.Matches(text).Select(match => match.Value), words);
        }, iter: 3000);
    }

    [Fact]
    public void LongWords_AreMerged_AsShortOnes()
    {
        var merges = new (int, int, int)[] { (0, 0, 256), (256, 0, 257), (1, 0, 258), (256, 256, 259), (258, 257, 260), (1, 1, 261), (261, 1, 262), (259, 258, 263) };
        // also merges of which a later one makes what an earlier one needs
        foreach (var order in new[] { merges, [.. merges.Reverse()] })
        {
            var pairs = new BytePairs([.. Enumerable.Range(0, 256)], order);
            Gen.Byte[0, 2].Array[0, 60].Sample(word =>
            {
                var (one, other) = (new List<int>(), new List<int>());
                pairs.MergeShort(word, one);
                pairs.MergeLong(word, other);
                Assert.Equal(one, other);
            }, iter: 5000);
        }
    }

    [Fact]
    public void AMillionLetters_AreMergedInLittleTime()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var text = string.Concat(Enumerable.Repeat("abcabd", 170_000));
        Assert.Equal(text, learnt.Decode(learnt.Encode(text)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");
    }

    [Fact]
    public void Places_CoverTheText_CharactersThatAreSeveralTokensTogether()
    {
        const string text = "Hi, 中𠀀 é\u0301 don't";
        // of texts without such characters, whose bytes are then tokens of their own
        var tokens = ((ByteLevelBpe)new ByteLevelBpe { VocabularySize = 300 }.Fit(Enumerable.Repeat("Hi, don't say hi", 10))).Tokenize(text);
        Assert.Equal(text, string.Concat(tokens.DistinctBy(token => token.Start).Select(token => text.Substring(token.Start, token.Length))));
        Assert.All(tokens, token => Assert.True(token.Length > 0));
        Assert.Equal(3, tokens.Count(token => text.Substring(token.Start, token.Length).Contains('中', StringComparison.Ordinal)));
    }

    [Fact]
    public void ATokenThatEndsWithinACharacter_HasAllOfIt()
    {
        const string text = "à é";
        // a space and the first byte of both letters are one token, which ends within the letter
        var tokens = ((ByteLevelBpe)new ByteLevelBpe { VocabularySize = 258, MinimumCount = 2 }.Fit(Enumerable.Repeat(" à é è ê", 10))).Tokenize(text);
        Assert.Equal([(0, 1), (0, 1), (1, 2), (2, 1)], tokens.Select(token => (token.Start, token.Length)));
    }

    [Fact]
    public void EndOfText_IsWrittenByNoText_UnlessAskedFor()
    {
        var end = learnt.Special.EndOfText!.Value;
        Assert.DoesNotContain(end, learnt.Encode("a<|endoftext|>b"));
        Assert.Equal("a<|endoftext|>b", learnt.Decode(learnt.Encode("a<|endoftext|>b")));
        Assert.Equal([learnt.Encode("a")[0], end, learnt.Encode("b")[0]], (learnt with { ReadsSpecialTokens = true }).Encode("a<|endoftext|>b"));
    }

    [Fact]
    public void SpaceBefore_MakesTheFirstWordOneOfMany()
    {
        var spaced = learnt with { AddsSpaceBefore = true };
        Assert.Equal(learnt.Encode(" the 'the"), spaced.Encode("the 'the"));
        Assert.Equal(learnt.Encode(" 's"), spaced.Encode("'s"));
        Assert.Equal(learnt.Encode(" the"), spaced.Encode(" the"));
        Assert.Empty(spaced.Encode(""));
        Assert.All(spaced.Tokenize("the the"), token => Assert.InRange(token.Start + token.Length, 1, 7));
        Assert.Equal(0, spaced.Tokenize("the the")[0].Start);
    }

    [Fact]
    public void Roberta_HasTwoSeparatorsBetweenTexts_AndItsMaskTakesTheSpace()
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.LetterOf((byte)value).ToString())];
        var roberta = new ByteLevelBpe { Vocabulary = ["<s>", "<pad>", "</s>", "<unk>", .. bytes, "<mask>"], Merges = [], ReadsSpecialTokens = true };
        string Tokens(string text, string? pair = null) => string.Join(' ', roberta.Tokenize(text, pair).Select(token => token.Text));
        Assert.Equal("<s> a </s> </s> b </s>", Tokens("a", "b"));
        Assert.Equal([0, 0, 0, 0, 1, 1], roberta.Tokenize("a", "b").Select(token => token.Part));
        Assert.Equal("<s> a <mask> . </s>", Tokens("a <mask>."));
        Assert.Equal("ab", roberta.Decode(roberta.Encode("a", "b")));
        Assert.Equal(4, roberta.Encode("", "").Count);
    }

    [Fact]
    public void OrdinaryText_IsCut_AsByMicrosoftsTokenizer()
    {
        var library = Library();
        foreach (var text in Texts().SelectMany(text => text.Replace("'", "", StringComparison.Ordinal).Split('\n')).Append("naïve 我爱 don't 3.14 x"))
            Assert.Equal(library.EncodeToIds(text, false, false), PublishedVocabularies.Gpt2.Encode(text));
    }

    [Theory]
    [InlineData("a\n\nb")]                                // OpenAI's rule leaves the last white space before a word alone
    [InlineData("`x`'s")]                                   // behind a symbol, an apostrophe is one, too
    public void WhereMicrosoftsTokenizer_IsNotGpt2s(string text) => Assert.NotEqual(Library().EncodeToIds(text, false, false), PublishedVocabularies.Gpt2.Encode(text));

    [Fact]
    public void LearntMerges_AreThoseOfTheMostFrequentPairs()
    {
        var small = (ByteLevelBpe)new ByteLevelBpe { VocabularySize = 260 }.Fit(["aab aab aab", "aab ab"]);
        // a b 5, then a ab 4 before Ġ aab 3, since Ġ ab 1 … : counted by hand
        Assert.Equal(["a b", "a ab", "Ġ aab"], small.Merges!);
        Assert.Equal(260, small.Count);
        Assert.Equal("<|endoftext|>", small.Vocabulary![259]);
        Assert.Equal(["aab", "Ġaab"], small.Tokenize("aab aab").Select(token => token.Text));
    }

    [Theory]
    [InlineData("a b c", "merge 0")]
    [InlineData("a x中", "merge 0")]
    [InlineData(null, "no merges")]
    public void DamagedVocabulary_IsRefused(string? merge, string complaint)
    {
        var damaged = learnt with { Merges = merge is null ? null : [merge] };
        Assert.Contains(complaint, Assert.Throws<InvalidModelFileException>(() => ConfigJson.Read<TextTokenizer>(ConfigJson.Write<TextTokenizer>(damaged))).Message, StringComparison.Ordinal);
        if (merge is not null)
            Assert.Contains(complaint, Assert.Throws<ArgumentException>(() => damaged.Encode("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VocabularyWithoutAByte_IsRefused() => Assert.Contains("lacks Ā", Assert.Throws<ArgumentException>(() => new ByteLevelBpe { Vocabulary = ["a"], Merges = [] }.Encode("a")).Message, StringComparison.Ordinal);

    private static CodeGenTokenizer Library()
    {
        using var vocabulary = File.OpenRead(Path.Combine(PublishedVocabularies.Folder("gpt2"), "vocab.json"));
        using var merges = File.OpenRead(Path.Combine(PublishedVocabularies.Folder("gpt2"), "merges.txt"));
        return CodeGenTokenizer.Create(vocabulary, merges, addPrefixSpace: false, addBeginOfSentence: false, addEndOfSentence: false);
    }

    private static IEnumerable<string> Texts() => Repository.Files("docs", "*.md").Take(4).Select(file => File.ReadAllText(file, Encoding.UTF8));
}
