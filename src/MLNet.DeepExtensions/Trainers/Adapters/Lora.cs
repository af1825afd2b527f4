using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace MLNet.DeepExtensions;

/// <summary>
/// Low-rank adaptation (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models"): fully connected layers stay as they are, and beside each is trained B A, the product of a matrix [rank, inputs] and one [outputs, rank]:
/// a layer gives W x + b + (alpha / rank) B A x. Far fewer numbers are trained and remembered by the optimizer. B begins at zero, so that training starts from the network as it is.
/// When training ends, B A is added to W: what comes out is the network itself, as fast as before, and the matrices alone are <see cref="DeepTransformer.Adapter"/>.
/// </summary>
public sealed record Lora
{
    /// <summary>Gets the rank of what is added to a layer.</summary>
    /// <value>In [1, 4096]. The default is 8.</value>
    [Range(1, 4096)]
    public int Rank { get; init; } = 8;

    /// <summary>Gets how much what is added counts: it is multiplied by alpha / <see cref="Rank"/>.</summary>
    /// <value>Above 0, at most 10,000. The default is 16.</value>
    [Range(0.0, 1e4, MinimumIsExclusive = true)]
    public double Alpha { get; init; } = 16;

    /// <summary>Gets the probability of zeroing a number on its way into A while training.</summary>
    /// <value>In [0, 1). The default is 0.</value>
    [Range(0.0, 0.999)]
    public double Dropout { get; init; }

    /// <summary>Gets which fully connected layers have something beside them, by name or pattern: <c>["*.query", "*.value"]</c>.</summary>
    /// <value>The default, null, is the architecture's: queries and values for <see cref="Bert"/> and its kin, all fully connected layers but the last for others.</value>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>Gets the parameters that are trained themselves, by name or pattern.</summary>
    /// <value>The default, null, is the last layer; an empty list is none.</value>
    public IReadOnlyList<string>? AlsoTrain { get; init; }

    /// <summary>Gets what an earlier training of the same adapter learnt, to go on from.</summary>
    /// <value>The default, null, begins anew.</value>
    [JsonIgnore]
    public AdapterWeights? Weights { get; init; }

    internal double Scale => Alpha / Rank;

    /// <summary>Compares the settings, the names one by one.</summary>
    /// <param name="other">Another adapter.</param>
    /// <returns>Whether both train the same.</returns>
    public bool Equals(Lora? other) => other is not null && (Rank, Alpha, Dropout, Weights) == (other.Rank, other.Alpha, other.Dropout, other.Weights) && Same(Targets, other.Targets) && Same(AlsoTrain, other.AlsoTrain);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, Alpha, Dropout, Targets?.Count, AlsoTrain?.Count);

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => one is null ? other is null : other is not null && one.SequenceEqual(other);
}
