namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>A vocabulary of word pieces is learnt from texts.</summary>
public sealed class WordPieceLearnerTests
{
    private static readonly string[] words = [.. Enumerable.Repeat("low", 5), .. Enumerable.Repeat("lower", 2), .. Enumerable.Repeat("newest", 6), .. Enumerable.Repeat("widest", 3)];

    [Fact]
    public void MostFrequentPairs_AreMerged_InOrder()
    {
        // counted by hand: e s 9, es t 9, then o w 7 before l o 7, whose number is larger, l ow 7, e w 6 before n e 6, n ew 6
        var learnt = (WordPiece)new WordPiece { VocabularySize = 5 + 11 + 6 }.Fit(words);
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], learnt.Vocabulary!.Take(5));
        Assert.Equal(["##e", "##w", "##s", "##t", "##o", "l", "n", "##d", "##i", "w", "##r"], learnt.Vocabulary!.Skip(5).Take(11));
        Assert.Equal(["##es", "##est", "##ow", "low", "##ew", "new"], learnt.Vocabulary!.Skip(16));
        Assert.Equal("[CLS] low ##est [UNK] [SEP]", string.Join(' ', learnt.Tokenize("lowest xlow").Select(token => token.Text)));
    }

    [Fact]
    public void Learning_GoesOn_UntilNothingIsFrequentEnough()
    {
        var learnt = (WordPiece)new WordPiece { MinimumCount = 3 }.Fit(words);
        Assert.Contains("newest", learnt.Vocabulary!);
        Assert.Contains("low", learnt.Vocabulary!);
        Assert.DoesNotContain("lower", learnt.Vocabulary!);              // twice
        Assert.DoesNotContain("##r", learnt.Vocabulary!);
        Assert.Equal(learnt.Vocabulary!.Count, learnt.Vocabulary!.Distinct().Count());
        Assert.True(learnt.Vocabulary!.Count < 100);
    }

    [Fact]
    public void CharactersThatAreFrequentEnough_AreKept_AndNoMoreThanThereIsRoomFor()
    {
        var learnt = (WordPiece)new WordPiece { MinimumCount = 2 }.Fit(["我爱北京", "我爱天安门", "北京!", "A a\u0301"]);
        Assert.Equal(["a", "京", "北", "我", "爱"], learnt.Vocabulary!.Skip(5));
        Assert.Equal(["a", "京", "北"], ((WordPiece)new WordPiece { MinimumCount = 2, VocabularySize = 8 }.Fit(["我爱北京", "我爱天安门", "北京!", "A a\u0301"])).Vocabulary!.Skip(5));
    }

    [Fact]
    public void SameTexts_GiveTheSameVocabulary()
    {
        var texts = PublishedTexts().ToList();
        Assert.Equal(new WordPiece { VocabularySize = 500 }.Fit(texts), new WordPiece { VocabularySize = 500 }.Fit(texts));
    }

    [Fact]
    public void EveryToken_CanBeUsed_AndAFittedTokenizerStaysAsItIs()
    {
        var learnt = new WordPiece { VocabularySize = 500 }.Fit(PublishedTexts());
        Assert.Equal(500, learnt.Count);
        Assert.Same(learnt, learnt.Fit(["something else"]));
        foreach (var piece in ((WordPiece)learnt).Vocabulary!.Skip(5).Where(piece => !piece.StartsWith("##", StringComparison.Ordinal)))
            Assert.Equal(["[CLS]", piece, "[SEP]"], learnt.Tokenize(piece).Select(token => token.Text));
    }

    [Fact]
    public void LearntPieces_AreFewerThanCharacters_AndTextsComeBack()
    {
        var learnt = new WordPiece { VocabularySize = 500 }.Fit(PublishedTexts());
        var text = PublishedTexts().First();
        var ids = learnt.Encode(text);
        Assert.DoesNotContain(1, ids);
        Assert.True(ids.Count < text.Length / 2);
        Assert.Equal(new string([.. text.ToLowerInvariant().Where(char.IsLetter)]), new string([.. learnt.Decode(ids).Where(char.IsLetter)]));
    }

    [Fact]
    public void ManyDifferentWords_AreCountedInBoundedMemory()
    {
        var counts = new WordCounts(most: 1000);
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 500; i++)
                counts.Add($"seldom {round} {i}");
            for (var i = 0; i < 10; i++)
                counts.Add($"often {i}", 50);
        }
        Assert.True(counts.ByCount().Count <= 1000);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ($"often {i}", 1000L)), counts.ByCount().Take(10));
    }

    // the licence and the documents: English text that is always here
    private static IEnumerable<string> PublishedTexts() => Repository.Files("docs", "*.md").Take(6).Select(File.ReadAllText);
}
