using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Counts a text's tokens as the model does that reads it.</summary>
internal sealed class TokenCount(TextTokenizer tokenizer)
{
    public static TokenCount? Of(ITransformer transformer) => transformer switch
    {
        ScoringTransformer { Tokenizer: { } tokenizer } => new TokenCount(tokenizer),
        IEnumerable<ITransformer> chain => chain.Select(Of).FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <summary>The tokens of a text, special ones included.</summary>
    public int CountOf(string text) => tokenizer.Encode(text).Count;
}
