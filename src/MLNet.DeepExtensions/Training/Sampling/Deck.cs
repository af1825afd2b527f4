namespace MLNet.DeepExtensions;

/// <summary>Numbers to be dealt like cards: each comes once before any comes again, and a hand holds none twice where there are enough.</summary>
internal sealed class Deck
{
    private readonly int[] cards;
    private readonly Func<int, int> below;
    private int next;

    public Deck(IEnumerable<int> numbers, Func<int, int> below)
    {
        (cards, this.below) = ([.. numbers], below);
        Shuffle(cards);
    }

    /// <summary>Deals a hand; where it is larger than the deck, numbers come again.</summary>
    public void Deal(Span<int> hand)
    {
        while (hand.Length > 0)
        {
            if (next + Math.Min(hand.Length, cards.Length) > cards.Length)
                PutUsedBelow();
            var count = Math.Min(hand.Length, cards.Length - next);
            cards.AsSpan(next, count).CopyTo(hand);
            next += count;
            hand = hand[count..];
        }
    }

    // what was not dealt yet comes first, so that a hand across the end holds no number twice
    private void PutUsedBelow()
    {
        int[] used = cards[..next];
        Shuffle(used);
        var left = cards.Length - next;
        Array.Copy(cards, next, cards, 0, left);
        used.CopyTo(cards, left);
        next = 0;
    }

    private void Shuffle(int[] numbers)
    {
        for (var i = numbers.Length - 1; i > 0; i--)
        {
            var j = below(i + 1);
            (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
        }
    }
}
