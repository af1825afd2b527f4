using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Reads a text column as its tokens' numbers.</summary>
internal sealed class TextReader(FeatureColumn features, DataViewRow row, DataViewSchema.Column column) : FeatureReader
{
    private readonly ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
    private readonly TextEncoder encoder = features.Text!.Tokenizer.Encoder;
    private readonly List<int> ids = [];
    private ReadOnlyMemory<char> text;

    // an empty text has its special tokens; where a vocabulary has none, there is nothing to look at
    public override bool IsEmpty => ids.Count == 0;

    public override bool Read()
    {
        getter(ref text);
        ids.Clear();
        if (features.Text!.GoesOn)
            encoder.EncodeBehindAnother(text, features.Text.MaxTokens, ids);
        else
            encoder.Encode(text, null, features.Text.MaxTokens, ids);
        return ids.Count > 0;
    }

    public override void AddTo(RowStore store, bool replaceMissing) =>
        ((RaggedStore<int>)store).Add(ids.Count == 0 ? [0] : System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids));
}
