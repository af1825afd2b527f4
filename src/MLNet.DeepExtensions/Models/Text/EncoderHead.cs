namespace MLNet.DeepExtensions;

/// <summary>What a network that reads a text answers with.</summary>
public enum EncoderHead
{
    /// <summary>What the task asks for: the layers' answer goes through a last layer, which is trained anew for each task.</summary>
    Outputs,

    /// <summary>What the layers made of the text, as it is: vectors of the network's own width, for <c>DeepEmbedding</c>.</summary>
    None,

    /// <summary>Which token stands at each place, [N, steps, tokens], by the network's own vectors of them: the head of masked-language models.</summary>
    Tokens,
}
