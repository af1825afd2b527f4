using CsCheck;
using MLNet.DeepExtensions.Tests.Core.Text;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every registered tokenizer must do, with a vocabulary that it learnt.</summary>
public sealed class TokenizerConformance
{
    private static readonly string[] texts =
    [
        "The quick brown fox jumps over the lazy dog; the dog sleeps.", "A quick test: 3.14, isn't it?", "今天天气很好，我们去公园。", "公园里天气很好", "Naïve café, naïve résumé.", "the the the dog dog fox", "",
    ];

    private static readonly Dictionary<Type, TextTokenizer> fitted = TextTokenizer.Registered.ToDictionary(type => type,
        type => type == typeof(SentencePiece) ? new SentencePiece { Model = SentencePieceModel.Of(texts) } : ((TextTokenizer)Activator.CreateInstance(type)!).Fit(texts));

    public static TheoryData<Type> Tokenizers => [.. TextTokenizer.Registered];

    // a SentencePiece model comes from a file
    public static TheoryData<Type> Learners => [.. TextTokenizer.Registered.Where(type => type != typeof(SentencePiece))];

    [Theory, MemberData(nameof(Learners))]
    public void WithoutAVocabulary_ItSaysSo_AndFitGivesIt(Type type)
    {
        var tokenizer = (TextTokenizer)Activator.CreateInstance(type)!;
        Assert.False(tokenizer.IsFitted);
        Assert.Contains("without a vocabulary", tokenizer.ToString(), StringComparison.Ordinal);
        Assert.Contains("Fit(texts)", Assert.Throws<InvalidOperationException>(() => tokenizer.Encode("a")).Message, StringComparison.Ordinal);
        Assert.Equal(tokenizer, ConfigJson.Read<TextTokenizer>(ConfigJson.Write(tokenizer)));
        var learnt = tokenizer.Fit(texts);
        Assert.True(learnt.IsFitted);
        Assert.Same(learnt, learnt.Fit(["other"]));
        Assert.Equal(learnt, tokenizer.Fit(texts));
        Assert.Equal(learnt.GetHashCode(), tokenizer.Fit(texts).GetHashCode());
        Assert.NotEqual(tokenizer, learnt);
        Assert.NotEqual(learnt, learnt with { ReadsSpecialTokens = true });
        Assert.Contains($"{learnt.Count} tokens", learnt.ToString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Learners))]
    public void NoText_HasAVocabularyToo(Type type) => Assert.True(((TextTokenizer)Activator.CreateInstance(type)!).Fit([]).Count > 0);

    [Theory, MemberData(nameof(Tokenizers))]
    public void Json_GivesTheSameTokenizerBack(Type type)
    {
        var read = ConfigJson.Read<TextTokenizer>(ConfigJson.Write(fitted[type]));
        Assert.Equal(fitted[type], read);
        Assert.All(texts, text => Assert.Equal(fitted[type].Encode(text), read.Encode(text)));
    }

    [Theory, MemberData(nameof(Learners))]
    public void Description_OfALargeVocabulary_IsShort(Type type)
    {
        var large = ((TextTokenizer)Activator.CreateInstance(type)!).Fit(Enumerable.Range(0, 3000).Select(i => $"word{i} word{i} {char.ConvertFromUtf32(0x4E00 + i)}{char.ConvertFromUtf32(0x4E00 + i)}"));
        var other = ((TextTokenizer)Activator.CreateInstance(type)!).Fit(Enumerable.Range(1, 3000).Select(i => $"word{i} word{i} {char.ConvertFromUtf32(0x4E00 + i)}{char.ConvertFromUtf32(0x4E00 + i)}"));
        Assert.True(large.Count > 1000);
        Assert.True(ConfigJson.Describe(large).Length < 1000, ConfigJson.Describe(large));
        Assert.NotEqual(ConfigJson.Describe(large), ConfigJson.Describe(other));
        Assert.Equal(ConfigJson.Describe(large), ConfigJson.Describe(ConfigJson.Read<TextTokenizer>(ConfigJson.Write(large))));
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void Tokens_AreInTheVocabulary_AndTheirPlacesInTheText(Type type) => RandomTexts.Any.Sample(text =>
    {
        var tokens = fitted[type].Tokenize(text);
        Assert.Equal(fitted[type].Encode(text), tokens.Select(token => token.Id));
        var before = 0;
        foreach (var token in tokens)
        {
            Assert.InRange(token.Id, 0, fitted[type].Count - 1);
            Assert.InRange(token.Start, before, text.Length);
            Assert.InRange(token.Start + token.Length, token.Start, text.Length);
            Assert.Equal(0, token.Part);
            before = token.Start;
        }
    }, iter: 500);

    [Theory, MemberData(nameof(Tokenizers))]
    public void Truncation_KeepsTheBeginning_AndTheSpecialTokens(Type type)
    {
        var tokenizer = fitted[type];
        var special = tokenizer.Encode("").Count;
        foreach (var text in texts)
            for (int most = Math.Max(1, special), all = tokenizer.Encode(text).Count; most < all + 2; most++)
            {
                var ids = tokenizer.Encode(text, most);
                Assert.Equal(Math.Min(most, all), ids.Count);
                var end = tokenizer.Special.Separator is null ? 0 : 1;
                Assert.Equal(tokenizer.Encode(text).Take(ids.Count - end), ids.Take(ids.Count - end));
                if (end > 0)
                    Assert.Equal(tokenizer.Special.Separator, ids[^1]);
            }
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void Pair_IsBothTexts_AndTheShorterOneIsKept(Type type)
    {
        var tokenizer = fitted[type];
        var (one, other) = (tokenizer.Tokenize(texts[0]), tokenizer.Tokenize(texts[5]));
        var pair = tokenizer.Tokenize(texts[0], texts[5]);
        Assert.Equal(tokenizer.Encode(texts[0], texts[5]), pair.Select(token => token.Id));
        Assert.Equal(one.Where(token => token.Length > 0), pair.Where(token => token.Part == 0 && token.Length > 0));
        Assert.Equal(other.Where(token => token.Length > 0).Select(token => token with { Part = 1 }), pair.Where(token => token.Part == 1 && token.Length > 0));
        var cut = tokenizer.Tokenize(texts[0], texts[5], pair.Count - 1);
        Assert.Equal(pair.Count - 1, cut.Count);
        Assert.Equal(pair.Count(token => token.Part == 1), cut.Count(token => token.Part == 1));
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void Decode_OfEncode_HasTheWords(Type type)
    {
        foreach (var text in new[] { "the quick dog fox", "天气很好公园" })
            Assert.Equal(Letters(text), Letters(fitted[type].Decode(fitted[type].Encode(text))));
        Assert.Equal("", fitted[type].Decode([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => fitted[type].Decode([fitted[type].Count]));
        Assert.Throws<ArgumentOutOfRangeException>(() => fitted[type].Decode([-1]));

        static string Letters(string text) => string.Concat(text.Where(char.IsLetter));
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void SpecialTokens_ComeFromNoText_UnlessAskedFor(Type type)
    {
        var tokenizer = fitted[type];
        var special = tokenizer.Special.All.Except(tokenizer.Special.Unknown is { } unknown ? [unknown] : []).ToHashSet();
        var forged = string.Join(" a ", special.Select(tokenizer.Encoder.TokenOf));
        Assert.Equal(tokenizer.Encode("").Count(special.Contains), tokenizer.Encode(forged).Count(special.Contains));
        Assert.True((tokenizer with { ReadsSpecialTokens = true }).Encode(forged).Count(special.Contains) > tokenizer.Encode("").Count);
        Assert.Equal((tokenizer with { ReadsSpecialTokens = true }).Encode(forged, forged), (tokenizer with { ReadsSpecialTokens = true }).Tokenize(forged, forged).Select(token => token.Id));
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void ManyThreads_GetWhatOneGets(Type type)
    {
        // a new record has a new encoder, which all threads meet cold
        var tokenizer = ConfigJson.Read<TextTokenizer>(ConfigJson.Write(fitted[type]));
        var expected = texts.Select(text => fitted[type].Encode(text)).ToList();
        Parallel.For(0, 400, i => Assert.Equal(expected[i % texts.Length], tokenizer.Encode(texts[i % texts.Length])));
    }

    [Theory, MemberData(nameof(Tokenizers))]
    public void LongText_TakesLittleTime(Type type)
    {
        var text = string.Concat(Enumerable.Repeat(string.Join(' ', texts), 5000));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(fitted[type].Encode(text).Count > text.Length / 20);
        Assert.Equal(64, fitted[type].Encode(text, 64).Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{text.Length:N0} characters took {clock.Elapsed}");
    }
}
