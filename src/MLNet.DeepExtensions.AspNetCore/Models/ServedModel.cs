using System.Collections.Concurrent;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// A loaded model. Whoever scores a batch by it holds it; when another takes its place and the last batch has ended, it is disposed.
/// All scorers share its weights.
/// </summary>
internal sealed class ServedModel<TIn, TOut> : IDisposable
    where TIn : class
    where TOut : class, new()
{
    private readonly MLContext ml;
    private readonly ITransformer transformer;
    private readonly ConcurrentBag<BatchScorer<TIn, TOut>> free = [];
    private readonly UseCount holders;

    private ServedModel(MLContext ml, ITransformer transformer, DeepModelInfo info)
    {
        (this.ml, this.transformer, Info) = (ml, transformer, info);
        holders = new UseCount(Free);
        Tokens = TokenCount.Of(transformer);
    }

    public DeepModelInfo Info { get; }

    /// <summary>Gets how texts are counted in tokens; null where the model reads no text as tokens.</summary>
    public TokenCount? Tokens { get; }

    /// <summary>Loads a model and lets it score the canary.</summary>
    /// <exception cref="Exception">The file holds no model, or one that cannot answer; nothing of it is left.</exception>
    public static ServedModel<TIn, TOut> Load(Stream file, DeepModelInfo info, DeepPredictionOptions<TIn, TOut> options)
    {
        var ml = new MLContext { GpuDeviceId = options.GpuDeviceId, FallbackToCpu = options.FallbackToCpu };
        options.Context?.Invoke(ml);
        var model = new ServedModel<TIn, TOut>(ml, ml.Model.Load(file, out _), info);
        try
        {
            // one for each worker, so that none is made while rows wait
            for (var worker = 0; worker < options.Workers; worker++)
                model.free.Add(new BatchScorer<TIn, TOut>(ml, model.transformer));
            foreach (var scorer in model.free)
                WarmUp(scorer, options);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Holds the model, unless it is gone already.</summary>
    public bool TryHold() => holders.TryEnter();

    public BatchScorer<TIn, TOut> Rent() => free.TryTake(out var scorer) ? scorer : new BatchScorer<TIn, TOut>(ml, transformer);

    public void Return(BatchScorer<TIn, TOut> scorer) => free.Add(scorer);

    /// <summary>Lets go of the model.</summary>
    public void Dispose() => holders.Leave();

    private void Free()
    {
        foreach (var scorer in free)
            scorer.Dispose();
        (transformer as IDisposable)?.Dispose();
        FreeNetworks(transformer);
    }

    // at once, and not when the garbage collector comes by: it does not see how large a network is
    private static void FreeNetworks(ITransformer transformer)
    {
        if (transformer is ScoringTransformer network)
            network.DisposeForGood();
        else if (transformer is IEnumerable<ITransformer> chain)
            foreach (var item in chain)
                FreeNetworks(item);
    }

    // one row and a few: both ways of scoring, so that code is compiled and memory mapped before somebody waits for it
    private static void WarmUp(BatchScorer<TIn, TOut> scorer, DeepPredictionOptions<TIn, TOut> options)
    {
        if (options.Canary is not { } canary)
            return;
        foreach (var rows in options.MaxBatchSize > 1 ? new[] { 1, 2, Math.Min(options.MaxBatchSize, 8) } : [1])
            scorer.Score(Enumerable.Repeat(canary, rows).ToArray(), (_, answer, failure) =>
            {
                if (failure is not null)
                    throw new InvalidOperationException($"The model cannot score the canary row: {failure.Message}", failure);
                if (options.CanaryCheck?.Invoke(answer!) == false)
                    throw new InvalidOperationException("The model's answer to the canary row does not pass CanaryCheck.");
            });
    }
}
