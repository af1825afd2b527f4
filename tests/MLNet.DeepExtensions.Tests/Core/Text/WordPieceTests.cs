using CsCheck;
using Microsoft.ML.Tokenizers;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>BERT's word pieces, beyond the published numbers (Parity/TokenParityTests).</summary>
public sealed class WordPieceTests
{
    private static readonly WordPiece small = new()
    {
        Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "want", "##want", "##ed", "runn", "##ing", ",", "low", "##est", "中", "文", "e", "##e", "a", "##a", "ᄒ", "##ᅡ", "##ᆫ", "é", "=", "σ", "##σ", "##ς"],
    };

    public static TheoryData<bool, bool?, bool> Settings => new() { { true, null, true }, { false, null, true }, { true, false, true }, { false, true, true }, { true, null, false } };

    [Theory]
    [InlineData("UNwant\u00E9d,running", "un ##want ##ed , runn ##ing")]             // the examples of Google's tokenization_test.py
    [InlineData("unaffable lowest", "un ##aff ##able low ##est")]
    [InlineData("unwantedX running", "[UNK] runn ##ing")]
    [InlineData("a中文a", "a 中 文 a")]
    [InlineData("un\u200Baff\u0000able", "un ##aff ##able")]
    [InlineData("e\u0301e\uD800", "e ##e")]
    [InlineData("한", "ᄒ ##ᅡ ##ᆫ")]
    [InlineData("≠", "=")]
    [InlineData("aΣ\u0085a Σ aΣ. aΣ", "a ##σ ##a σ a ##ς [UNK] a ##ς")]
    [InlineData("##ing", "[UNK] [UNK] [UNK]")]
    public void Text_BecomesPieces(string text, string pieces) => Assert.Equal($"[CLS] {pieces} [SEP]", string.Join(' ', small.Tokenize(text).Select(token => token.Text)));

    [Theory, MemberData(nameof(Settings))]
    public void AnyText_IsCut_AsByASecondReadingOfTheRules(bool lowerCase, bool? stripAccents, bool ideographsApart)
    {
        var tokenizer = PublishedVocabularies.BertUncased with { LowerCase = lowerCase, StripAccents = stripAccents, IdeographsApart = ideographsApart };
        var plain = new PlainBert(tokenizer);
        RandomTexts.Any.Sample(text => Assert.Equal(["[CLS]", .. plain.Tokens(text), "[SEP]"], tokenizer.Tokenize(text).Select(token => token.Text)), iter: 2000);
    }

    [Fact]
    public void PlaceOfAToken_IsWhatItStandsFor()
    {
        const string text = " UNaff\u200Bable,\u00A0한\u0301 中𠀀e\u0301";
        var tokens = small.Tokenize(text);
        Assert.Equal("[CLS] un ##aff ##able , ᄒ ##ᅡ ##ᆫ 中 [UNK] e [SEP]", string.Join(' ', tokens.Select(token => token.Text)));
        Assert.Equal(["", "UN", "aff", "able", ",", "한", "한", "한", "中", "𠀀", "e", ""], tokens.Select(token => text.Substring(token.Start, token.Length)));
        Assert.Equal(text.Length, tokens[^1].Start);
    }

    [Fact]
    public void OrdinaryText_IsCut_AsByMicrosoftsTokenizer()
    {
        var library = BertTokenizer.Create(Path.Combine(PublishedVocabularies.Folder("bert-base-uncased"), "vocab.txt"));
        foreach (var text in new[] { "The quick brown fox jumps over the lazy dog.", "Tokenization isn't hard, is it? 3.14 (approximately)", "我爱北京 and 'quotes' -- dashes; e.g. this one" })
            Assert.Equal(library.EncodeToIds(text), PublishedVocabularies.BertUncased.Encode(text));
    }

    [Theory]
    [InlineData("this_one")]                            // an underscore is punctuation
    [InlineData("café")]                                // accents are stripped, in invariant globalization mode, too
    [InlineData("[SEP]")]                               // what is written in a text is no end of it
    public void WhereMicrosoftsTokenizer_IsNotBerts(string text)
    {
        var library = BertTokenizer.Create(Path.Combine(PublishedVocabularies.Folder("bert-base-uncased"), "vocab.txt"), new BertOptions { RemoveNonSpacingMarks = true });
        Assert.NotEqual(library.EncodeToIds(text), PublishedVocabularies.BertUncased.Encode(text));
    }

    [Fact]
    public void Accents_AreStripped_WhateverTheGlobalizationMode()
    {
        // the tests run in invariant mode, in which .NET's own normalisation changes nothing: the reason for a table of ours
        Assert.Equal("é", "é".Normalize(System.Text.NormalizationForm.FormD));
        Assert.Equal(small.Encode("e"), small.Encode("É"));
        Assert.Equal(["[CLS]", "é", "[SEP]"], (small with { StripAccents = false }).Tokenize("É").Select(token => token.Text));
    }

    [Fact]
    public void FormsOfACharacter_ThatAreSeveral_HaveNoPunctuation()
    {
        // so a word is cut only where a whole character stands
        var forms = new LetterForms(true, true);
        Span<char> form = stackalloc char[LetterForms.Most];
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (!System.Text.Rune.IsValid(point))
                continue;
            var rune = new System.Text.Rune(point);
            var count = forms.Write(rune.ToString(), 0, rune, form);
            var runes = form[..count].ToString().EnumerateRunes().ToList();
            if (runes.Count > 1)
                Assert.DoesNotContain(runes, part => (CharacterKinds.Of(part) & (CharacterKind.Punctuation | CharacterKind.WhiteSpace)) != 0);
        }
    }

    [Fact]
    public void SpecialTokensInAText_AreLetters_UnlessAskedFor()
    {
        Assert.Equal(1, small.Encode("a [SEP] a").Count(id => id == 3));
        var reading = small with { ReadsSpecialTokens = true };
        Assert.Equal("[CLS] a [SEP] a [MASK] [SEP]", string.Join(' ', reading.Tokenize("a[SEP] a [MASK]").Select(token => token.Text)));
        Assert.Equal([(0, 0), (0, 1), (1, 5), (7, 1), (9, 6), (15, 0)], reading.Tokenize("a[SEP] a [MASK]").Select(token => (token.Start, token.Length)));
    }

    [Fact]
    public void TextFullOfSpecialTokens_IsReadInLittleTime()
    {
        var reading = small with { ReadsSpecialTokens = true };
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(200_002, reading.Encode(string.Concat(Enumerable.Repeat("[SEP]", 200_000))).Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void Pair_StandsBetweenSeparators_AndIsTold()
    {
        var tokens = small.Tokenize("a 中", "e");
        Assert.Equal("[CLS] a 中 [SEP] e [SEP]", string.Join(' ', tokens.Select(token => token.Text)));
        Assert.Equal([0, 0, 0, 0, 1, 1], tokens.Select(token => token.Part));
        Assert.Equal([(0, 0), (0, 1), (2, 1), (3, 0), (0, 1), (1, 0)], tokens.Select(token => (token.Start, token.Length)));
        Assert.Equal([2, 3, 3], small.Encode("", ""));
    }

    [Fact]
    public void LongerTextOfAPair_IsCut_TokenByToken() => Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[3, 20]).Sample((first, second, most) =>
    {
        var (kept, keptOfSecond) = (first, second);
        while (kept + keptOfSecond > most - 3)
            if (kept > keptOfSecond)
                kept--;
            else
                keptOfSecond--;
        var tokens = small.Tokenize(new string('中', first), new string('文', second), most);
        Assert.Equal(["[CLS]", .. Enumerable.Repeat("中", kept), "[SEP]", .. Enumerable.Repeat("文", keptOfSecond), "[SEP]"], tokens.Select(token => token.Text));
        Assert.Equal(keptOfSecond + 1, tokens.Count(token => token.Part == 1));
    });

    [Fact]
    public void TooFewTokens_AreRefused_WithTheLeast()
    {
        Assert.Contains("at least 2", Assert.Throws<ArgumentOutOfRangeException>(() => small.Encode("a", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 3", Assert.Throws<ArgumentOutOfRangeException>(() => small.Encode("a", "a", 2)).Message, StringComparison.Ordinal);
        Assert.Equal([2, 3], small.Encode("a", 2));
    }

    [Fact]
    public void Vocabulary_WithoutUnknown_OrWithAMonster_IsRefused()
    {
        Assert.Contains("lacks [UNK]", Refusal("[CLS]", "a"), StringComparison.Ordinal);
        Assert.Contains("5,000 characters", Refusal("[UNK]", new string('a', 5000)), StringComparison.Ordinal);

        static string Refusal(params string[] vocabulary) => Assert.Throws<InvalidModelFileException>(() => ConfigJson.Read<TextTokenizer>(ConfigJson.Write<TextTokenizer>(new WordPiece { Vocabulary = vocabulary }))).Message;
    }

    [Fact]
    public void Decode_JoinsPieces_AndLeavesNoSpacesBesideIdeographs() =>
        Assert.Equal("unaffable, lowest中文a e", small.Decode(small.Encode("Unaffable , lowest 中文a e")));
}
