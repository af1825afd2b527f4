using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>How likely a network that writes finds texts.</summary>
internal static class TextLikelihood
{
    /// <summary>Judges each token but the first by those before it, in windows without overlap: as validation does.</summary>
    /// <param name="network">Gives [N, steps, vocabulary].</param>
    /// <param name="texts">Tokens, [N, steps], with lengths.</param>
    /// <param name="task">Knows the vocabulary and how long windows are.</param>
    /// <returns>[N, 2]: the natural logarithm of the likelihood, and how many tokens were judged.</returns>
    /// <exception cref="InvalidOperationException">The network gives something else.</exception>
    public static Tensor Of(nn.Module network, InputTensor texts, LanguageModelTask task)
    {
        using var scope = NewDisposeScope();
        var (rows, steps) = (texts.Values.shape[0], texts.Values.shape[1]);
        var lengths = texts.Lengths ?? full(rows, steps, ScalarType.Int64, texts.Values.device);
        var sum = zeros(rows, ScalarType.Float32, texts.Values.device);
        for (var first = 0L; first < steps - 1; first += task.Window)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(task.Window, steps - 1 - first);
            // a row that has ended takes part with one step, which counts for nothing
            var part = texts with { Values = texts.Values.narrow(1, first, count), Lengths = (lengths - first).clamp(1, count) };
            var output = network.Call(new ModelInput([part]));
            if (!task.Takes(output.shape, (int)rows))
                throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}] for {rows} texts; a module must give {task.OutputShape}.");
            var next = texts.Values.narrow(1, first + 1, count).to(ScalarType.Int64);
            var losses = nn.functional.cross_entropy(output.to(ScalarType.Float32).reshape(-1, task.Vocabulary), next.reshape(-1), reduction: nn.Reduction.None).view(rows, count);
            var isThere = arange(first + 1, first + 1 + count, device: losses.device).unsqueeze(0) < lengths.unsqueeze(1);
            sum.sub_(where(isThere, losses, 0f).sum(1));
        }
        return stack([sum, (lengths - 1).to(ScalarType.Float32)], 1).MoveToOuterDisposeScope();
    }
}
