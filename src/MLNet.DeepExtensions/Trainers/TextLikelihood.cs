using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>How likely a network that writes finds texts.</summary>
internal static class TextLikelihood
{
    /// <summary>Judges each token but the first by those before it in its window; windows do not overlap, as in validation.</summary>
    /// <param name="network">Gives [N, steps, vocabulary].</param>
    /// <param name="texts">Tokens, [N, steps], with lengths.</param>
    /// <param name="task">Knows the vocabulary and how long windows are.</param>
    /// <param name="tokensAtOnce">How many tokens one forward pass takes, about.</param>
    /// <returns>[N, 2]: the natural logarithm of the likelihood, and how many tokens were judged.</returns>
    /// <exception cref="InvalidOperationException">The network gives something else.</exception>
    public static Tensor Of(nn.Module network, InputTensor texts, LanguageModelTask task, long tokensAtOnce)
    {
        using var scope = NewDisposeScope();
        var (rows, steps, device) = (texts.Values.shape[0], texts.Values.shape[1], texts.Values.device);
        var judged = (texts.Lengths ?? full(rows, steps, ScalarType.Int64, device)) - 1;                // [N]
        if (steps < 2)
            return stack([zeros_like(judged), judged], 1).to(ScalarType.Float32).MoveToOuterDisposeScope();
        // all windows of all texts are rows of their own; those behind a text's end are left out
        var width = Math.Min(task.Window, steps - 1);
        var windows = (steps - 2) / width + 1;
        var padded = zeros(rows, windows * width + 1, texts.Values.dtype, device);
        padded.narrow(1, 0, steps).copy_(texts.Values);
        var (seen, next) = (padded.narrow(1, 0, windows * width).reshape(-1, width), padded.narrow(1, 1, windows * width).reshape(-1, width).to(ScalarType.Int64));
        var counts = (judged.unsqueeze(1) - arange(windows, device: device) * width).clamp(0, width).reshape(-1);
        var there = counts.nonzero().squeeze(1);
        var losses = zeros(rows * windows, ScalarType.Float32, device);
        var most = Math.Max(1, tokensAtOnce / width);
        for (var first = 0L; first < there.shape[0]; first += most)
        {
            using var inner = NewDisposeScope();
            var which = there.narrow(0, first, Math.Min(most, there.shape[0] - first));
            losses.scatter_(0, which, Losses(network, texts with { Values = seen.index_select(0, which), Lengths = counts.index_select(0, which) }, next.index_select(0, which), task));
        }
        return stack([-losses.view(rows, windows).sum(1), judged.to(ScalarType.Float32)], 1).MoveToOuterDisposeScope();
    }

    // the sum of each window's tokens
    private static Tensor Losses(nn.Module network, InputTensor windows, Tensor next, LanguageModelTask task)
    {
        var output = network.Call(new ModelInput([windows]));
        if (!task.Takes(output.shape, (int)next.shape[0]))
            throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}] for {next.shape[0]} windows; a module must give {task.OutputShape}.");
        var losses = nn.functional.cross_entropy(output.to(ScalarType.Float32).reshape(-1, task.Vocabulary), next.reshape(-1), reduction: nn.Reduction.None).view(next.shape);
        return where(windows.Mask()!, losses, 0f).sum(1);
    }
}
