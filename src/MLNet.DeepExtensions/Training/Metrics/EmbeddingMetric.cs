using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.DeepExtensions;

/// <summary>A figure of all rows together: it keeps their embeddings on the device until somebody asks for it.</summary>
internal sealed class EmbeddingMetric(string name, bool higherIsBetter, int size, int maxRows, Func<LabelledVectors, double> figure) : Metric
{
    private readonly List<(Tensor Embeddings, Tensor Classes, Tensor? Weight)> batches = [];
    private int rows;

    public override string Name => name;

    public override bool HigherIsBetter => higherIsBetter;

    public override double Value
    {
        get
        {
            using var scope = NewDisposeScope();
            var (embeddings, classes) = Kept();
            return classes.shape[0] == 0 ? double.NaN : figure(new LabelledVectors(embeddings.data<float>().ToArray(), size, classes.data<long>().ToArray()));
        }
    }

    public override void Update(Tensor output, Tensor target, Tensor? weight)
    {
        var count = Math.Min((int)output.shape[0], maxRows - rows);
        if (count <= 0)
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        batches.Add((F.normalize(output.narrow(0, 0, count).to(ScalarType.Float32), dim: 1).DetachFromDisposeScope(),
            target.narrow(0, 0, count).clone().DetachFromDisposeScope(), weight?.narrow(0, 0, count).clone().DetachFromDisposeScope()));
        rows += count;
    }

    public override void Reset()
    {
        foreach (var (embeddings, classes, weight) in batches)
        {
            embeddings.Dispose();
            classes.Dispose();
            weight?.Dispose();
        }
        batches.Clear();
        rows = 0;
    }

    public override void SaveState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        using var scope = NewDisposeScope();
        var (embeddings, classes) = Kept();
        saved["rows"] = rows;
        saved.Set("embeddings", embeddings);
        saved.Set("classes", classes);
    }

    public override void LoadState(SavedState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        Reset();
        batches.Add((saved.Get("embeddings").clone().DetachFromDisposeScope(), saved.Get("classes").clone().DetachFromDisposeScope(), null));
        rows = (int)saved["rows"];
    }

    public override void Dispose()
    {
        Reset();
        base.Dispose();
    }

    // without the rows that weigh nothing, on the CPU
    private (Tensor Embeddings, Tensor Classes) Kept()
    {
        using var _ = no_grad();
        var kept = batches.Select(batch => batch.Weight is null ? (batch.Embeddings.cpu(), batch.Classes.cpu())
            : (batch.Embeddings.cpu()[batch.Weight.cpu().gt(0)], batch.Classes.cpu()[batch.Weight.cpu().gt(0)])).ToList();
        return kept.Count == 0 ? (empty(0, size), empty(0, dtype: ScalarType.Int64)) : (cat([.. kept.Select(batch => batch.Item1)], 0), cat([.. kept.Select(batch => batch.Item2)], 0));
    }
}
