using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Spectre.Console;

namespace Mnist;

/// <summary>How each network is trained, and what is said of it afterwards.</summary>
internal static class Recipe
{
    public static (ModelConfig Network, DeepTrainerOptions Options) For(string model) => model switch
    {
        #region lenet5
        "lenet5" => (new LeNet5(), new DeepTrainerOptions { Epochs = 12, BatchSize = 64, Optimizer = new AdamW { LearningRate = 2e-3 }, Callbacks = [new LinearDecay()] }),
        #endregion
        #region convnet
        "convnet" => (new ConvNet { Widths = [32, 64, 128] }, new DeepTrainerOptions
        {
            Epochs = 15, BatchSize = 128, Optimizer = new AdamW { LearningRate = 4e-3, WeightDecay = 0.05 }, Schedule = new OneCycle(),
            Loss = new CrossEntropy { LabelSmoothing = 0.05 },
        }),
        #endregion
        #region mlp
        _ => (new Mlp { HiddenSizes = [128] }, new DeepTrainerOptions { Epochs = 10, BatchSize = 64, Optimizer = new Sgd { LearningRate = 0.01 } }),
        #endregion
    };

    /// <summary>What training makes of the pictures before the network sees them: for convnet, shifted and mirrored ones; digits are not mirrored.</summary>
    public static Augmentation[] Augmentations(string model, bool mirror) => (model, mirror) switch
    {
        ("convnet", true) => [new RandomCrop(28, 28) { Padding = 2 }, new RandomHorizontalFlip()],
        ("convnet", false) => [new RandomCrop(28, 28) { Padding = 2 }],
        _ => [],
    };

    public static void Print(MulticlassClassificationMetrics metrics, TrainingHistory history)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("Metric").AddColumn(new TableColumn("Test set").RightAligned());
        table.AddRow("Accuracy", $"{metrics.MicroAccuracy:P2}");
        table.AddRow("Mean accuracy of the digits", $"{metrics.MacroAccuracy:P2}");
        table.AddRow("Log-loss", $"{metrics.LogLoss:0.0000}");
        var hardest = metrics.ConfusionMatrix.PerClassRecall.Select((recall, digit) => (recall, digit)).MinBy(pair => pair.recall);
        table.AddRow("Hardest digit", $"{hardest.digit} ({hardest.recall:P1} found)");
        table.AddRow("Training", $"{history.Epochs.Count} epochs, {history.Epochs.Sum(epoch => epoch.Duration.TotalSeconds):0.0} s");
        AnsiConsole.Write(table);
    }
}
