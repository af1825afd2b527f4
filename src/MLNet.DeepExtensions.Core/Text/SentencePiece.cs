using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// SentencePiece (Kudo and Richardson 2018): pieces of the text as it stands, spaces included, by the most likely segmentation (Unigram) or by merges (BPE), as T5, ALBERT and Llama use it.
/// It comes from a model file, whose bytes become part of the option and of the saved model; nothing is learnt here.
/// </summary>
/// <remarks>The work is done by Microsoft.ML.Tokenizers, whose <c>SentencePieceTokenizer</c> knows both kinds of models.</remarks>
[ConfigName("sentence-piece")]
public sealed record SentencePiece : TextTokenizer, IValidatableObject
{
    /// <summary>Gets the bytes of the model file: <c>spiece.model</c> or <c>tokenizer.model</c>, as <c>File.ReadAllBytes</c> reads it.</summary>
    /// <value>Empty by default; nothing can be cut before there is a model.</value>
    public ReadOnlyMemory<byte> Model { get; init; }

    /// <summary>Gets whether a text begins with <c>[CLS]</c>, or <c>&lt;s&gt;</c> where the model has no such piece.</summary>
    /// <value>The default is true; T5 wants false.</value>
    public bool AddsStart { get; init; } = true;

    /// <summary>Gets whether <c>[SEP]</c>, or <c>&lt;/s&gt;</c> where the model has no such piece, stands behind each text.</summary>
    /// <value>The default is true; Llama wants false.</value>
    public bool AddsEnd { get; init; } = true;

    /// <inheritdoc/>
    public override bool IsFitted => !Model.IsEmpty;

    /// <summary>Gives this tokenizer back: its model file is its vocabulary.</summary>
    /// <param name="texts">Are not read.</param>
    /// <returns>This tokenizer.</returns>
    /// <exception cref="InvalidOperationException">There is no model.</exception>
    public override TextTokenizer Fit(IEnumerable<string> texts) => IsFitted ? this
        : throw new InvalidOperationException("SentencePiece learns nothing here: give it the bytes of a model file, new SentencePiece { Model = File.ReadAllBytes(\"spiece.model\") }, or take WordPiece or ByteLevelBpe, which learn.");

    /// <summary>Checks what a file says.</summary>
    /// <param name="validationContext">Names the config.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsFitted && SentencePieceEncoder.WhatIsWrong(Model) is { } complaint)
            yield return new ValidationResult($"the model of SentencePiece cannot be used: {complaint}");
    }

    /// <summary>Compares the settings, the model byte by byte.</summary>
    /// <param name="other">Another tokenizer.</param>
    /// <returns>Whether both cut alike.</returns>
    public bool Equals(SentencePiece? other) => base.Equals(other) && (AddsStart, AddsEnd) == (other.AddsStart, other.AddsEnd) && Model.Span.SequenceEqual(other.Model.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), AddsStart, AddsEnd, Model.Length);

    internal override TextEncoder Build() => new SentencePieceEncoder(SentencePieceEncoder.Load(Model), AddsStart, AddsEnd) { ReadsSpecialTokens = ReadsSpecialTokens };
}
