using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads sequences that differ in length: vectors of whole steps.</summary>
internal sealed class SequenceReader(FeatureColumn features, DataViewRow input, DataViewSchema.Column column) : FeatureReader
{
    private readonly ValueGetter<VBuffer<float>> getter = input.GetGetter<VBuffer<float>>(column);
    private readonly int width = (int)features.Shape.ChannelCount;
    private VBuffer<float> row;
    private float[] dense = [];
    private int count;

    public override bool IsEmpty => count == 0;

    /// <exception cref="InvalidOperationException">The values are no whole steps.</exception>
    public override bool Read()
    {
        getter(ref row);
        count = row.Length;
        if (count % width != 0)
            throw new InvalidOperationException($"Column '{features.Name}' has {count} values in row {input.Position} (rows count from 0), which are no whole steps of {width}, as its shape {features.Shape} says.");
        if (dense.Length < count)
            dense = new float[Math.Max(count, 2 * dense.Length)];
        row.CopyTo(dense);
        return count > 0 && !MissingNumbers.Any(dense.AsSpan(0, count));
    }

    public override void AddTo(RowStore store, bool replaceMissing)
    {
        // no network can look at no step: one of zeros stands for it
        if (count == 0)
        {
            ((RaggedStore<float>)store).Add(new float[width]);
            return;
        }
        if (replaceMissing)
            MissingNumbers.Replace(dense.AsSpan(0, count));
        ((RaggedStore<float>)store).Add(dense.AsSpan(0, count));
    }
}
