using CsCheck;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>SentencePiece models of both kinds, written here, cut texts as their rules say.</summary>
public sealed class SentencePieceTests
{
    private static readonly (string, float)[] pieces = [("▁a", -1), ("▁", -2), ("a", -2), ("b", -2), ("▁ab", -1.5f), ("ab", -3), ("中", -2), ("c", -2)];

    public static TheoryData<int> Kinds => [1, 2];

    [Theory, MemberData(nameof(Kinds))]
    public void Pieces_AreThoseOfTheModel(int kind)
    {
        var tokenizer = new SentencePiece { Model = SentencePieceModel.Write(kind, pieces) };
        string Of(string text) => string.Join(' ', tokenizer.Tokenize(text).Select(token => token.Text));
        Assert.Equal("<s> ▁ab </s>", Of("ab"));
        Assert.Equal("<s> ▁a 中 ▁ab </s>", Of(" a中   ab "));
        Assert.Equal("<s> ▁a </s>", Of("a"));                   // which the library's BPE takes for nothing
        Assert.Equal("<s> </s>", Of(""));
        Assert.Equal("<s> </s>", Of("  "));
        Assert.Equal("<s> ▁ <unk> </s>", Of("ж"));
        Assert.Equal("ab a", tokenizer.Decode(tokenizer.Encode("ab a")).Trim());
        Assert.Equal(0, tokenizer.Special.Unknown);
    }

    [Fact]
    public void Unigram_TakesTheLikeliestPieces()
    {
        // by hand: ▁ab c -3.5 against ▁a b c -5 and ▁ ab c -7; then ▁a b c becomes the likeliest
        Assert.Equal("▁ab c", Of([("▁a", -1), ("▁", -2), ("b", -2), ("▁ab", -1.5f), ("ab", -3), ("c", -2)]));
        Assert.Equal("▁a b c", Of([("▁a", -1), ("▁", -2), ("b", -0.2f), ("▁ab", -1.5f), ("ab", -3), ("c", -2)]));
        Assert.Equal("▁ abc", Of([("▁a", -1), ("▁", -0.1f), ("b", -0.2f), ("▁ab", -1.5f), ("ab", -3), ("c", -2), ("abc", -0.1f)]));

        static string Of((string, float)[] pieces) => string.Join(' ', new SentencePiece { Model = SentencePieceModel.Write(1, pieces), AddsStart = false, AddsEnd = false }.Tokenize("abc").Select(token => token.Text));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void PlaceOfAToken_IsInTheTextAsItWas(int kind)
    {
        const string text = "  ab   中a \uD800b";
        var tokens = new SentencePiece { Model = SentencePieceModel.Write(kind, pieces) }.Tokenize(text);
        Assert.Equal(["", "ab", "   ", "中", "a", " ", "\uD800", "b", ""], tokens.Select(token => text.Substring(token.Start, token.Length)));
    }

    [Fact]
    public void StartAndEnd_AreAsked()
    {
        var tokenizer = new SentencePiece { Model = SentencePieceModel.Write(1, pieces) };
        Assert.Equal([1, 3, 2, 3, 2], tokenizer.Encode("a", "a"));
        Assert.Equal([3, 2], (tokenizer with { AddsStart = false }).Encode("a"));
        Assert.Equal([1, 3], (tokenizer with { AddsEnd = false }).Encode("a"));
        var albert = new SentencePiece { Model = SentencePieceModel.Write(1, [("[CLS]", 0), ("[SEP]", 0), .. pieces]) };
        Assert.Equal([3, 5, 4], albert.Encode("a"));
    }

    [Fact]
    public void WithoutAModel_ItSaysWhereOneComesFrom()
    {
        Assert.Contains("File.ReadAllBytes", Assert.Throws<InvalidOperationException>(() => new SentencePiece().Fit(["a"])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new SentencePiece().Encode("a"));
        Assert.Equal(new SentencePiece(), ConfigJson.Read<TextTokenizer>(ConfigJson.Write<TextTokenizer>(new SentencePiece())));
    }

    [Fact]
    public void Folder_WithAModel_IsRead()
    {
        var folder = Directory.CreateTempSubdirectory("spiece").FullName;
        try
        {
            var model = SentencePieceModel.Write(1, pieces);
            File.WriteAllBytes(Path.Combine(folder, "spiece.model"), model);
            Assert.Equal(new SentencePiece { Model = model }, TextTokenizer.FromFolder(folder));
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), """{ "model": { "type": "Unigram" } }""");
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{ "tokenizer_class": "T5Tokenizer" }""");
            Assert.Equal(new SentencePiece { Model = model, AddsStart = false }, TextTokenizer.FromFolder(folder));
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{ "tokenizer_class": "XLMRobertaTokenizer" }""");
            Assert.Contains("XLMRoberta", Assert.Throws<InvalidModelFileException>(() => TextTokenizer.FromFolder(folder)).Message, StringComparison.Ordinal);
            File.Delete(Path.Combine(folder, "tokenizer_config.json"));
            File.WriteAllBytes(Path.Combine(folder, "spiece.model"), [1, 2, 3]);
            Assert.StartsWith(Path.Combine(folder, "spiece.model"), Assert.Throws<InvalidModelFileException>(() => TextTokenizer.FromFolder(folder)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void DamagedModel_IsRefused_OrCutsTexts()
    {
        var model = SentencePieceModel.Write(1, pieces);
        Gen.Select(Gen.Int[0, model.Length - 1], Gen.Byte, Gen.Int[0, 20]).Sample((at, value, lost) =>
        {
            var damaged = model[..^lost];
            damaged[Math.Min(at, damaged.Length - 1)] = value;
            try
            {
                Assert.True(new SentencePiece { Model = damaged }.Encode("ab 中c").Count > 0);
            }
            catch (ArgumentException e)
            {
                Assert.Contains("model of SentencePiece", e.Message, StringComparison.Ordinal);
            }
        }, iter: 2000);
    }
}
