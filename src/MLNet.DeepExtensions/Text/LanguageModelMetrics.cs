using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>How well a language model says which token follows, over all tokens of all texts.</summary>
public sealed record LanguageModelMetrics
{
    private LanguageModelMetrics() { }

    /// <summary>Gets the mean of the negative natural logarithm of each token's probability: what training makes small.</summary>
    public double NatsPerToken { get; private init; }

    /// <summary>Gets the same in bits.</summary>
    public double BitsPerToken => NatsPerToken / Math.Log(2);

    /// <summary>Gets e to the power of <see cref="NatsPerToken"/>: the model is as unsure as if it chose among so many tokens, each as likely as the next.</summary>
    public double Perplexity => Math.Exp(NatsPerToken);

    /// <summary>Gets how many tokens were judged.</summary>
    public long Tokens { get; private init; }

    internal static LanguageModelMetrics Of(IDataView data)
    {
        if (data.Schema.GetColumnOrNull(LanguageModelTask.LikelihoodColumn) is not { } likelihood || data.Schema.GetColumnOrNull(LanguageModelTask.TokensColumn) is not { } count
            || likelihood.Type != NumberDataViewType.Single || count.Type != NumberDataViewType.Int32)
            throw new ArgumentException($"The data has no columns '{LanguageModelTask.LikelihoodColumn}' and '{LanguageModelTask.TokensColumn}' of a language model. Give what a fitted model's Transform gives.", nameof(data));
        using var cursor = data.GetRowCursor([likelihood, count]);
        var (likelihoodOf, countOf) = (cursor.GetGetter<float>(likelihood), cursor.GetGetter<int>(count));
        var (sum, tokens) = (0.0, 0L);
        while (cursor.MoveNext())
        {
            var (logarithm, here) = (0f, 0);
            countOf(ref here);
            likelihoodOf(ref logarithm);
            if (here == 0)
                continue;
            sum += logarithm;
            tokens += here;
        }
        return new LanguageModelMetrics { NatsPerToken = tokens == 0 ? double.NaN : -sum / tokens, Tokens = tokens };
    }
}
