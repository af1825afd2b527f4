using Microsoft.ML;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Torch.Models;

[Collection(nameof(Alone))]
public sealed class ModelSummaryTests
{
    public static TheoryData<Type> Models => Conformance.ModelConformance.Models;

    [Theory, MemberData(nameof(Models))]
    public void EveryModel_HasARowForEachModule_AndCountsWhatItsNetworkHas(Type type)
    {
        var (model, input, outputs) = ((ModelConfig)Activator.CreateInstance(type)!).Smallest();
        var summary = model.Summary(input, outputs);
        using var scope = NewDisposeScope();
        using var module = model.Build(input, outputs);
        Assert.Equal(module.parameters().Sum(parameter => parameter.numel()), summary.Parameters);
        Assert.Equal(summary.Parameters, summary.TrainableParameters);
        Assert.Equal((1L, (long)outputs), (summary.Rows[0].Output![0], summary.Rows[0].Output![^1]));
        Assert.Equal(module.named_modules().Count(item => item.name.Length > 0) + 1, summary.Rows.Count);
        // lists and trees of modules are never called themselves, and tables of places are read from their first row on
        Assert.All(summary.Rows.Where(row => row.Type is not ("ModuleList" or "EncoderModules" or "ModuleTree") && row.Name is not ("positions" or "position_embeddings" or "token_type_embeddings")), row => Assert.True(row.Calls > 0 && row.Output is not null, $"{row.Path} was not called"));
        // whose vectors meet without a matrix
        Assert.True(summary.MultAdds > 0 || type == typeof(MatrixFactorization));
        Assert.Contains($"Parameters: {summary.Parameters:N0}", summary.ToString());
    }

    // torchvision's own figures (weights' meta "_ops" and "num_params"), which count kernels and matrices alone, as here; its transformer counts attention besides
    [Theory]
    [InlineData(typeof(ResNet), 11_689_512, 1.814)]
    [InlineData(typeof(SqueezeNet), 1_235_496, 0.349)]
    [InlineData(typeof(MobileNetV2), 3_504_872, 0.301)]
    public void Torchvisions_HaveItsNumbers(Type type, long parameters, double billions)
    {
        var summary = ((ModelConfig)Activator.CreateInstance(type)!).Summary(new ImageShape(224, 224, 3), 1000);
        Assert.Equal(parameters, summary.Parameters);
        Assert.Equal(billions, summary.MultAdds / 1e9, 3);
    }

    [Fact]
    public void Table_ShowsTheTree()
    {
        var table = new Mlp { HiddenSizes = [128] }.Summary(new ImageShape(28, 28), 10).ToString();
        Assert.Matches(@"\nMlp \(Sequential\) +\[N, 10\] +-- +-- +--", table);
        Assert.Matches(@"Layer \(type\) +Output shape +Parameters +Trainable +Mult-adds", table);
        Assert.Matches(@"├─ fc1 \(Linear\) +\[N, 128\] +100,480 +yes +100,352", table);
        Assert.Matches(@"└─ fc2 \(Linear\) +\[N, 10\] +1,290 +yes +1,280", table);
        Assert.Contains("Parameters: 101,770, trainable: 101,770, not trainable: 0", table);
        Assert.Contains("Mult-adds for one example: 101,632", table);
    }

    [Fact]
    public void SharedModule_IsCountedOnce_ButWorksTwice()
    {
        using var module = new Tied();
        var summary = ModelSummary.Of(module, new VectorShape(8));
        Assert.Equal(8 * 8 + 8 + 8 * 3, summary.Parameters);
        var (first, second) = (summary.Rows.Single(row => row.Path == "first"), summary.Rows.Single(row => row.Path == "second"));
        Assert.Equal((2, 2 * 64L, 72L), (first.Calls, first.MultAdds, first.Parameters));
        Assert.True(second.IsRepeated);
        Assert.Contains("(above)", summary.ToString());
        Assert.Equal(2 * 64 + 24, summary.MultAdds);
    }

    [Fact]
    public void Module_IsAsBefore_Afterwards()
    {
        using var module = new Tied();
        module.train();
        module.second.eval();
        using var x = rand(2, 8);
        using var before = module.call(x);
        ModelSummary.Of(module, new VectorShape(8));
        using var after = module.call(x);
        Assert.Equal(before.data<float>().ToArray(), after.data<float>().ToArray());
        Assert.True(module.training);
        Assert.False(module.second.training);
        Assert.Empty(Hooks(module));
        Assert.All(module.modules(), part => Assert.Empty(Hooks(part)));
    }

