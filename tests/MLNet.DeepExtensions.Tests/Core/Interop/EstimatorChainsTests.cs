using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Canaries: they tell when another version of ML.NET keeps an estimator chain's parts elsewhere.</summary>
public class EstimatorChainsTests
{
    private readonly MLContext ml = new(1);

    private sealed class Row
    {
        public float Value { get; set; }
    }

    [Fact]
    public void AChain_ShowsItsStepsScopesAndCheckpoints()
    {
        var (first, second) = (ml.Transforms.CopyColumns("A", "Value"), ml.Transforms.CopyColumns("B", "Value"));
        var chain = new EstimatorChain<ITransformer>().Append(first, TransformerScope.TrainTest).AppendCacheCheckpoint(ml).Append(second, TransformerScope.Scoring);
        var parts = EstimatorChains.Open(chain)!;
        Assert.Same(chain, parts.Chain);
        Assert.Equal([first, second], parts.Steps);

        var data = ml.Data.LoadFromEnumerable([new Row { Value = 1 }]);
        Assert.Equal("CacheDataView", parts.CacheAfter(0, data).GetType().Name);
        Assert.Same(data, parts.CacheAfter(1, data));
        var assembled = Assert.IsType<TransformerChain<ColumnCopyingTransformer>>(parts.Assemble([first.Fit(data), second.Fit(data)]));
        Assert.Single(assembled.GetModelFor(TransformerScope.Training));
        Assert.Single(assembled.GetModelFor(TransformerScope.Scoring));
    }

    [Fact]
    public void AnythingElse_IsNoChain() => Assert.Null(EstimatorChains.Open(ml.Transforms.CopyColumns("A", "Value")));

    [Fact]
    public void AnEmptyChain_HasNoSteps() => Assert.Empty(EstimatorChains.Open(new EstimatorChain<ITransformer>())!.Steps);

    [Fact]
    public void TransformTrainingRows_IsTransform_WhereAStepHasNoOtherMapping()
    {
        var data = ml.Data.LoadFromEnumerable([new Row { Value = 7 }]);
        Assert.Equal([7], EstimatorChains.TransformTrainingRows(ml.Transforms.CopyColumns("A", "Value").Fit(data), data).GetColumn<float>("A"));
    }
}
