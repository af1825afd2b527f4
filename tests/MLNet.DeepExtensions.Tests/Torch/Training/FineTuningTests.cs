using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Frozen layers, groups of parameters, averaged weights, schedules and precision, on small data.</summary>
[Collection(nameof(Alone))]
public sealed class FineTuningTests
{
    private readonly MLContext ml = new(seed: 3);

    private static readonly Mlp network = new() { HiddenSizes = [16, 16], BatchNorm = true };

    [Fact]
    public void Freeze_LayersAndTheirBatchNorm_StayAsTheyAre()
    {
        using var few = Fit(new DeepTrainerOptions { Epochs = 1, BatchSize = 16, Seed = 5, Freeze = ["fc1", "bn1"] });
        using var more = Fit(new DeepTrainerOptions { Epochs = 3, BatchSize = 16, Seed = 5, Freeze = ["fc1", "bn1"] });
        foreach (var name in new[] { "fc1.weight", "bn1.weight", "bn1.running_mean", "bn1.num_batches_tracked" })
            Assert.Equal(Bytes(few, name), Bytes(more, name));
        foreach (var name in new[] { "fc2.weight", "bn2.running_mean", "fc3.bias" })
            Assert.NotEqual(Bytes(few, name), Bytes(more, name));
    }

    [Fact]
    public void Freeze_NameThatFitsNothing_ListsTheLayers()
    {
        var error = Assert.Throws<ArgumentException>(() => Fit(new DeepTrainerOptions { Freeze = ["layer9"] }));
        Assert.Contains("'layer9' fits no parameter", error.Message);
        Assert.Contains("fc1, bn1, fc2, bn2, fc3", error.Message);
        Assert.Contains("leaves nothing to train", Assert.Throws<ArgumentException>(() => Fit(new DeepTrainerOptions { Freeze = ["*"] })).Message);
    }

    [Fact]
    public void GradualUnfreezing_WakesOneLayerAnEpoch()
    {
        var seen = new List<string>();
        var options = new DeepTrainerOptions
        {
            Epochs = 3, BatchSize = 16, Freeze = ["fc1", "bn1", "fc2", "bn2"],
            Callbacks = [new GradualUnfreezing("fc2", "fc1"), new AtEpochEnd(state => seen.Add(string.Join(" ", state.Module.named_parameters().Where(p => p.parameter.requires_grad && p.name.EndsWith("weight")).Select(p => p.name[..3]))))],
        };
        using var model = Fit(options);
        Assert.Equal(["fc3", "fc2 fc3", "fc1 fc2 fc3"], seen);
    }

