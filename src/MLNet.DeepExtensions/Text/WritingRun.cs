using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Writes some texts on, side by side, token by token. Its steps may run on different threads, one after the other.</summary>
internal sealed class WritingRun : IDisposable
{
    private readonly DeepModel model;
    private readonly GenerationOptions options;
    private readonly NextOutputs network;
    private readonly TokenChoice choice;
    private readonly int? end;
    private readonly List<WrittenText> going;

    /// <param name="model">The network; nobody can take it away until this is disposed.</param>
    /// <param name="prompts">At least one token each.</param>
    /// <param name="options">How to write.</param>
    public WritingRun(DeepModel model, IReadOnlyList<IReadOnlyList<int>> prompts, GenerationOptions options)
    {
        (this.model, this.options) = (model, options);
        var (task, column) = ((LanguageModelTask)model.Saved.Task, model.Saved.Inputs[0].Features);
        var special = column.Text!.Tokenizer.Special;
        end = special.TextEnd;
        choice = new TokenChoice(options, [.. special.All.Where(token => token != end || !options.StopAtEndOfText)]);
        var seed = options.Seed ?? Random.Shared.Next();
        Texts = [.. prompts.Select((prompt, number) => new WrittenText(prompt, task.Window, new SeededRandom(unchecked(seed * 397 ^ number * 1_000_003))))];
        going = [.. Texts];
        model.Enter();
        network = options.UseCache && model.Module is GptNetwork gpt ? new CachedOutputs(gpt, options.MaxNewTokens, model.Device) : new RereadOutputs(model.Module, column.Name, model.Device);
    }

    /// <summary>Gets the texts in the order of the prompts.</summary>
    public IReadOnlyList<WrittenText> Texts { get; }

    /// <summary>Gets whether all texts have ended.</summary>
    public bool IsDone => going.Count == 0;

    /// <summary>Gives each text that goes on its next token; those that end with it do not go on.</summary>
    /// <returns>The texts that have a new token.</returns>
    public IReadOnlyList<WrittenText> Next()
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var outputs = network.Of(going).to(ScalarType.Float32).cpu().contiguous();          // [texts, tokens]
        var numbers = MemoryMarshal.Cast<byte, float>(outputs.bytes);
        var width = (int)outputs.shape[1];
        var grown = new List<WrittenText>();
        foreach (var (text, place) in going.Select((text, place) => (text, place)).ToList())
        {
            var token = choice.Next(numbers.Slice(place * width, width), text.Written, text.Dice);
            if (token == end)
            {
                End(text);
                continue;
            }
            text.Add(token);
            grown.Add(text);
            if (text.Count >= options.MaxNewTokens)
                End(text);
        }
        return grown;
    }

    /// <summary>Ends a text.</summary>
    public void End(WrittenText text) => going.Remove(text);

    public void Dispose()
    {
        network.Dispose();
        model.Leave();
    }
}
