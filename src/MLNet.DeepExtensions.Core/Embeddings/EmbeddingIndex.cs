using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// Finds the nearest of known embeddings by cosine, exactly: each search compares all, some million numbers in a millisecond. Any number of threads may search while nobody adds or removes.
/// </summary>
public sealed class EmbeddingIndex
{
    private readonly List<string> labels = [];
    private float[] vectors = [];

    /// <summary>Makes an empty index.</summary>
    /// <param name="size">The numbers in a vector, at least 1.</param>
    public EmbeddingIndex(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
    }

    /// <summary>Gets the numbers in a vector.</summary>
    public int Size { get; }

    /// <summary>Gets how many vectors are known.</summary>
    public int Count => labels.Count;

    /// <summary>Gets the labels that are known, each once, in the order in which they came.</summary>
    public IReadOnlyList<string> Labels => [.. labels.Distinct(StringComparer.Ordinal)];

    /// <summary>Makes an index of all rows of a data view; those without a label, or with NaN in their vector, are left out.</summary>
    /// <param name="data">The rows, transformed by a model with <c>DeepEmbedding</c>.</param>
    /// <param name="embeddingColumnName">The column of vectors.</param>
    /// <param name="labelColumnName">The column of labels: a key or text.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows with vector and label.</exception>
    public static EmbeddingIndex Build(IDataView data, string embeddingColumnName = "Embedding", string labelColumnName = "Label")
    {
        EmbeddingIndex? index = null;
        EmbeddingRows.Read(data, embeddingColumnName, labelColumnName, (label, vector) => (index ??= new EmbeddingIndex(vector.Length)).Add(label, vector));
        return index ?? throw new InvalidOperationException($"No row has a vector in '{embeddingColumnName}' and a label in '{labelColumnName}'.");
    }

    /// <summary>Adds a vector. One label may have several: the nearest of them counts.</summary>
    /// <param name="label">What it is found under.</param>
    /// <param name="embedding">The vector, of any length but 0; it is copied.</param>
    /// <exception cref="ArgumentException">It has another size, no direction, or holds something that is no number.</exception>
    public void Add(string label, ReadOnlySpan<float> embedding)
    {
        ArgumentNullException.ThrowIfNull(label);
        var vector = Checked(embedding);
        if ((Count + 1) * Size > vectors.Length)
            Array.Resize(ref vectors, checked(Math.Max(2 * vectors.Length, 16 * Size)));
        vector.CopyTo(vectors, Count * Size);
        labels.Add(label);
    }

    /// <summary>Forgets all vectors of a label.</summary>
    /// <param name="label">The label.</param>
    /// <returns>How many there were.</returns>
    public int Remove(string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        var kept = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] == label)
                continue;
            (labels[kept], var from) = (labels[i], i * Size);
            Array.Copy(vectors, from, vectors, kept++ * Size, Size);
        }
        var removed = labels.Count - kept;
        labels.RemoveRange(kept, removed);
        return removed;
    }

    /// <summary>Finds the nearest vectors.</summary>
    /// <param name="embedding">What to look for.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <returns>The nearest first, at most <paramref name="count"/>; of equally near ones those that were added first.</returns>
    /// <exception cref="ArgumentException">The vector has another size, no direction, or holds something that is no number.</exception>
    public IReadOnlyList<Neighbour> Search(ReadOnlySpan<float> embedding, int count = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var wanted = Checked(embedding);
        var nearest = new PriorityQueue<int, (float Similarity, int Earlier)>(Math.Min(count, Count) + 1);
        for (var i = 0; i < Count; i++)
        {
            var similarity = Dot.Product(vectors.AsSpan(i * Size, Size), wanted);
            if (nearest.Count < count)
                nearest.Enqueue(i, (similarity, -i));
            else if (nearest.TryPeek(out _, out var worst) && similarity > worst.Similarity)
                nearest.EnqueueDequeue(i, (similarity, -i));
        }
        var found = new Neighbour[nearest.Count];
        for (var i = found.Length - 1; nearest.TryDequeue(out var row, out var priority); i--)
            found[i] = new Neighbour(labels[row], priority.Similarity, row);
        return found;
    }

    /// <summary>Says whether a vector belongs to a label: how near the nearest of the label's vectors is.</summary>
    /// <param name="label">Who it claims to be.</param>
    /// <param name="embedding">The vector.</param>
    /// <returns>The cosine, in [-1, 1], to be compared with a threshold; -1 where nobody of that label is known.</returns>
    /// <exception cref="ArgumentException">The vector has another size, no direction, or holds something that is no number.</exception>
    public float Similarity(string label, ReadOnlySpan<float> embedding)
    {
        ArgumentNullException.ThrowIfNull(label);
        var (wanted, best) = (Checked(embedding), -1f);
        for (var i = 0; i < Count; i++)
            if (labels[i] == label)
                best = Math.Max(best, Dot.Product(vectors.AsSpan(i * Size, Size), wanted));
        return best;
    }

    /// <summary>Says how alike two embeddings are.</summary>
    /// <param name="one">A vector, of any length but 0.</param>
    /// <param name="other">Another one of the same size.</param>
    /// <returns>The cosine of the angle between them, in [-1, 1].</returns>
    /// <exception cref="ArgumentException">They differ in size, or one has no direction or holds something that is no number.</exception>
    public static float Cosine(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        if (one.Length != other.Length)
            throw new ArgumentException($"One vector has {one.Length} numbers, the other {other.Length}.", nameof(other));
        var (a, b) = (one.ToArray(), other.ToArray());
        Dot.Normalize(a);
        Dot.Normalize(b);
        return Math.Clamp(Dot.Product(a, b), -1, 1);
    }

    private float[] Checked(ReadOnlySpan<float> embedding)
    {
        if (embedding.Length != Size)
            throw new ArgumentException($"The index has vectors of {Size} numbers, but this one has {embedding.Length}.", nameof(embedding));
        var vector = embedding.ToArray();
        Dot.Normalize(vector);
        return vector;
    }
}

/// <summary>A known vector that was found.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Similarity">The cosine of the angle between it and what was looked for, in [-1, 1].</param>
/// <param name="Row">Its place among the index's vectors, from 0.</param>
public readonly record struct Neighbour(string Label, float Similarity, int Row);
