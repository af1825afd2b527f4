using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Asks a network what may follow some texts.</summary>
internal abstract class NextOutputs : IDisposable
{
    /// <summary>Asks about the texts of the last time, or some of them, each with its new token.</summary>
    /// <returns>[texts, tokens], before softmax; in the caller's dispose scope. Call it in inference mode.</returns>
    public abstract Tensor Of(IReadOnlyList<WrittenText> texts);

    public abstract void Dispose();
}

/// <summary>Reads each text again for each new token: what any network can do.</summary>
internal sealed class RereadOutputs(nn.Module network, string column, Device device) : NextOutputs
{
    public override Tensor Of(IReadOnlyList<WrittenText> texts)
    {
        foreach (var text in texts)
            text.Slide();
        using var scope = NewDisposeScope();
        var longest = texts.Max(text => text.Seen);
        var ids = new int[texts.Count * longest];
        for (var i = 0; i < texts.Count; i++)
            texts[i].Tokens.CopyTo(texts[i].First, ids, i * longest, texts[i].Seen);
        var input = new InputTensor(column, tensor(ids, device: device).view(texts.Count, longest), tensor(texts.Select(text => (long)text.Seen).ToArray(), device: device));
        if (network is GptNetwork gpt)
            return gpt.AtEnds(input).MoveToOuterDisposeScope();
        var output = network.Call(new ModelInput([input]));                                 // [texts, steps, tokens]
        return output.gather(1, (input.Lengths! - 1).view(-1, 1, 1).expand(-1, 1, output.shape[2])).squeeze(1).MoveToOuterDisposeScope();
    }

    public override void Dispose() { }
}

/// <summary>Keeps keys and values, so that a new token costs one step. Texts are read one length at a time, and then go on side by side.</summary>
internal sealed class CachedOutputs(GptNetwork network, int mostNew, Device device) : NextOutputs
{
    private KeyValueCache? cache;
    private IReadOnlyList<WrittenText> held = [];

    public override Tensor Of(IReadOnlyList<WrittenText> texts)
    {
        using var scope = NewDisposeScope();
        var again = Enumerable.Range(0, texts.Count).Where(i => texts[i].Slide() || cache is null).ToList();
        if (cache is null)
            cache = new KeyValueCache(network.Config, texts.Count, (int)Math.Min(texts[0].Context, texts.Max(text => text.Seen) + (long)mostNew), device);
        else if (texts.Count < held.Count)
        {
            var places = held.Select((text, place) => (text, place)).ToDictionary(item => item.text, item => item.place);
            cache.Keep([.. texts.Select(text => places[text])]);
        }
        held = [.. texts];
        foreach (var alike in again.GroupBy(i => texts[i].Seen - 1))
            Read(texts, [.. alike], alike.Key);
        cache.Trim();
        return network.Continue(Ids(texts.Select(text => text.Tokens[^1..]), texts.Count), cache).MoveToOuterDisposeScope();
    }

    public override void Dispose() => cache?.Dispose();

    // all but the last token, which all texts go on with
    private void Read(IReadOnlyList<WrittenText> texts, IReadOnlyList<int> rows, int length)
    {
        using var scope = NewDisposeScope();
        using var read = new KeyValueCache(network.Config, rows.Count, Math.Max(1, length), device);
        if (length > 0)
            network.Continue(Ids(rows.Select(row => texts[row].Tokens.GetRange(texts[row].First, length)), rows.Count), read);
        cache!.Take(read, rows);
    }

    private Tensor Ids(IEnumerable<IEnumerable<int>> rows, int count) => tensor(rows.SelectMany(row => row).Select(id => (long)id).ToArray(), device: device).view(count, -1);
}