    [Fact]
    public void ModuleThatFails_IsAsBefore_Too()
    {
        using var module = new Tied();
        module.train();
        Assert.ThrowsAny<Exception>(() => ModelSummary.Of(module, new VectorShape(9)));
        Assert.True(module.training);
        Assert.All(module.modules().Append(module), part => Assert.Empty(Hooks(part)));
    }

    [Fact]
    public void RecurrentAndConvolutions_CountEachPlaceAndTime()
    {
        using var module = new Mixed();
        var summary = ModelSummary.Of(module, new ImageShape(6, 5, 2));
        // kernel of 2 × 4 × 3 × 3 at 4 × 3 places; then rows of 12 numbers as 4 moments
        Assert.Equal(4 * 2 * 9 * 4 * 3, summary.Rows.Single(row => row.Path == "conv").MultAdds);
        var lstm = summary.Rows.Single(row => row.Path == "lstm");
        Assert.Equal([1, 4, 7], lstm.Output);
        Assert.Equal(4 * (4 * 7 * 12 + 4 * 7 * 7), lstm.MultAdds);
    }

    [Fact]
    public async Task TrainedNetwork_SaysWhatWasFrozen_AndIsNotDisturbedByThoseWhoScore()
    {
        var ml = new MLContext(seed: 1);
        var data = Blobs.View(ml, 60);
        using var model = Blobs.Pipeline(ml, Blobs.Options with { Freeze = ["fc1"] }).Fit(data).LastTransformer;
        using var stop = new CancellationTokenSource();
        var view = ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var scoring = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                foreach (var row in ml.Data.CreateEnumerable<Blobs.Answer>(model.Transform(view), reuseRowObject: true, ignoreMissingColumns: true))
                    Assert.Equal(3, row.Score.Length);
        });
        for (var i = 0; i < 20; i++)
        {
            var summary = model.Summary();
            Assert.Equal((4 * 16 + 16 + 16 * 3 + 3, 16 * 3 + 3L), (summary.Parameters, summary.TrainableParameters));
            Assert.Equal("no", ModelSummaryTable.Trainable(summary.Rows.Single(row => row.Path == "fc1")));
        }
        await stop.CancelAsync();
        await scoring;
    }

    [Fact]
    public void Network_OfAFunction_HasASummaryToo_AndNoTensorIsLeft()
    {
        var model = ModelConfig.From((input, outputs) => Sequential(("flat", Flatten()), ("out", Linear(input.Count, outputs))));
        ModelSummary Once() => model.Summary(new ImageShape(2, 2), 3);
        Assert.Equal(15, Once().Parameters);
        // TorchSharp's count keeps one emptied wrapper for each parameter that is made, until the garbage collector comes
        Assert.Equal(2, LiveTensors.LeftBy(() => Once()));
        Assert.Equal(10, LiveTensors.LeftBy(() => new LeNet5().Summary(new ImageShape(28, 28), 3)));
        random.manual_seed(3);
        var expected = rand(1).ToSingle();
        random.manual_seed(3);
        Once();
        Assert.Equal(expected, rand(1).ToSingle());
    }

    private static System.Collections.ICollection Hooks(nn.Module module)
    {
        for (var type = module.GetType(); type is not null; type = type.BaseType)
            if (type.GetField("post_hooks", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic) is { } field)
                return (System.Collections.ICollection)field.GetValue(module)!;
        return Array.Empty<object>();
    }

    private sealed class Tied : Module<Tensor, Tensor>
    {
        public readonly Linear first = Linear(8, 8);
        public readonly Linear second;
        private readonly Linear last = Linear(8, 3, hasBias: false);

        public Tied() : base(nameof(Tied))
        {
            second = first;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return last.call(second.call(first.call(input).relu())).MoveToOuterDisposeScope();
        }
    }

    private sealed class Mixed : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv = Conv2d(2, 4, 3);
        private readonly LSTM lstm = LSTM(12, 7, batchFirst: true);

        public Mixed() : base(nameof(Mixed)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (output, _, _) = lstm.call(conv.call(input).flatten(2), null);
            return output.mean([1]).MoveToOuterDisposeScope();
        }
    }
}
