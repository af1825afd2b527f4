using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>
/// PyTorch 1.13's numbers of recurrent cells (sequences.json): the k-th tensor of the state_dict is 0.05 · sin(0.1 j + k), the input sin(0.1 j + 100), the loss the mean of the squared outputs.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SequenceParityTests
{
    private static readonly JsonElement numbers = Load();

    public static TheoryData<string, ModelConfig> Cells => new()
    {
        { "lstm_2_layers", new Lstm { Layers = 2, HiddenSize = 8, Pooling = Pooling.None } },
        { "lstm_bidirectional", new Lstm { HiddenSize = 8, Bidirectional = true, Pooling = Pooling.None } },
        { "gru_2_layers", new Gru { Layers = 2, HiddenSize = 8, Pooling = Pooling.None } },
        { "rnn_tanh", new Rnn { HiddenSize = 8, Pooling = Pooling.None } },
    };

    [Theory, MemberData(nameof(Cells))]
    public void OutputsLossAndGradients_ArePyTorchs(string name, ModelConfig config)
    {
        using var scope = NewDisposeScope();
        var expected = Of(name);
        var cell = name.Split('_')[0];
        var width = (int)expected.GetProperty("output_shape")[2].GetInt64();
        using var module = (Module<ModelInput, Tensor>)config.Build(new SequenceShape(12, 7), width);
        var parameters = module.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var names = expected.GetProperty("state_dict").EnumerateArray().Select(entry => $"{cell}.{entry[0].GetString()}").ToList();
        Assert.Equal([.. names, "fc.weight", "fc.bias"], parameters.Keys.OrderBy(key => names.IndexOf(key) is var place && place < 0 ? key == "fc.weight" ? 1000 : 1001 : place));
        using (no_grad())
        {
            foreach (var (path, k) in names.Select((path, k) => (path, k)))
                parameters[path].copy_(Fill(k, 0.05, parameters[path].shape));
            // the last layer lets all through
            parameters["fc.weight"].copy_(eye(width));
            parameters["fc.bias"].zero_();
        }
        var output = module.call(Fill(100, 1, [3, 7, 12]));
        Assert.Equal([3, 7, width], output.shape);
        Near([.. expected.GetProperty("output").EnumerateArray().Select(number => number.GetDouble())], output.detach().flatten().data<float>().ToArray());
        var loss = output.square().mean();
        loss.backward();
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.ToDouble(), 1e-5 * expected.GetProperty("loss").GetDouble());
        foreach (var path in names)
        {
            var norm = expected.GetProperty("grad_norm").GetProperty(path[(cell.Length + 1)..]).GetDouble();
            Assert.Equal(norm, parameters[path].grad!.norm().ToDouble(), 1e-5 * norm);
        }
    }

    internal static JsonElement Of(string name) => numbers.GetProperty("sequences").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);

    internal static void Near(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * scale));
    }

    internal static Tensor Fill(int k, double s, long[] shape) =>
        tensor([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(j => (float)(s * Math.Sin(0.1 * j + k)))]).reshape(shape);

    private static JsonElement Load()
    {
        using var stream = typeof(SequenceParityTests).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.sequences.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }
}
