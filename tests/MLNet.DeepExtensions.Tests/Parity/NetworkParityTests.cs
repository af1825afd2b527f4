using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>
/// PyTorch 1.13's numbers (networks.json): the k-th tensor of the state_dict is s · sin(0.1 j + k) + c with s = 0.05, c = 0; the input is sin(0.1 j + 100);
/// the labels are 0, 1, 2, … modulo the classes. Scales and running variances of batch norm have s = 0.1, c = 1; its counters are left out.
/// </summary>
[Collection(nameof(Alone))]
public sealed class NetworkParityTests
{
    private static readonly JsonElement numbers = Load();

    public static TheoryData<string, ModelConfig, InputShape> Networks => new()
    {
        { "mlp_784_128_10", new Mlp { HiddenSizes = [128] }, new VectorShape(784) },
        { "lenet5", new LeNet5(), new ImageShape(28, 28) },
        { "resnet18", new ResNet(), new ImageShape(64, 64, 3) },
        { "resnet50", new ResNet { Depth = 50 }, new ImageShape(64, 64, 3) },
    };

    // over 100 million parameters
    public static TheoryData<string, ModelConfig, InputShape> LargeNetworks => new() { { "vgg11_bn", new Vgg { Depth = 11, Dropout = 0 }, new ImageShape(32, 32, 3) } };

    // in deeper ones batch norm of a few rows magnifies the last bits from step to step
    public static TheoryData<string, ModelConfig, InputShape> SmallNetworks => new()
    {
        { "mlp_784_128_10", new Mlp { HiddenSizes = [128] }, new VectorShape(784) },
        { "lenet5", new LeNet5(), new ImageShape(28, 28) },
        { "resnet18", new ResNet(), new ImageShape(64, 64, 3) },
    };

    [SlowTheory, MemberData(nameof(LargeNetworks))]
    public void LargeNetwork_IsPyTorchs(string name, ModelConfig config, InputShape input)
    {
        NamesAndShapes_ArePyTorchs(name, config, input);
        Outputs_ArePyTorchs(name, config, input);
        LossAndGradients_ArePyTorchs(name, config, input);
    }

    [Theory, MemberData(nameof(Networks))]
    public void NamesAndShapes_ArePyTorchs(string name, ModelConfig config, InputShape input)
    {
        using var module = (Module<Tensor, Tensor>)config.Build(input, 10);
        var expected = Reference(name).GetProperty("state_dict").EnumerateArray().Select(entry => $"{entry[0].GetString()} [{string.Join(", ", entry[1].EnumerateArray())}]");
        Assert.Equal(expected.Order(StringComparer.Ordinal), module.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Networks))]
    public void Outputs_ArePyTorchs(string name, ModelConfig config, InputShape input)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var (module, x, _) = Problem(name, config, input);
        module.eval();
        Near(Numbers(Reference(name).GetProperty("eval_output")), module.call(x), 1e-5);
    }

    [Theory, MemberData(nameof(Networks))]
    public void LossAndGradients_ArePyTorchs(string name, ModelConfig config, InputShape input)
    {
        using var scope = NewDisposeScope();
        var (module, x, y) = Problem(name, config, input);
        var loss = functional.cross_entropy(module.call(x), y);
        loss.backward();
        Assert.Equal(Reference(name).GetProperty("train_loss").GetDouble(), loss.ToDouble(), 1e-5);
        foreach (var (parameter, tensor) in module.named_parameters())
        {
            var expected = Reference(name).GetProperty("grad_norm").GetProperty(parameter).GetDouble();
            // one CPU's kernels sum in another order than the next one's, and batch norm of few rows magnifies that: 7e-5 between two machines
            Assert.Equal(expected, tensor.grad!.norm().ToDouble(), 5e-4 * Math.Max(1, expected));
        }
    }

    [Theory, MemberData(nameof(SmallNetworks))]
    public void ThreeStepsOfTheLoop_GoPyTorchsWay(string name, ModelConfig config, InputShape input)
    {
        using var scope = NewDisposeScope();
        var sgd = Reference(name).GetProperty("sgd");
        var (losses, parameters) = ThreeSteps(1);
        // how far a change in the last bits of the input goes: another CPU's kernels, which sum in another order, go as far
        var (otherLosses, otherParameters) = ThreeSteps(1 + 1e-6);
        foreach (var (expected, loss, other) in Numbers(sgd.GetProperty("losses")).Zip(losses, otherLosses))
            Assert.Equal(expected, loss, 5e-5 * Math.Abs(expected) + 10 * Math.Abs(loss - other));
        foreach (var after in sgd.GetProperty("after").EnumerateObject())
        {
            var (mine, others) = (parameters[after.Name], otherParameters[after.Name]);
            Near(Numbers(after.Value), mine, 5e-5 + 10 * ((mine - others).abs().max() / mine.abs().max()).ToDouble());
        }

        (double[] Losses, Dictionary<string, Tensor> Parameters) ThreeSteps(double scale)
        {
            var (module, x, y) = Problem(name, config, input);
            using var optimizer = new Sgd { LearningRate = sgd.GetProperty("lr").GetDouble(), Momentum = 0.9 }.Build(module.named_parameters());
            using var loss = new CrossEntropy().Build(10, CPU);
            var state = new TrainingState(module, loss, optimizer, [], CPU, epochs: 3);
            TrainingLoop.Run(state, new OneBatch(x * scale, y), null, []);
            return ([.. state.History.Select(report => report.Train["loss"])], module.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().flatten().narrow(0, 0, 5)));
        }
    }

    private static (Module<Tensor, Tensor> Module, Tensor Input, Tensor Target) Problem(string name, ModelConfig config, InputShape input)
    {
        var module = (Module<Tensor, Tensor>)config.Build(input, 10);
        var k = 0;
        // PyTorch's order: TorchSharp lists the buffers of batch norm in another one
        var names = Reference(name).GetProperty("state_dict").EnumerateArray().Select(entry => entry[0].GetString()!);
        var state = module.state_dict();
        using (no_grad())
            foreach (var path in names.Where(path => !path.EndsWith("num_batches_tracked")))
            {
                var tensor = state[path];
                var isScale = path.EndsWith("running_var") || path.EndsWith("weight") && tensor.dim() == 1;
                tensor.copy_(isScale ? Fill(k++, 0.1, 1, tensor.shape) : Fill(k++, 0.05, 0, tensor.shape));
            }
        var shape = Reference(name).GetProperty("input_shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        return (module, Fill(100, 1, 0, shape), arange(shape[0]).remainder(10));
    }

    private static Tensor Fill(int k, double s, double c, long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var j = 0; j < values.Length; j++)
            values[j] = (float)(s * Math.Sin(0.1 * j + k) + c);
        return tensor(values).reshape(shape);
    }

    private static void Near(double[] expected, Tensor actual, double tolerance)
    {
        var values = actual.detach().flatten().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        var scale = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance * scale, $"value {i}: {values[i]} instead of {expected[i]}");
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private static JsonElement Reference(string name) => numbers.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("name").GetString() == name);

    private static JsonElement Load()
    {
        using var stream = typeof(NetworkParityTests).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.networks.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }

    private sealed class OneBatch(Tensor input, Tensor target) : IBatchSource
    {
        public long Rows => input.shape[0];

        public int BatchSize => (int)Rows;

        public IEnumerable<Batch> Read(int epoch, int skip = 0) => [new Batch(input, target, null, BatchSize)];
    }
}
