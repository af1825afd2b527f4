using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions;

/// <summary>Vectors of length 1, one behind the other, and the class of each.</summary>
/// <param name="vectors">[rows × size].</param>
/// <param name="size">The numbers in a vector.</param>
/// <param name="classes">[rows].</param>
internal sealed class LabelledVectors(float[] vectors, int size, long[] classes)
{
    public int Count => classes.Length;

    /// <summary>The similarities of all pairs of rows: of one class, and of two.</summary>
    public (float[] Genuine, float[] Impostor) Pairs()
    {
        var genuineCount = classes.GroupBy(item => item).Sum(group => group.LongCount() * (group.LongCount() - 1) / 2);
        var genuine = new float[genuineCount];
        var impostor = new float[(long)Count * (Count - 1) / 2 - genuineCount];
        var (nextGenuine, nextImpostor) = (0, 0);
        for (var i = 0; i < Count; i++)
            for (var j = i + 1; j < Count; j++)
                if (classes[i] == classes[j])
                    genuine[nextGenuine++] = Dot.Product(Row(i), Row(j));
                else
                    impostor[nextImpostor++] = Dot.Product(Row(i), Row(j));
        return (genuine, impostor);
    }

    /// <summary>The share of rows whose nearest other row is of their class, of those that are not alone in theirs; NaN where all are. Of equally near ones the first counts.</summary>
    public double RecallAt1()
    {
        var sizes = classes.GroupBy(item => item).ToDictionary(group => group.Key, group => group.Count());
        var (hits, asked) = (0, 0);
        for (var i = 0; i < Count; i++)
        {
            if (sizes[classes[i]] < 2)
                continue;
            var (nearest, best) = (-1, float.NegativeInfinity);
            for (var j = 0; j < Count; j++)
                if (j != i && Dot.Product(Row(i), Row(j)) is var similarity && similarity > best)
                    (nearest, best) = (j, similarity);
            asked++;
            if (nearest >= 0 && classes[nearest] == classes[i])
                hits++;
        }
        return asked == 0 ? double.NaN : (double)hits / asked;
    }

    private ReadOnlySpan<float> Row(int row) => vectors.AsSpan(row * size, size);
}

/// <summary>The product of two vectors, as many numbers at a time as the processor takes.</summary>
internal static class Dot
{
    public static float Product(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(left);
        var b = MemoryMarshal.Cast<float, Vector<float>>(right);
        var (even, odd) = (Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        // two sums: the next product need not wait for the last one's sum
        for (; i + 1 < a.Length; i += 2)
        {
            even += a[i] * b[i];
            odd += a[i + 1] * b[i + 1];
        }
        if (i < a.Length)
            even += a[i] * b[i];
        var sum = Vector.Sum(even + odd);
        for (var rest = a.Length * Vector<float>.Count; rest < left.Length; rest++)
            sum += left[rest] * right[rest];
        return sum;
    }

    /// <summary>Brings a vector to length 1.</summary>
    /// <exception cref="ArgumentException">It has no direction, or holds something that is no number.</exception>
    public static void Normalize(Span<float> vector)
    {
        var length = MathF.Sqrt(Product(vector, vector));
        if (!float.IsFinite(length) || length == 0)
            throw new ArgumentException($"An embedding must be finite numbers, not all 0, but its length is {length}. A picture that could not be read has NaN.", nameof(vector));
        foreach (ref var value in vector)
            value /= length;
    }
}
