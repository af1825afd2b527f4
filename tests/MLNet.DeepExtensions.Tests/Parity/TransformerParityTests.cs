using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>
/// PyTorch 1.13's numbers of TransformerEncoder (sequences.json): the k-th tensor of the state_dict is 0.05 · sin(0.1 j + k), a norm's weight 1 + 0.1 · sin(0.1 j + k), the input sin(0.1 j + 100), the loss the mean of the squared outputs.
/// </summary>
[Collection(nameof(Alone))]
public sealed class TransformerParityTests
{
    private const int Width = 12;

    public static TheoryData<string, TransformerEncoder> Networks => new()
    {
        { "transformer_encoder_post_norm", Network with { NormFirst = false, Activation = Activation.Relu } },
        { "transformer_encoder_pre_norm_gelu", Network with { NormFirst = true, Activation = Activation.Gelu } },
    };

    private static TransformerEncoder Network => new() { Layers = 2, Heads = 3, HiddenSize = Width, FeedForwardSize = 24, Dropout = 0, Pooling = Pooling.None };

    [Theory, MemberData(nameof(Networks))]
    public void OutputsLossAndGradients_ArePyTorchs(string name, TransformerEncoder config)
    {
        using var scope = NewDisposeScope();
        var expected = SequenceParityTests.Of(name);
        using var module = (EncoderNetwork)config.Build(new SequenceShape(Width, 7), Width);
        var parameters = module.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var names = expected.GetProperty("state_dict").EnumerateArray().Select(entry => entry[0].GetString()!).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), parameters.Keys.Where(key => key.StartsWith("layers.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        using (no_grad())
        {
            foreach (var (path, k) in names.Select((path, k) => (path, k)))
                parameters[path].copy_(path.Contains("norm", StringComparison.Ordinal) && path.EndsWith("weight", StringComparison.Ordinal)
                    ? SequenceParityTests.Fill(k, 0.1, parameters[path].shape) + 1 : SequenceParityTests.Fill(k, 0.05, parameters[path].shape));
            // PyTorch's has layers and nothing before them
            parameters["project.weight"].copy_(eye(Width));
            parameters["project.bias"].zero_();
            parameters["positions.weight"].zero_();
        }
        var states = new List<Tensor>();
        module.Encode(SequenceParityTests.Fill(100, 1, [3, 7, Width]), states);
        var output = states[^1];                            // what our norm behind the last layer gets
        SequenceParityTests.Near([.. expected.GetProperty("output").EnumerateArray().Select(number => number.GetDouble())], output.detach().flatten().data<float>().ToArray());
        var loss = output.square().mean();
        loss.backward();
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.ToDouble(), 1e-5 * expected.GetProperty("loss").GetDouble());
        var norms = names.ToDictionary(path => path, path => expected.GetProperty("grad_norm").GetProperty(path).GetDouble());
        Assert.All(names, path => Assert.Equal(norms[path], parameters[path].grad!.norm().ToDouble(), 1e-5 * Math.Max(norms[path], 1e-2 * norms.Values.Max())));
        foreach (var state in states)
            state.Dispose();
    }
}