    [Fact]
    public void Groups_EachHasItsRateAndDecay_AsTwoOptimizersWould()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Layer(), Layer());
        var grouped = new Sgd { LearningRate = 0.1, WeightDecay = 0.5, Groups = [new ParameterGroup("*.bias") { WeightDecay = 0, LearningRateFactor = 2 }] }.Build(a.named_parameters());
        var weights = new Sgd { LearningRate = 0.1, WeightDecay = 0.5 }.Build(b.named_parameters().Where(p => p.name.EndsWith("weight")));
        var biases = new Sgd { LearningRate = 0.2 }.Build(b.named_parameters().Where(p => p.name.EndsWith("bias")));
        for (var step = 0; step < 3; step++)
        {
            foreach (var module in new[] { a, b })
            {
                module.zero_grad();
                module.call(ones(2, 3)).square().sum().backward();
            }
            grouped.Step();
            weights.Step();
            biases.Step();
        }
        foreach (var (x, y) in a.parameters().Zip(b.parameters()))
            Assert.Equal(y.data<float>().ToArray(), x.data<float>().ToArray());

        static nn.Module<Tensor, Tensor> Layer()
        {
            random.manual_seed(4);
            return nn.Sequential(("fc", nn.Linear(3, 2)));
        }
    }

    [Fact]
    public void Groups_NoDecayLast_LeavesAnEarlierGroupItsBiases()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Sequential(("fc1", nn.Linear(3, 2)), ("fc2", nn.Linear(2, 2)));
        using (no_grad())
            foreach (var parameter in module.parameters())
                parameter.fill_(1);
        var config = new AdamW { LearningRate = 0.1, WeightDecay = 0.5, Groups = [new ParameterGroup("fc2") { LearningRateFactor = 2 }, ParameterGroup.NoDecay] };
        using var optimizer = config.Build(module.named_parameters());
        foreach (var parameter in module.parameters())
            parameter.grad = zeros_like(parameter);
        optimizer.Step();
        Assert.Equal([0.95, 1, 0.9, 0.9], module.parameters().Select(parameter => parameter.reshape(-1)[0].ToDouble()), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(config, ConfigJson.Read<OptimizerConfig>(ConfigJson.Write<OptimizerConfig>(config)));
    }

    [Fact]
    public void Groups_StateGoesBackToItsGroup()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Sequential(("fc", nn.Linear(3, 2)));
        var config = new AdamW { Groups = [new ParameterGroup("*.bias") { WeightDecay = 0 }] };
        var first = config.Build(module.named_parameters());
        module.call(ones(2, 3)).sum().backward();
        first.Step();
        var second = config.Build(module.named_parameters());
        second.LoadState(first.CopyState());
        Assert.Equal(first.CopyState().Keys.Order(), second.CopyState().Keys.Order());
        Assert.Equal(config, ConfigJson.Read<OptimizerConfig>(ConfigJson.Write<OptimizerConfig>(config)));
    }

    [Fact]
    public void Average_IsWhatItsFormulaGives()
    {
        var expected = new List<double>();
        var options = new DeepTrainerOptions
        {
            Epochs = 2, BatchSize = 16, Seed = 5,
            Callbacks = [new ExponentialMovingAverage { Decay = 0.9 }, new AtBatchEnd(state =>
            {
                expected.Add(state.Module.state_dict()["fc3.bias"].data<float>()[0]);
            })],
        };
        using var raw = Fit(options with { Callbacks = [] });
        using var model = Fit(options);
        var average = Start(options);
        for (var step = 0; step < expected.Count; step++)
        {
            var decay = Math.Min(0.9, (1.0 + step) / (10 + step));
            average = average * decay + expected[step] * (1 - decay);
        }
        Assert.Equal(average, BitConverter.ToSingle(Bytes(model, "fc3.bias")), 1e-6);
        Assert.Equal(expected[^1], BitConverter.ToSingle(Bytes(raw, "fc3.bias")), 1e-9);
    }

    [Fact]
    public void Average_IsWhatValidationSees_AndTrainingGoesOnWithTheWeights()
    {
        var options = new DeepTrainerOptions { Epochs = 3, BatchSize = 16, Seed = 5, KeepBestWeights = false };
        using var plain = Fit(options, validate: true);
        using var averaged = Fit(options with { Callbacks = [new ExponentialMovingAverage()] }, validate: true);
        Assert.Equal(plain.LastTransformer.History.Epochs.Select(epoch => epoch.Train["loss"]), averaged.LastTransformer.History.Epochs.Select(epoch => epoch.Train["loss"]));
        Assert.NotEqual(plain.LastTransformer.History.Epochs[0].Validation!["loss"], averaged.LastTransformer.History.Epochs[0].Validation!["loss"]);
    }

    [Fact]
    public void Schedule_SetsTheRateBeforeEachStep()
    {
        var rates = new List<double>();
        using var model = Fit(new DeepTrainerOptions
        {
            Epochs = 2, BatchSize = 32, Optimizer = new Sgd { LearningRate = 0.1 }, Schedule = new CosineDecay { WarmupFraction = 0.25 },
            Callbacks = [new AtBatchEnd(state => rates.Add(state.Optimizer.LearningRate))],
        });
        // 60 rows: four steps; what a callback sees after a step is the rate of the next one, its own schedule coming first
        Assert.Equal([0.1, 0.075, 0.025, 0], rates, (x, y) => Math.Abs(x - y) < 1e-12);
    }

    [Theory]
    [InlineData(Precision.BFloat16Mixed)]
    [InlineData(Precision.Float16Mixed)]
    public void MixedPrecision_LearnsAsWell_AndSavesFloat32(Precision precision)
    {
        using var model = Fit(new DeepTrainerOptions { Epochs = 20, BatchSize = 16, Optimizer = new Adam { LearningRate = 0.02 }, Precision = precision });
        Assert.All(model.LastTransformer.Module.named_parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.parameter.dtype));
        Assert.InRange(ml.MulticlassClassification.Evaluate(model.Transform(Blobs.View(ml, 60))).MicroAccuracy, 0.95, 1);
    }

    [Fact]
    public void ScaledArithmetic_GradientsOverflow_LeavesTheStepOutAndHalvesTheScale()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Linear(2, 1);
        var before = module.weight!.data<float>().ToArray();
        using var optimizer = new Sgd { LearningRate = 1 }.Build(module.named_parameters());
        var arithmetic = new ScaledArithmetic(DeviceType.CPU);
        arithmetic.Backward(module.call(full(1, 2, float.MaxValue)).sum());
        arithmetic.Step(optimizer);
        Assert.Equal(before, module.weight!.data<float>().ToArray());
        Assert.Equal(32_768, arithmetic.Scale);
        optimizer.ZeroGrad();
        arithmetic.Backward(module.call(ones(1, 2)).sum());
        arithmetic.Step(optimizer);
        Assert.Equal(before.Select(value => value - 1), module.weight!.data<float>().ToArray());
    }

    [Fact]
    public void ChannelsLast_GivesTheSameNetworkUpToTheLastBits()
    {
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Square { Label = i % 2 == 0 ? "a" : "b", Features = [.. Enumerable.Range(0, 192).Select(j => (float)Math.Sin(i * 7 + j * (1 + i % 2)))] }));
        var options = new DeepTrainerOptions { Epochs = 2, BatchSize = 8, Seed = 5 };
        var shape = new ImageShape(8, 8, 3);
        using var first = Train(options with { ChannelsLast = false });
        using var last = Train(options with { ChannelsLast = true });
        var (a, b) = (first.LastTransformer.Module.state_dict(), last.LastTransformer.Module.state_dict());
        foreach (var (name, tensor) in a)
        {
            Assert.True(tensor.allclose(b[name], 1e-3, 1e-4), name);
            Assert.True(b[name].is_contiguous(), name);
        }

        Microsoft.ML.Data.TransformerChain<DeepTransformer> Train(DeepTrainerOptions with) => ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet { Widths = [4, 8], Dropout = 0 }, with, inputShape: shape)).Fit(data);
    }

    private sealed class Square
    {
        public string Label { get; set; } = "";

        [Microsoft.ML.Data.VectorType(192)]
        public float[] Features { get; set; } = [];
    }

    private sealed class AtEpochEnd(Action<TrainingState> look) : Callback
    {
        public override void OnEpochEnd(TrainingState state, EpochReport report) => look(state);
    }

    private sealed class AtBatchEnd(Action<TrainingState> look) : Callback
    {
        public override void OnBatchEnd(TrainingState state) => look(state);
    }

    private sealed class AtStart(Action<TrainingState> look) : Callback
    {
        public override void OnTrainBegin(TrainingState state) => look(state);
    }

    private double Start(DeepTrainerOptions options)
    {
        var value = double.NaN;
        using var model = Fit(options with { Epochs = 1, Callbacks = [new AtStart(state => value = state.Module.state_dict()["fc3.bias"].data<float>()[0])] });
        return value;
    }

    private Microsoft.ML.Data.TransformerChain<DeepTransformer> Fit(DeepTrainerOptions options, bool validate = false)
    {
        var pipeline = Blobs.Pipeline(ml, options, network);
        return validate ? pipeline.Fit(Blobs.View(ml, 60), Blobs.View(ml, 30, seed: 8)) : pipeline.Fit(Blobs.View(ml, 60));
    }

    private static byte[] Bytes(Microsoft.ML.Data.TransformerChain<DeepTransformer> model, string name) => model.LastTransformer.Module.state_dict()[name].bytes.ToArray();
}
