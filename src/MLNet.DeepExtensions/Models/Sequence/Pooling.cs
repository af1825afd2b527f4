namespace MLNet.DeepExtensions;

/// <summary>How a network for sequences makes one answer of its steps. Padding is never looked at.</summary>
public enum Pooling
{
    /// <summary>The last step; of a bidirectional network what each direction says at its own end.</summary>
    Last,

    /// <summary>The mean over the steps.</summary>
    Mean,

    /// <summary>The largest value over the steps, for each feature.</summary>
    Max,

    /// <summary>A mean whose weights are learnt: softmax over the steps of v · tanh(W h + b) (Yang et al. 2016, "Hierarchical Attention Networks", equations 5 to 7).</summary>
    Attention,

    /// <summary>None: an answer for each step, [N, steps, outputs], as <c>DeepSequence</c> with <see cref="Ctc"/> needs. What is said of padding is a certain blank.</summary>
    None,

    /// <summary>The first step, where a text's <c>[CLS]</c> stands: for networks whose layers see all steps at once.</summary>
    First,
}
