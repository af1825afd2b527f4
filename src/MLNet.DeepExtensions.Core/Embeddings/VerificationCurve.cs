using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// How well similarities tell pairs of one class (genuine) from pairs of two (impostors), threshold by threshold: a pair is accepted where its similarity is the threshold or more.
/// </summary>
public sealed class VerificationCurve
{
    private readonly float[] genuine, impostor;
    private readonly Lazy<(double Rate, float Threshold)> equalError;
    private readonly Lazy<IReadOnlyList<VerificationPoint>> points;

    private VerificationCurve(float[] genuine, float[] impostor)
    {
        (this.genuine, this.impostor) = (genuine, impostor);
        equalError = new(FindEqualError);
        points = new(FindPoints);
    }

    /// <summary>Compares each row with each other one.</summary>
    /// <param name="data">The rows, transformed by a model with <c>DeepEmbedding</c>; n rows make n (n - 1) / 2 pairs.</param>
    /// <param name="embeddingColumnName">The column of vectors.</param>
    /// <param name="labelColumnName">The column of labels: a key or text. Rows without one are left out.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is no pair of one class, or none of two.</exception>
    public static VerificationCurve Of(IDataView data, string embeddingColumnName = "Embedding", string labelColumnName = "Label")
    {
        var (genuine, impostor) = EmbeddingRows.ReadAll(data, embeddingColumnName, labelColumnName).Pairs();
        return genuine.Length > 0 && impostor.Length > 0 ? OfPairs(genuine, impostor) : throw new InvalidOperationException(
            $"Verification needs pairs of one class and pairs of two, but the rows make {genuine.Length} and {impostor.Length}. Give several rows of several classes.");
    }

    /// <summary>Takes similarities that were measured elsewhere.</summary>
    /// <param name="genuine">Those of pairs of one class, at least one; higher is more alike.</param>
    /// <param name="impostor">Those of pairs of two classes, at least one.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">One of the two is empty, or holds NaN.</exception>
    public static VerificationCurve OfPairs(IEnumerable<float> genuine, IEnumerable<float> impostor)
    {
        return new VerificationCurve(Sorted(genuine, nameof(genuine)), Sorted(impostor, nameof(impostor)));

        static float[] Sorted(IEnumerable<float> values, string name)
        {
            ArgumentNullException.ThrowIfNull(values, name);
            float[] sorted = [.. values];
            if (sorted.Length == 0 || sorted.Any(float.IsNaN))
                throw new ArgumentException(sorted.Length == 0 ? $"There are no {name} pairs." : $"The similarities of {name} pairs hold NaN.", name);
            Array.Sort(sorted);
            return sorted;
        }
    }

    /// <summary>Puts the pairs of several curves together, as those of the folds of a cross-validation: the same threshold for all.</summary>
    /// <param name="curves">The curves, at least one; each counts by its pairs.</param>
    /// <returns>The curve of all their pairs. Pairs between one curve's rows and another's are none: two models' vectors cannot be compared.</returns>
    /// <exception cref="ArgumentException">There are no curves.</exception>
    public static VerificationCurve Pooled(IEnumerable<VerificationCurve> curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        VerificationCurve[] all = [.. curves];
        return all.Length > 0 ? OfPairs(all.SelectMany(curve => curve.genuine), all.SelectMany(curve => curve.impostor))
            : throw new ArgumentException("There are no curves to put together.", nameof(curves));
    }

    /// <summary>Gets how many pairs are of one class.</summary>
    public long GenuinePairs => genuine.Length;

    /// <summary>Gets how many pairs are of two classes.</summary>
    public long ImpostorPairs => impostor.Length;

    /// <summary>Gets the error rate where false accepts are as frequent as false rejects, between the two thresholds around that by a straight line; a fraction.</summary>
    public double EqualErrorRate => equalError.Value.Rate;

    /// <summary>Gets the threshold there.</summary>
    public float EqualErrorThreshold => equalError.Value.Threshold;

