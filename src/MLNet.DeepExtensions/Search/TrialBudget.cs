namespace MLNet.DeepExtensions;

/// <summary>What a trial may spend. The pipeline's options pass through <see cref="Apply"/>.</summary>
public sealed class TrialBudget
{
    private readonly int seed;
    private readonly string? folder;
    private readonly CancellationToken cancellationToken;
    private readonly List<CancellationTokenSource> linked = [];

    internal TrialBudget(int number, int? epochs, int seed, string? folder, CancellationToken cancellationToken) =>
        (Number, Epochs, this.seed, this.folder, this.cancellationToken) = (number, epochs, seed, folder, cancellationToken);

    /// <summary>Gets the candidate's number, from 1.</summary>
    public int Number { get; }

    /// <summary>Gets how many epochs the candidate has in all, those of earlier trials included; null leaves it to the candidate's options.</summary>
    public int? Epochs { get; }

    /// <summary>How often options were asked for: how many networks the pipeline has.</summary>
    internal int Networks { get; private set; }

    /// <summary>How many epochs the last network was given.</summary>
    internal int? GivenEpochs { get; private set; }

    /// <summary>
    /// Puts a candidate's options within the budget: the epochs, the search's seed where they have none of their own, its token, and, where the candidate may go on later, checkpoints.
    /// Call it once for each network of the pipeline.
    /// </summary>
    /// <param name="options">The candidate's options.</param>
    /// <returns>The options to train with.</returns>
    /// <exception cref="ArgumentException">The options name a folder for checkpoints, which all candidates would share.</exception>
    public DeepTrainerOptions Apply(DeepTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Checkpoints is not null)
            throw new ArgumentException("Candidates of a search cannot share a folder of checkpoints: leave Checkpoints unset. Successive halving keeps its own.", nameof(options));
        Networks++;
        GivenEpochs = Epochs ?? options.Epochs;
        return options with
        {
            Epochs = GivenEpochs.Value,
            Seed = options.Seed ?? seed,
            CancellationToken = Link(options.CancellationToken),
            // a schedule reaches as far as the run: with more epochs it is another run, which cannot go on from this one's last step
            Checkpoints = folder is null || options.Schedule is not null ? null
                : new CheckpointPolicy(Path.Combine(folder, $"network-{Networks}")) { EveryEpochs = int.MaxValue, KeepLast = 1 },
        };
    }

    /// <summary>Forgets the tokens that were joined for the trial.</summary>
    internal void Release()
    {
        foreach (var source in linked)
            source.Dispose();
    }

    private CancellationToken Link(CancellationToken own)
    {
        if (!own.CanBeCanceled || !cancellationToken.CanBeCanceled)
            return own.CanBeCanceled ? own : cancellationToken;
        linked.Add(CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken));
        return linked[^1].Token;
    }
}
