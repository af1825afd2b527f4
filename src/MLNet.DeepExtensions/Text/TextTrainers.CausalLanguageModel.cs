namespace MLNet.DeepExtensions;

public sealed partial class TextTrainers
{
    /// <summary>
    /// Teaches a network to write: which token follows those before it. The texts of all rows stand behind each other, with the tokenizer's end of text between them; windows of tokens are the examples,
    /// and move from epoch to epoch. Loss and metrics are means over tokens, in nats; validation covers all its texts by windows without overlap.
    /// </summary>
    /// <param name="model">The network: <see cref="Gpt"/>, or any that gives [N, steps, outputs] and looks back only, such as <c>new Lstm { Pooling = Pooling.None }</c>.</param>
    /// <param name="textColumnName">The texts; a row may hold a word or a book.</param>
    /// <param name="options">How to train; a row of a batch is a window.</param>
    /// <param name="tokenizer">How texts are cut into tokens; one without a vocabulary learns it from the training rows. Null takes what the network brings along: characters for <see cref="Gpt"/>.</param>
    /// <param name="window">How many tokens the network sees at once, from 2; null takes as many as it reads, such as <see cref="Gpt.Context"/>.</param>
    /// <returns>
    /// The trainer. Its transformer adds <c>LogLikelihood</c>, the natural logarithm of how likely a row's text is, <c>Tokens</c>, how many tokens it has, and <c>Perplexity</c>;
    /// <c>CreateTextGenerator()</c> makes of it what writes.
    /// </returns>
    /// <remarks>
    /// <para>Share the texts by <see cref="DeepTrainerOptions.ValidationFraction"/>, which sets the last part aside, or give <c>Fit</c> validation rows. <see cref="Perplexity"/> is measured unless
    /// <see cref="DeepTrainerOptions.Metrics"/> says otherwise.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">An option is out of its range; the message lists all of them.</exception>
    public DeepTrainer CausalLanguageModel(ModelConfig model, string textColumnName = "Text", DeepTrainerOptions? options = null, TextTokenizer? tokenizer = null, int? window = null)
    {
        options ??= new DeepTrainerOptions();
        return new DeepTrainer(environment, new LanguageModelTask(), model, options with { Metrics = options.Metrics ?? [new Perplexity()] }, new RunningText(textColumnName, tokenizer, window));
    }
}
