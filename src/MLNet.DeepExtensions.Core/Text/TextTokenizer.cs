using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// How a text is cut into tokens, and which number each has: a record that is the option a user writes and, with its vocabulary, part of the saved model.
/// Those that come without a vocabulary learn one from the training rows.
/// </summary>
[ConfigFamily]
public abstract record TextTokenizer
{
    // a record is copied with all its fields by "with": what was built of it stays outside
    private static readonly ConditionalWeakTable<TextTokenizer, TextEncoder> encoders = [];

    /// <summary>Gets the registered tokenizers in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<TextTokenizer>().Types;

    /// <summary>
    /// Reads the tokenizer of a model that lies in a folder as Hugging Face publishes it: <c>vocab.txt</c> (BERT and its kin), <c>vocab.json</c> with <c>merges.txt</c> (GPT-2, RoBERTa), or <c>tokenizer.json</c>
    /// with either inside, or a SentencePiece model (T5, ALBERT, Llama); what <c>tokenizer_config.json</c> says of case, accents and ideographs is followed. Nothing is downloaded.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <returns>The tokenizer with its vocabulary.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It lacks a file; the message names it.</exception>
    /// <exception cref="InvalidModelFileException">A file is damaged, or describes a tokenizer that is none of ours.</exception>
    public static TextTokenizer FromFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new TokenizerFolder(path).Read();
    }

    /// <summary>Gets whether there is a vocabulary.</summary>
    public abstract bool IsFitted { get; }

    /// <summary>Gets how many tokens there are: each token's number is at least 0 and below this.</summary>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public int Count => Encoder.Count;

    /// <summary>Gets the numbers of tokens with a meaning of their own.</summary>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public SpecialTokens Special => Encoder.Special;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">The training texts; read once.</param>
    /// <returns>The tokenizer with its vocabulary; this one where it has one.</returns>
    public abstract TextTokenizer Fit(IEnumerable<string> texts);

    /// <summary>Gets whether a special token that is written out in a text, such as <c>[SEP]</c>, is that token.</summary>
    /// <value>The default is false: a text from outside cannot pretend to be two. Hugging Face's tokenizers read them.</value>
    public bool ReadsSpecialTokens { get; init; }

    /// <summary>Cuts a text into tokens, with the special ones that a network expects around it.</summary>
    /// <param name="text">The text; empty is a text, too.</param>
    /// <param name="maxTokens">At most so many are given, special ones included; the text's end is cut off. Null does not cut.</param>
    /// <returns>The tokens' numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for the special tokens.</exception>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public IReadOnlyList<int> Encode(string text, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        Encoder.Encode(text.AsMemory(), null, RoomFor(maxTokens, isPair: false), ids);
        return ids;
    }

    /// <summary>Cuts two texts into tokens that a network reads together, such as <c>[CLS] text [SEP] pair [SEP]</c>.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="pair">The second text.</param>
    /// <param name="maxTokens">At most so many are given, special ones included; the longer text's end is cut off. Null does not cut.</param>
    /// <returns>The tokens' numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for the special tokens.</exception>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public IReadOnlyList<int> Encode(string text, string pair, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(pair);
        var ids = new List<int>();
        Encoder.Encode(text.AsMemory(), pair.AsMemory(), RoomFor(maxTokens, isPair: true), ids);
        return ids;
    }

    /// <summary>As <see cref="Encode(string, int?)"/>, with what each token stands for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">A second text to be read with it, or null.</param>
    /// <param name="maxTokens">At most so many are given, special ones included. Null does not cut.</param>
    /// <returns>The tokens. Those of one character may share a place: a Hangul syllable is two or three letters to BERT.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for the special tokens.</exception>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public IReadOnlyList<TextToken> Tokenize(string text, string? pair = null, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (ids, places) = (new List<int>(), new List<TokenPlace>());
        var second = Encoder.Encode(text.AsMemory(), pair?.AsMemory(), RoomFor(maxTokens, pair is not null), ids, places);
        return [.. ids.Select((id, i) => new TextToken(id, Encoder.TokenOf(id), places[i].Start, places[i].Length, i < second ? 0 : 1))];
    }

    /// <summary>Puts tokens together again. What the tokenizer lost (case, spaces) does not come back.</summary>
    /// <param name="ids">The tokens' numbers.</param>
    /// <returns>The text without special tokens.</returns>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var count = Count;
        return Encoder.Decode(ids.Select(id => (uint)id < (uint)count ? id : throw new ArgumentOutOfRangeException(nameof(ids), id, $"There is no token {id}: the vocabulary has {count}, which count from 0.")));
    }

    /// <summary>Says which tokenizer it is, without its vocabulary.</summary>
    /// <returns>Such as <c>WordPiece of 8000 tokens</c>.</returns>
    public sealed override string ToString() => IsFitted ? $"{GetType().Name} of {Count} tokens" : $"{GetType().Name} without a vocabulary";

    /// <summary>Gets what cuts texts, built once for each record; any number of threads may use it.</summary>
    internal TextEncoder Encoder => IsFitted ? encoders.GetValue(this, static tokenizer => tokenizer.Checked().Build())
        : throw new InvalidOperationException($"{GetType().Name} has no vocabulary yet: let a trainer learn one from its rows, or call Fit(texts).");

    internal abstract TextEncoder Build();

    /// <summary>Gets whether a token stands behind each text.</summary>
    internal bool HasSeparator => IsFitted ? Special.Separator is not null : LearnsSeparator;

    private protected virtual bool LearnsSeparator => true;

    private TextTokenizer Checked()
    {
        ConfigValidation.Check(this, GetType().Name);
        return this;
    }

    private int RoomFor(int? maxTokens, bool isPair)
    {
        var special = Special;
        var least = (special.Start is null ? 0 : 1) + (special.Separator is null ? 0 : isPair ? 1 + special.SeparatorsInPair : 1);
        return maxTokens is not { } most ? int.MaxValue : most >= Math.Max(1, least) ? most
            : throw new ArgumentOutOfRangeException(nameof(maxTokens), most, $"maxTokens must be at least {Math.Max(1, least)}: the special tokens around {(isPair ? "a pair of texts" : "a text")} take {least}.");
    }
}
