using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

/// <summary>Texts for deep networks, under <c>mlContext.Transforms.Text</c>.</summary>
public static class DeepTextCatalog
{
    /// <summary>
    /// Cuts texts, or pairs of texts, into the tokens of a network: for pairs, and where tokens are of interest themselves. A trainer takes the column as it is, without a shape; one text column
    /// needs no step, since trainers read text. Without a vocabulary, it is learnt from the training rows and saved with the step.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">The name of the column of tokens: a vector of Int32 whose length differs from row to row.</param>
    /// <param name="inputColumnName">The name of the text column.</param>
    /// <param name="tokenizer">How texts are cut. The default is <see cref="WordPiece"/>, which learns its vocabulary.</param>
    /// <param name="pairColumnName">The name of a second text column, which is read behind the first: <c>[CLS] text [SEP] pair [SEP]</c>. Null reads one text.</param>
    /// <param name="maxTokens">How many tokens a row has at most, special ones included, in [4, 1,048,576]; of a pair, the longer text's end is cut off.</param>
    /// <returns>The step.</returns>
    /// <exception cref="ArgumentException">A column name is empty, or <paramref name="maxTokens"/> is out of its range.</exception>
    public static IEstimator<ITransformer> Tokenize(this TransformsCatalog.TextTransforms catalog, string outputColumnName, string inputColumnName, TextTokenizer? tokenizer = null,
        string? pairColumnName = null, int maxTokens = 512)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        return new RowStepEstimator(DataDoors.EnvironmentOf(catalog), new TokenizeStep
        {
            OutputColumnName = outputColumnName, InputColumnName = inputColumnName, PairColumnName = pairColumnName, Tokenizer = tokenizer ?? new WordPiece(), MaxTokens = maxTokens,
        });
    }
}
