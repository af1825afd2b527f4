namespace MLNet.DeepExtensions;

/// <summary>Numbers to be dealt like cards: each comes once before any comes again, and a hand holds none twice where there are enough.</summary>
internal sealed class Deck(IEnumerable<int> numbers, Func<int, int> below)
{
    private int[] cards = [.. numbers];
    private int next = int.MaxValue;

    /// <summary>Deals a hand; where it is larger than the deck, numbers come again.</summary>
    public void Deal(Span<int> hand)
    {
        for (var i = 0; i < hand.Length; i++)
        {
            if (next >= cards.Length)
                Shuffle(hand[..i].ToArray());
            hand[i] = cards[next++];
        }
    }

    // what the hand holds already goes to the bottom, in the order in which it fell
    private void Shuffle(int[] held)
    {
        for (var i = cards.Length - 1; i > 0; i--)
        {
            var j = below(i + 1);
            (cards[i], cards[j]) = (cards[j], cards[i]);
        }
        if (held.Length > 0)
            cards = [.. cards.Where(card => !held.Contains(card)), .. cards.Where(held.Contains)];
        next = 0;
    }
}
