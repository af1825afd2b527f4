using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Weights of classes as the losses over classes take them.</summary>
internal static class ClassWeighting
{
    /// <summary>The weights on a device, [classes]; null where there are none.</summary>
    /// <exception cref="ArgumentException">They do not fit the number of classes, or the data was to give them and has not.</exception>
    public static Tensor? ToTensor(IReadOnlyList<float>? weights, bool balance, int outputs, Device device)
    {
        if (balance)
            throw NotFitted(nameof(CrossEntropy.ClassWeights));
        if (weights is null)
            return null;
        if (weights.Count != outputs)
            throw new ArgumentException($"ClassWeights has {weights.Count} numbers for {outputs} classes; give one for each, in the order of the label's keys.");
        if (weights.Any(weight => !float.IsFinite(weight) || weight < 0))
            throw new ArgumentException($"ClassWeights must be finite and not negative, but are [{string.Join(", ", weights)}].");
        return tensor(weights.ToArray(), device: device).DetachFromDisposeScope();
    }

    /// <summary>A loss that is to be balanced was built by hand, where no data is.</summary>
    public static InvalidOperationException NotFitted(string instead) =>
        new($"Balance = true takes its numbers from the training rows, which a trainer counts. Set {instead} where the loss is built without one.");

    /// <summary>What is wrong with a loss that is given weights and is to find them, too.</summary>
    public static string Both(string weights) => $"Balance = true finds {weights} in the training rows; leave one of the two out.";

    public static bool AreEqual(IReadOnlyList<float>? weights, IReadOnlyList<float>? others) => weights is null ? others is null : others is not null && weights.SequenceEqual(others);
}
