using System.Text;

namespace MLNet.DeepExtensions.Tests.Torch.Text;

/// <summary>Text comes piece by piece: whole characters, no beginnings of stop strings.</summary>
public sealed class GrowingTextTests
{
    [Fact]
    public void BytesOfACharacter_AreHeldBack_UntilItIsWhole()
    {
        var growing = new GrowingText(new Bytes(), [], "¡"u8.ToArray().Select(value => (int)value));
        var pieces = Encoding.UTF8.GetBytes("a好😀b").Select(value => growing.Add(value)).ToList();
        Assert.Equal(["a", "", "", "好", "", "", "", "😀", "b"], pieces);
        // half a character at the end is none
        Assert.Equal("", growing.Add(0xE5));
        Assert.Equal("", growing.Finish());
    }

    [Fact]
    public void ALongText_ComesWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? "好" : i % 3 == 1 ? "x" : "😀"));
        var growing = new GrowingText(new Bytes(), [], []);
        Assert.Equal(text, string.Concat(Encoding.UTF8.GetBytes(text).Select(value => growing.Add(value))) + growing.Finish());
    }

    [Fact]
    public void WhatMayBeAStopString_IsHeldBack_UntilItIsNone()
    {
        var growing = new GrowingText(new Bytes(), ["END", "NO!"], []);
        Assert.Equal(["x", "", "", "EN", "", "E"], "xENENO"u8.ToArray().Select(value => growing.Add(value)).ToList());
        Assert.Equal("NO", growing.Finish());
    }

    [Fact]
    public void TheFirstStopString_EndsTheText()
    {
        var growing = new GrowingText(new Bytes(), ["END", "D!"], []);
        var pieces = "abEND!"u8.ToArray().TakeWhile(_ => !growing.IsStopped).Select(value => growing.Add(value)).ToList();
        Assert.Equal("ab", string.Concat(pieces));
        Assert.True(growing.IsStopped);
        Assert.Equal("", growing.Finish());
    }

    [Fact]
    public void WhatWasHeldBack_ComesAtTheEnd()
    {
        var growing = new GrowingText(new Bytes(), ["END"], []);
        Assert.Equal("x", string.Concat("xEN"u8.ToArray().Select(value => growing.Add(value))));
        Assert.Equal("EN", growing.Finish());
    }

    /// <summary>Each byte of UTF-8 is a token.</summary>
    private sealed class Bytes() : TextEncoder(new SpecialTokens())
    {
        public override int Count => 256;

        public override void AddTokens(ReadOnlySpan<char> text, int most, List<int> ids, List<TokenPlace>? places = null) => ids.AddRange(Encoding.UTF8.GetBytes(text.ToString()).Take(most).Select(value => (int)value));

        public override string TokenOf(int id) => $"{(char)id}";

        public override string Decode(IEnumerable<int> ids) => Encoding.UTF8.GetString([.. ids.Select(id => (byte)id)]);
    }
}
