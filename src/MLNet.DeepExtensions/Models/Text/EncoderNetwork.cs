using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A network that reads all steps at once: layers that say what each step means where it stands, and a head.</summary>
internal abstract class EncoderNetwork(string name) : Module<ModelInput, Tensor>(name)
{
    /// <summary>What stands at each step, as the layers see it.</summary>
    /// <param name="input">Rows; padding is not looked at.</param>
    /// <param name="states">Takes what each layer makes of it, [N, steps, width], what goes into the first one at first; null where nobody asks.</param>
    /// <returns>[N, steps, width]; what stands at padding means nothing.</returns>
    public abstract Tensor Encode(ModelInput input, List<Tensor>? states = null);

    /// <summary>Which token stands where.</summary>
    /// <param name="hidden">What <see cref="Encode"/> gave, or some of its steps: […, width].</param>
    /// <returns>A raw score for each token, […, tokens].</returns>
    /// <exception cref="InvalidOperationException">The network's head is another one than <see cref="EncoderHead.Tokens"/>.</exception>
    public abstract Tensor PredictTokens(Tensor hidden);

    private protected static InvalidOperationException NoTokenHead(string network) =>
        new($"This {network} has no head that says tokens: build it with Head = EncoderHead.Tokens.");
}
