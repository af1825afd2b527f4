using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What may stand where a text has a mask.</summary>
/// <param name="Token">The token, as it is written in the vocabulary.</param>
/// <param name="Probability">How likely it stands there, from 0 to 1.</param>
/// <param name="Text">The text with the token in the place of this mask; other masks are still there.</param>
public sealed record FilledMask(string Token, float Probability, string Text);

/// <summary>
/// Asks a masked language model what stands where a text has a mask. Made by <c>mlContext.DeepText().MaskFiller</c>. Any number of threads may ask; it needs the transformer, which must not be disposed before.
/// </summary>
public sealed class MaskFiller
{
    private readonly DeepModel model;
    private readonly TextColumn column;
    private readonly int mask;

    /// <exception cref="ArgumentException">The transformer is no masked language model.</exception>
    internal MaskFiller(DeepTransformer transformer)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        model = transformer.Model;
        if (model.Saved.Task is not MaskedTokensTask task)
            throw new ArgumentException("The network was not trained to say what is hidden. Train one: mlContext.DeepText().Trainers.MaskedLanguageModel(…).", nameof(transformer));
        (column, mask) = (model.Saved.Inputs[0].Features.Text!, task.MaskToken);
        MaskToken = column.Tokenizer.Encoder.TokenOf(mask);
    }

    /// <summary>Gets how a mask is written in a text, such as <c>[MASK]</c>.</summary>
    public string MaskToken { get; }

    /// <summary>Says what may stand where a text has masks.</summary>
    /// <param name="text">The text, with <see cref="MaskToken"/> once or more.</param>
    /// <param name="count">How many tokens for each mask.</param>
    /// <returns>For each mask, in the text's order, the likeliest tokens, the likeliest first. Masks behind the most tokens that the network reads have none.</returns>
    /// <exception cref="ArgumentException">The text has no mask, or there are fewer tokens than asked for.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IReadOnlyList<IReadOnlyList<FilledMask>> Fill(string text, int count = 5)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var encoder = column.Tokenizer.Encoder;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, encoder.Count);
        var ids = new List<int>();
        encoder.Encode(text.AsMemory(), null, column.MaxTokens, ids);
        if (!text.Contains(MaskToken, StringComparison.Ordinal))
            throw new ArgumentException($"The text has no {MaskToken}, so there is nothing to say. Write {MaskToken} where a token is to be guessed.", nameof(text));
        var pairs = Ask([.. ids], count);
        return [.. Enumerable.Range(0, pairs.Length / (2 * count)).Select(number => (IReadOnlyList<FilledMask>)[.. Enumerable.Range(0, count).Select(place =>
        {
            var token = (int)pairs[2 * (number * count + place)];
            return new FilledMask(encoder.TokenOf(token), pairs[2 * (number * count + place) + 1], Replaced(text, number, encoder.Decode([token])));
        })])];
    }

    private float[] Ask(int[] ids, int count)
    {
        var rows = InputRows.For(model.Saved.Inputs.Select(input => input.Features), null, 1);
        ((RaggedStore<int>)rows.Columns[0]).Add(ids);
        model.Enter();
        try
        {
            using var inference = inference_mode();
            using var scope = NewDisposeScope();
            var input = NetworkColumn.Apply(model.Saved.Inputs, InputTensors.Of(rows, [0], model.Device));
            var (asked, _) = AskedSteps.Find(input.Columns[0], mask);
            return asked.shape[0] == 0 ? [] : AskedSteps.Likeliest(AskedSteps.Answer(model.Module, input, asked, column.Tokenizer.Count), count);
        }
        finally
        {
            model.Leave();
        }
    }

    private string Replaced(string text, int number, string by)
    {
        var place = -1;
        for (var i = 0; i <= number; i++)
            place = text.IndexOf(MaskToken, place + 1, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, place), by, text.AsSpan(place + MaskToken.Length));
    }
}
