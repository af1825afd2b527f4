using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>PyTorch's numbers of a tiny GPT-2 in Hugging Face's folder layout (reference/text.json).</summary>
[Collection(nameof(Alone))]
public sealed class GptParityTests
{
    internal static readonly Gpt Tiny = new() { Layers = 3, Heads = 4, HiddenSize = 32, Context = 32 };
    internal const int Tokens = 96;

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("pytorch_model.bin")]
    public void OutputsAndLoss_AreTheReferences(string file)
    {
        using var scope = NewDisposeScope();
        var expected = Numbers();
        using var network = Load(file, out var report);
        Assert.Equal(network.named_parameters().Count(), report.Loaded.Count);
        Assert.Empty(report.Missing);
        Assert.Empty(report.Mismatched);
        var ids = Ids(expected);
        using var inference = inference_mode();
        var output = network.call(ids);
        Assert.Equal([2, 8, Tokens], output.shape);
        var logits = expected.GetProperty("logits").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        Assert.All(logits.Zip(output.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        using var loss = new CrossEntropy().Build(Tokens, CPU);
        Assert.Equal(expected.GetProperty("next_token_loss").GetDouble(), loss.Compute(output.narrow(1, 0, 7), ids.narrow(1, 1, 7), null).Mean.ToDouble(), 1e-4);
    }

    [Fact]
    public void WithACache_OutputsAreThoseOfTheWholeText_HoweverItIsCut()
    {
        using var scope = NewDisposeScope();
        using var network = Load("model.safetensors", out _);
        var ids = Ids(Numbers());
        using var inference = inference_mode();
        var whole = network.call(ids);
        foreach (var cut in new[] { 1, 3, 7 })
        {
            using var cache = new KeyValueCache(Tiny, 2, 8, CPU);
            Near(whole.select(1, cut - 1), network.Continue(ids.narrow(1, 0, cut), cache));
            for (var step = cut; step < 8; step++)
                Near(whole.select(1, step), network.Continue(ids.narrow(1, step, 1), cache));
        }
    }

    internal static GptNetwork Load(string file, out WeightLoadReport report)
    {
        var path = SharedData.Find($"reference/hf-gpt2-tiny/{file}");
        var network = (GptNetwork)Tiny.Build(new IdsShape(Tokens), Tokens);
        network.eval();
        report = new PretrainedWeights(path).LoadInto(network, Tiny.HeadPrefix);
        return network;
    }

    internal static JsonElement Numbers()
    {
        using var stream = File.OpenRead(SharedData.Find("reference/text.json"));
        return JsonDocument.Parse(stream).RootElement.GetProperty("gpt2");
    }

    internal static int[] Row(JsonElement numbers, string name) => [.. numbers.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private static Tensor Ids(JsonElement numbers) => tensor([.. numbers.GetProperty("input_ids").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(id => id.GetInt64())]).reshape(2, 8);

    private static void Near(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().ToDouble(), 0, 1e-5);
}
