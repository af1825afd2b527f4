namespace MLNet.DeepExtensions;

/// <summary>
/// Random numbers that are the same for a seed in every process, on every machine and with every version of .NET, which promises none of that for its own.
/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
/// </summary>
internal sealed class SeededRandom(int seed)
{
    private ulong state = unchecked((uint)seed);

    /// <summary>A whole number from 0 to below the limit.</summary>
    public long Below(long limit)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        // the upper half of the product is as even as 64 bits allow
        return (long)Math.BigMul(z ^ (z >> 31), (ulong)limit, out _);
    }

    /// <summary>A number from 0 to below 1.</summary>
    public double Fraction() => Below(1L << 53) * (1.0 / (1L << 53));

    /// <summary>The numbers from 0 to below the count, in random order.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            var j = (int)Below(i + 1);
            (order[i], order[j]) = (order[j], i);
        }
        return order;
    }

    /// <summary>Puts the items into random order.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
