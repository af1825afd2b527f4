namespace MLNet.DeepExtensions;

public sealed partial class TextTrainers
{
    /// <summary>
    /// Learns a language from texts without labels, by guessing tokens that are hidden (Devlin et al. 2018). What comes out fills masks (<see cref="DeepText.MaskFiller"/>), and is what other networks start from:
    /// <c>InitialWeights = pretrained</c> gives a network of the same architecture the weights of all layers but the last, and the tokenizer with its vocabulary.
    /// </summary>
    /// <param name="model">A network that reads tokens: <see cref="TransformerEncoder"/>, or a published one. What its head is makes no difference.</param>
    /// <param name="textColumn">The column of text. <c>new InputColumn("Text") { Tokenizer = …, MaxTokens = … }</c> says how it is cut; else the network does, and its vocabulary is learnt from the training rows.</param>
    /// <param name="options">How to train. The loss is the mean over hidden tokens, in nats.</param>
    /// <param name="masking">Which tokens are hidden, and how; null is 15 % of them, as in BERT.</param>
    /// <returns>
    /// The trainer; its transformer adds, for each mask that is written in a text, <c>PredictedLabel</c>, the likeliest token as a key (<c>MapKeyToValue</c> says which), and <c>Score</c>, its probability.
    /// </returns>
    /// <exception cref="ArgumentException">The network reads no tokens, or a setting is out of its range.</exception>
    public DeepTrainer MaskedLanguageModel(ModelConfig model, InputColumn? textColumn = null, DeepTrainerOptions? options = null, TokenMasking? masking = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        masking ??= new TokenMasking();
        ConfigValidation.Check(masking, nameof(masking));
        var reader = model.WithTokenHead() ?? throw new ArgumentException(
            $"{model.GetType().Name} cannot say which token stands where. Take a network that reads tokens, such as new TransformerEncoder().", nameof(model));
        return new DeepTrainer(environment, new MaskedTokensTask { Masking = masking }, reader, options ?? new DeepTrainerOptions(), new MaskedTexts(textColumn ?? "Text"));
    }
}
