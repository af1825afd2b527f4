using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// Writes texts on with a trained language model. Made by <c>model.CreateTextGenerator()</c>. Any number of threads may use one, as long as the model is not disposed.
/// Beyond the tokens that the network sees at once it goes on with the newest half of them.
/// </summary>
public sealed class TextGenerator
{
    private readonly DeepModel model;
    private readonly TextEncoder encoder;

    internal TextGenerator(ITransformer transformer)
    {
        model = Find(transformer) ?? throw new ArgumentException(
            "The model has no language model that could write. Train one: mlContext.DeepText().Trainers.CausalLanguageModel(new Gpt { … }, \"Text\").", nameof(transformer));
        encoder = Tokenizer.Encoder;
    }

    /// <summary>Gets what cuts texts into tokens and puts them together again.</summary>
    public TextTokenizer Tokenizer => model.Saved.Inputs[0].Features.Text!.Tokenizer;

    /// <summary>Gets how many tokens the network sees at once.</summary>
    public int Context => ((LanguageModelTask)model.Saved.Task).Window;

    /// <summary>Writes a text on.</summary>
    /// <param name="prompt">What stands before it; empty begins a text.</param>
    /// <param name="options">How to write; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends it between two tokens.</param>
    /// <returns>What follows the prompt.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public string Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Generate([prompt], options, cancellationToken)[0];
    }

    /// <summary>Writes several texts on, side by side: each step of the network serves all of them.</summary>
    /// <param name="prompts">What stands before each, of any lengths.</param>
    /// <param name="options">How to write; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends it between two tokens.</param>
    /// <returns>What follows each prompt.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<string> Generate(IReadOnlyList<string> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var checkedOptions = Check(options);
        if (prompts.Count == 0)
            return [];
        var tokens = prompts.Select(TokensOf).ToList();
        using var run = new WritingRun(model, tokens, checkedOptions);
        var growing = run.Texts.ToDictionary(text => text, text => new GrowingText(encoder, checkedOptions.Stop, text.Tokens));
        var written = run.Texts.ToDictionary(text => text, _ => new System.Text.StringBuilder());
        while (!run.IsDone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var text in run.Next())
            {
                written[text].Append(growing[text].Add(text.Tokens[^1]));
                if (growing[text].IsStopped)
                    run.End(text);
            }
        }
        return [.. run.Texts.Select(text => written[text].Append(growing[text].Finish()).ToString())];
    }

    /// <summary>Writes a text on and gives it piece by piece, as soon as a piece is certain: a character is never cut, nor is a beginning of a stop string given.</summary>
    /// <param name="prompt">What stands before it; empty begins a text.</param>
    /// <param name="options">How to write; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends it between two tokens.</param>
    /// <returns>The pieces; together they are what <see cref="Generate(string, GenerationOptions?, CancellationToken)"/> gives. The network works on the thread pool.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IAsyncEnumerable<string> StreamAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Stream(TokensOf(prompt), Check(options), cancellationToken);
    }

    /// <summary>Writes on as tokens, for whoever has tokens.</summary>
    /// <param name="prompt">The tokens before; at least one, each of the vocabulary.</param>
    /// <param name="options">How to write; null takes the defaults. Its <see cref="GenerationOptions.Stop"/> has no say.</param>
    /// <param name="cancellationToken">Ends it between two tokens.</param>
    /// <returns>The tokens that follow.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or a token is none.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<int> GenerateTokens(IReadOnlyList<int> prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Count, nameof(prompt));
        var vocabulary = ((LanguageModelTask)model.Saved.Task).Vocabulary;
        if (prompt.FirstOrDefault(token => token < 0 || token >= vocabulary, -1) is var wrong && prompt.Any(token => token < 0 || token >= vocabulary))
            throw new ArgumentOutOfRangeException(nameof(prompt), wrong, $"Tokens are from 0 to {vocabulary - 1:N0}.");
        using var run = new WritingRun(model, [prompt], Check(options));
        while (!run.IsDone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Next();
        }
        return run.Texts[0].Tokens[prompt.Count..];
    }

    private async IAsyncEnumerable<string> Stream(IReadOnlyList<int> prompt, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var run = new WritingRun(model, [prompt], options);
        var text = run.Texts[0];
        var growing = new GrowingText(encoder, options.Stop, prompt);
        while (!run.IsDone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var grown = await Task.Run(run.Next, cancellationToken).ConfigureAwait(false);
            var piece = grown.Count > 0 ? growing.Add(text.Tokens[^1]) : "";
            if (growing.IsStopped)
                run.End(text);
            if (piece.Length > 0)
                yield return piece;
        }
        if (growing.Finish() is { Length: > 0 } rest)
            yield return rest;
    }

    private List<int> TokensOf(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt, nameof(prompt));
        var ids = new List<int>();
        encoder.EncodeAlone(prompt, ids);
        if (ids.Count == 0)
            ids.Add(encoder.Special.TextEnd ?? throw new ArgumentException("The tokenizer has no end of text to begin behind: give a prompt.", nameof(prompt)));
        return ids;
    }

    private static GenerationOptions Check(GenerationOptions? options)
    {
        options ??= new GenerationOptions();
        ConfigValidation.Check(options, nameof(options));
        return options;
    }

    // of several the last one
    private static DeepModel? Find(ITransformer transformer) => transformer switch
    {
        DeepTransformer { Model.Saved.Task: LanguageModelTask } deep => deep.Model,
        IEnumerable<ITransformer> chain => chain.Reverse().Select(Find).FirstOrDefault(found => found is not null),
        _ => null,
    };
}
