using System.Numerics.Tensors;

namespace MLNet.DeepExtensions;

/// <summary>Chooses the next token by what a network says of each: penalty, temperature, the likeliest, the nucleus, in this order, and then dice. For one thread.</summary>
internal sealed class TokenChoice(GenerationOptions options, IReadOnlyList<int> never)
{
    private float[] outputs = [];
    private float[] keys = [];
    private int[] tokens = [];
    private double[] weights = [];

    /// <param name="raw">What the network says of each token, before softmax.</param>
    /// <param name="written">The tokens of prompt and text.</param>
    /// <param name="dice">Draws.</param>
    /// <exception cref="InvalidOperationException">What it says is no number.</exception>
    public int Next(ReadOnlySpan<float> raw, IReadOnlyCollection<int> written, SeededRandom dice)
    {
        Prepare(raw, written);
        if (options.Temperature == 0)
            return Likeliest();
        var (count, total) = Weigh();
        var place = dice.Fraction() * total;
        for (var i = 0; i < count; i++)
            if ((place -= weights[i]) < 0)
                return tokens[i];
        return tokens[count - 1];                       // what rounding left over
    }

    /// <summary>What tokens are drawn from, the likeliest first where some are left out.</summary>
    public IReadOnlyList<(int Token, double Probability)> Distribution(ReadOnlySpan<float> raw, IReadOnlyCollection<int> written)
    {
        Prepare(raw, written);
        if (options.Temperature == 0)
            return [(Likeliest(), 1)];
        var (count, total) = Weigh();
        return [.. Enumerable.Range(0, count).Select(i => (tokens[i], weights[i] / total))];
    }

    private void Prepare(ReadOnlySpan<float> raw, IReadOnlyCollection<int> written)
    {
        if (outputs.Length != raw.Length)
            (outputs, keys, tokens, weights) = (new float[raw.Length], new float[raw.Length], new int[raw.Length], new double[raw.Length]);
        raw.CopyTo(outputs);
        if (options.RepetitionPenalty != 1)
            foreach (var token in written)
                outputs[token] = (float)(outputs[token] > 0 ? outputs[token] / options.RepetitionPenalty : outputs[token] * options.RepetitionPenalty);
        foreach (var token in never)
            outputs[token] = float.NegativeInfinity;
        if (!float.IsFinite(outputs[Likeliest()]))
            throw new InvalidOperationException($"The network says {outputs[Likeliest()]} of the next token, which is no number to choose by. Its weights may be damaged.");
    }

    private int Likeliest() => TensorPrimitives.IndexOfMax(outputs);

    // weights of the tokens that are left, not yet divided by their sum
    private (int Count, double Total) Weigh()
    {
        var count = outputs.Length;
        for (var i = 0; i < count; i++)
            tokens[i] = i;
        var sorted = options.TopK < count || options.TopP < 1;
        if (sorted)
            SortByLikelihood();
        if (options.TopK < count)
            count = options.TopK.Value;
        var (most, total) = (outputs[Likeliest()], 0.0);
        for (var i = 0; i < count; i++)
            total += weights[i] = Math.Exp((outputs[tokens[i]] - (double)most) / options.Temperature);
        if (options.TopP is not { } share || share >= 1)
            return (count, total);
        var sum = 0.0;
        for (var i = 0; i < count; i++)
            if ((sum += weights[i]) >= share * total)
                return (i + 1, sum);
        return (count, total);
    }

    // of equally likely ones the lower number comes first
    private void SortByLikelihood()
    {
        for (var i = 0; i < keys.Length; i++)
            keys[i] = -outputs[i];
        Array.Sort(keys, tokens);
        for (int first = 0, end; first < keys.Length; first = end)
        {
            for (end = first + 1; end < keys.Length && keys[end] == keys[first]; end++) { }
            if (end - first > 1)
                Array.Sort(tokens, first, end - first);
        }
    }
}
