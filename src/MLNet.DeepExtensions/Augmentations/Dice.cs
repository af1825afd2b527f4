namespace MLNet.DeepExtensions;

/// <summary>The draws that augmentations share.</summary>
internal static class Dice
{
    /// <summary>The dice of one batch: the same for a seed, an epoch and a batch, whatever was drawn before.</summary>
    public static SeededRandom For(int seed, int epoch, int batch)
    {
        // each number goes through the generator before the next joins it: neighbours have nothing in common
        var state = seed;
        foreach (var part in (ReadOnlySpan<int>)[0x41554721, epoch, batch])
            state = unchecked((int)new SeededRandom(state ^ part).Below(1L << 32));
        return new SeededRandom(state);
    }

    /// <summary>The numbers of those examples that a probability hits, rising. Every example costs one throw, whatever its outcome.</summary>
    public static IReadOnlyList<int> Chosen(this SeededRandom random, double probability, int count)
    {
        var chosen = new List<int>();
        for (var i = 0; i < count; i++)
            if (random.Fraction() < probability)
                chosen.Add(i);
        return chosen;
    }

    /// <summary>A number for each example.</summary>
    public static double[] Each(this SeededRandom random, int count, Func<SeededRandom, double> draw)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = draw(random);
        return values;
    }

    /// <summary>A whole number from the lower one to the upper one, both included.</summary>
    public static int Between(this SeededRandom random, int low, int high) => low + (int)random.Below(high - low + 1L);

    /// <summary>A number from Beta(alpha, alpha), as the share of one of two gamma draws.</summary>
    public static double Beta(this SeededRandom random, double alpha)
    {
        var (x, y) = (random.Gamma(alpha), random.Gamma(alpha));
        return x + y > 0 ? x / (x + y) : random.Fraction() < 0.5 ? 0 : 1;
    }

    // Marsaglia and Tsang 2000; below 1 by a power of a uniform draw, as they say
    private static double Gamma(this SeededRandom random, double shape)
    {
        if (shape < 1)
            return random.Gamma(shape + 1) * Math.Pow(1 - random.Fraction(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = random.Normal();
            var v = Math.Pow(1 + c * normal, 3);
            if (v > 0 && Math.Log(1 - random.Fraction()) < 0.5 * normal * normal + d - d * v + d * Math.Log(v))
                return d * v;
        }
    }

    // Box and Muller 1958
    private static double Normal(this SeededRandom random) => Math.Sqrt(-2 * Math.Log(1 - random.Fraction())) * Math.Cos(2 * Math.PI * random.Fraction());
}