    /// <summary>Gets the chance that a genuine pair is more alike than an impostor's (ties count half): the area under the ROC curve.</summary>
    public double AreaUnderCurve
    {
        get
        {
            var won = 0.0;
            foreach (var similarity in genuine)
                won += (Below(impostor, similarity) + (double)AtMost(impostor, similarity)) / 2;
            return won / genuine.Length / impostor.Length;
        }
    }

    /// <summary>Gets the rates at each similarity that occurs, by rising threshold, and at one above all.</summary>
    public IReadOnlyList<VerificationPoint> Points => points.Value;

    /// <summary>Gets the rates at a threshold.</summary>
    /// <param name="threshold">Pairs as similar as this, or more, are accepted.</param>
    /// <returns>The rates.</returns>
    public VerificationPoint At(float threshold) =>
        new(threshold, 1 - (double)Below(impostor, threshold) / impostor.Length, (double)Below(genuine, threshold) / genuine.Length);

    /// <summary>Finds the lowest threshold that lets no more than a share of the impostors pass.</summary>
    /// <param name="falseAcceptRate">The share, in [0, 1). One that is below 1 / <see cref="ImpostorPairs"/> means none.</param>
    /// <returns>The threshold: just above the similarity of the most alike impostor that is to be refused.</returns>
    public float ThresholdAt(double falseAcceptRate)
    {
        if (!(falseAcceptRate >= 0 && falseAcceptRate < 1))
            throw new ArgumentOutOfRangeException(nameof(falseAcceptRate), falseAcceptRate, "The share of impostors that may pass must lie in [0, 1).");
        var passing = (int)Math.Floor(falseAcceptRate * impostor.Length + 1e-9);
        return MathF.BitIncrement(impostor[impostor.Length - passing - 1]);
    }

    // false rejects rise with the threshold and false accepts fall: they meet once
    private (double, float) FindEqualError()
    {
        var before = new VerificationPoint(float.NegativeInfinity, 1, 0);
        foreach (var point in Points)
        {
            if (point.FalseRejectRate < point.FalseAcceptRate)
            {
                before = point;
                continue;
            }
            var (lead, lag) = (before.FalseAcceptRate - before.FalseRejectRate, point.FalseRejectRate - point.FalseAcceptRate);
            var share = lead / (lead + lag);
            return (before.FalseAcceptRate + share * (point.FalseAcceptRate - before.FalseAcceptRate),
                float.IsFinite(before.Threshold) ? (float)(before.Threshold + share * (point.Threshold - before.Threshold)) : point.Threshold);
        }
        throw new InvalidOperationException("Above all similarities nothing is accepted.");
    }

    private List<VerificationPoint> FindPoints()
    {
        var found = new List<VerificationPoint>();
        var (g, i) = (0, 0);
        while (g < genuine.Length || i < impostor.Length)
        {
            var threshold = Math.Min(g < genuine.Length ? genuine[g] : float.PositiveInfinity, i < impostor.Length ? impostor[i] : float.PositiveInfinity);
            found.Add(new(threshold, 1 - (double)i / impostor.Length, (double)g / genuine.Length));
            while (g < genuine.Length && genuine[g] == threshold)
                g++;
            while (i < impostor.Length && impostor[i] == threshold)
                i++;
        }
        found.Add(new(MathF.BitIncrement(found[^1].Threshold), 0, 1));
        return found;
    }

    private static int Below(float[] sorted, float value) => First(sorted, item => item >= value);

    private static int AtMost(float[] sorted, float value) => First(sorted, item => item > value);

    // how many come before the first that the condition, false and then true, holds for
    private static int First(float[] sorted, Func<float, bool> condition)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
            if ((low + high) / 2 is var middle && condition(sorted[middle]))
                high = middle;
            else
                low = middle + 1;
        return low;
    }
}

/// <summary>The error rates of verification at a threshold.</summary>
/// <param name="Threshold">Pairs as similar as this, or more, are accepted.</param>
/// <param name="FalseAcceptRate">The share of impostors that pass, a fraction.</param>
/// <param name="FalseRejectRate">The share of genuine pairs that are refused, a fraction.</param>
public readonly record struct VerificationPoint(float Threshold, double FalseAcceptRate, double FalseRejectRate);
