using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests;

public class PipelineValidationTests
{
    [Fact]
    public void APipelinesValidationRows_ReachTheDeepTrainer()
    {
        var ml = new MLContext(seed: 1);
        var split = ml.Data.TrainValidationTestSplit(Blobs.View(ml, 300), stratificationColumnName: "Label");
        using var model = Blobs.Pipeline(ml).Fit(split.Train, split.Validation);
        var history = model.LastTransformer.History;
        Assert.All(history.Epochs, epoch => Assert.Equal(210, epoch.Rows));
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.Validation));
        Assert.Equal(metrics.LogLoss, history.Epochs[history.BestEpoch - 1].Validation!["loss"], 1e-5);
    }
}
