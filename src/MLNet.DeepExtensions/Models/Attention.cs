using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Scaled dot-product attention of several heads (Vaswani et al. 2017, equation 1), the part that all transformers share whatever their weights are called.</summary>
internal static class Attention
{
    /// <summary>Gives each head its part of the width: [N, steps, width] → [N, heads, steps, width / heads].</summary>
    public static Tensor Split(Tensor values, int heads) => values.view(values.shape[0], values.shape[1], heads, values.shape[2] / heads).transpose(1, 2);

    /// <summary>Puts the heads side by side again: [N, heads, steps, width / heads] → [N, steps, width].</summary>
    public static Tensor Merge(Tensor heads) => heads.transpose(1, 2).reshape(heads.shape[0], heads.shape[2], heads.shape[1] * heads.shape[3]);

    /// <summary>Each query looks at the keys that it may see.</summary>
    /// <param name="query">[N, heads, steps, width / heads].</param>
    /// <param name="key">[N, heads, seen steps, width / heads].</param>
    /// <param name="value">As the keys.</param>
    /// <param name="mask">Where there are steps and no padding, [N, seen steps]; null where there is no padding.</param>
    /// <param name="isCausal">Whether a step sees none behind it. With more keys than queries, the queries are the last ones.</param>
    /// <param name="dropout">The probability of zeroing what a query sees of a key; 0 when scoring.</param>
    /// <returns>[N, heads, steps, width / heads].</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor? mask = null, bool isCausal = false, double dropout = 0)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (query.shape[2], key.shape[2]);
        var seen = mask?.unsqueeze(1).unsqueeze(1);                                                         // [N, 1, 1, keys]
        // one query at the end sees all; libtorch's own causal mask lets the first query see the first key
        if (isCausal && queries > 1 && (queries != keys || seen is not null))
        {
            var past = ones(queries, keys, ScalarType.Bool, query.device).tril(keys - queries);             // [queries, keys]
            seen = seen is null ? past : past.logical_and(seen);
        }
        if (dropout > 0 && SeededDropout.Takes(query))
            return Drop(query, key, value, isCausal && queries > 1 && seen is null ? ones(queries, keys, ScalarType.Bool).tril() : seen, dropout).MoveToOuterDisposeScope();
        return nn.functional.scaled_dot_product_attention(query, key, value, seen, dropout, isCausal && queries > 1 && seen is null).MoveToOuterDisposeScope();
    }

    // libtorch's one kernel for all of it drops nothing; step by step it would take the slow masks
    private static Tensor Drop(Tensor query, Tensor key, Tensor value, Tensor? seen, double dropout)
    {
        var likeness = matmul(query * (1 / Math.Sqrt(query.shape[3])), key.transpose(-2, -1));               // [N, heads, queries, keys]
        // a row that sees nothing looks at all alike, where minus infinity would give what is no number
        var weights = (seen is null ? likeness : likeness.masked_fill_(seen.logical_not(), -1e30)).softmax(-1);
        return matmul(SeededDropout.Apply(weights, dropout), value);
    }
}
