namespace MLNet.DeepExtensions;

/// <summary>
/// A random order of so many numbers that takes no memory: each place's number is computed, by a Feistel network over the next even number of bits, walked until it falls among the numbers
/// (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
/// </summary>
internal sealed class Permutation
{
    private const int Rounds = 6;

    private readonly uint[] keys = new uint[Rounds];
    private readonly int half;
    private readonly uint mask;

    /// <param name="count">How many numbers, from 0.</param>
    /// <param name="seed">The same seed gives the same order.</param>
    public Permutation(int count, int seed)
    {
        Count = count;
        half = 1;
        while (1L << (2 * half) < count)
            half++;
        mask = (1u << half) - 1;
        var random = new SeededRandom(seed);
        for (var round = 0; round < Rounds; round++)
            keys[round] = (uint)random.Below(1L << 32);
    }

    public int Count { get; }

    /// <summary>The number at a place.</summary>
    public int this[int place]
    {
        get
        {
            var value = (uint)place;
            do
                value = Once(value);
            while (value >= (uint)Count);
            return (int)value;
        }
    }

    private uint Once(uint value)
    {
        var (left, right) = (value >> half, value & mask);
        foreach (var key in keys)
            (left, right) = (right, left ^ (Mix(right ^ key) & mask));
        return left << half | right;
    }

    // the finaliser of MurmurHash3 (Appleby 2011): each bit of the input changes half of the output's
    private static uint Mix(uint value)
    {
        value = (value ^ value >> 16) * 0x85EBCA6B;
        value = (value ^ value >> 13) * 0xC2B2AE35;
        return value ^ value >> 16;
    }
}
