using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/training.md, run as it is shown there.</summary>
public sealed class TrainingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("training").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public sealed class House
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public float Price { get; set; }

        public bool Sold { get; set; }
    }

    public sealed class Estimate
    {
        public float Score { get; set; }

        public float[] Quantiles { get; set; } = [];
    }

    private static List<House> Houses(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [(float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble()];
            var price = 200_000 + 300_000 * x[0] - 50_000 * x[1] + 20_000 * (float)random.NextDouble();
            return new House { Features = x, Price = price, Sold = price < 320_000 };
        })];
    }

    [Fact]
    public void NumbersAndYesOrNo()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Houses(300));
        var split = ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1);
        var options = new DeepTrainerOptions { Epochs = 20, BatchSize = 16, Optimizer = new AdamW { LearningRate = 0.01 } };

        #region regression
        var trainer = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options, labelColumnName: "Price");
        using var model = trainer.Fit(split.Train, split.Validation);
        var metrics = ml.Regression.Evaluate(model.Transform(split.Test), labelColumnName: "Price");
        Console.WriteLine($"wrong by {metrics.MeanAbsoluteError:N0} on average, R² {metrics.RSquared:0.00}");
        #endregion
        Assert.True(metrics.RSquared > 0.8);

        #region quantiles
        using var range = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options with { Loss = new Quantile { Quantiles = [0.05, 0.5, 0.95] } }, labelColumnName: "Price").Fit(split.Train);
        foreach (var house in ml.Data.CreateEnumerable<Estimate>(range.Transform(split.Test), reuseRowObject: false).Take(3))
            Console.WriteLine($"{house.Score:N0}, nine times out of ten between {house.Quantiles[0]:N0} and {house.Quantiles[2]:N0}");
        #endregion

        #region binary
        using var answers = ml.BinaryClassification.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options, labelColumnName: "Sold").Fit(split.Train);
        var binary = ml.BinaryClassification.Evaluate(answers.Transform(split.Test), labelColumnName: "Sold");
        Console.WriteLine($"AUC {binary.AreaUnderRocCurve:0.00}");
        #endregion
        Assert.True(binary.AreaUnderRocCurve > 0.9);
    }

    [Fact]
    public void ARunThatSurvives()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Houses(60));
        #region checkpoints
        var options = new DeepTrainerOptions
        {
            Epochs = 50,
            Checkpoints = new CheckpointPolicy(Path.Combine(folder, "run-7")) { EverySteps = 500, KeepLast = 2, KeepBest = 1 },
            MaxTime = TimeSpan.FromHours(8),
        };
        using var model = ml.Regression.Trainers.Deep(new Mlp(), options, labelColumnName: "Price").Fit(data);     // the same again after a crash goes on
        #endregion
        Assert.Equal(StopReason.Completed, model.History.Stopped);
    }

    [Fact]
    public void Steps()
    {
        #region steps
        var options = new DeepTrainerOptions
        {
            Optimizer = new AdamW { LearningRate = 3e-4, Groups = [ParameterGroup.NoDecay] },      // none on biases and norms
            Schedule = new Warmup { Length = 500, Then = new CosineDecay() },
            ClipGradientNorm = 1,
            BatchSize = 16,
            BatchesPerStep = 4,                                // the gradients of 64 rows in the memory of 16
        };
        #endregion
        Assert.Equal(4, options.BatchesPerStep);
    }

    [Fact]
    public void ClassesOfUnequalSize()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Houses(60));
        #region balance
        var options = new DeepTrainerOptions { Loss = new BinaryCrossEntropy { Balance = true } };       // or CrossEntropy, Focal
        using var model = ml.BinaryClassification.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options, labelColumnName: "Sold").Fit(data);
        #endregion
        Assert.Equal(StopReason.Completed, model.History.Stopped);
    }

    [Fact]
    public void ALearningRateIsLookedFor()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Houses(300));
        var options = new DeepTrainerOptions { Optimizer = new AdamW(), BatchSize = 16 };
        #region learning-rate
        var curve = ml.Regression.Trainers.Deep(new Mlp(), options, labelColumnName: "Price").FindLearningRate(data);
        curve.SaveLearningRateCurve(Path.Combine(folder, "learning-rate.png"));
        options = options with { Optimizer = new AdamW { LearningRate = curve.Steepest ?? curve.TenthOfMinimum ?? 1e-3 } };
        #endregion
        Assert.InRange(options.Optimizer.LearningRate, 1e-6, 1);
        Assert.True(File.Exists(Path.Combine(folder, "learning-rate.png")));
    }

    [Fact]
    public void WeightsAreAveraged()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Houses(60));
        #region averaging
        var options = new DeepTrainerOptions
        {
            Epochs = 20,
            Optimizer = new Sgd { LearningRate = 0.05, Momentum = 0.9 },
            Callbacks = [new StochasticWeightAveraging { StartFraction = 0.75, LearningRate = 0.02, AnnealEpochs = 3 }],
        };
        using var model = ml.Regression.Trainers.Deep(new Mlp { BatchNorm = true }, options, labelColumnName: "Price").Fit(data);
        #endregion
        Assert.Equal(0.02, model.History.Epochs[^1].LearningRate, 1e-9);
    }

    [Fact]
    public void ATrainingGoesOnFromAnother()
    {
        var ml = new MLContext(seed: 1);
        var (lastYear, thisYear) = (ml.Data.LoadFromEnumerable(Houses(200)), ml.Data.LoadFromEnumerable(Houses(60)));
        var options = new DeepTrainerOptions { Epochs = 3 };
        var log = new List<string>();
        ml.Log += (_, entry) => log.Add(entry.Message);
        #region warm-start
        using var old = ml.Regression.Trainers.Deep(new Mlp(), options, labelColumnName: "Price").Fit(lastYear);
        using var model = ml.Regression.Trainers.Deep(new Mlp(), options with { InitialWeights = old }, labelColumnName: "Price").Fit(thisYear);
        #endregion
        Assert.Contains(log, line => line.Contains("4 tensors were loaded from the fitted network."));
    }

    #region hook
    public sealed class StopAtLoss(double goal) : Callback
    {
        public override void OnBatchEnd(TrainingState state)
        {
            if (state.LastLoss < goal)
                state.RequestStop();
        }
    }
    #endregion

    [Fact]
    public void AHookAfterEachStep_AndLimits()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Houses(60));
        #region limits
        var options = new DeepTrainerOptions { Epochs = 1000, MaxSteps = 20_000, MaxTime = TimeSpan.FromMinutes(30), Callbacks = [new StopAtLoss(0.05)], Deterministic = true };
        using var model = ml.Regression.Trainers.Deep(new Mlp(), options, labelColumnName: "Price").Fit(data);
        Console.WriteLine(model.History.Stopped);              // Completed, Requested, LimitReached or Cancelled
        #endregion
        Assert.Equal(StopReason.Requested, model.History.Stopped);
    }
}
