using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every registered architecture for rows that differ in length must do: padding is not there.</summary>
[Collection(nameof(Alone))]
public sealed class PaddingConformance
{
    private static readonly long[] lengths = [9, 1, 4, 7, 2, 9, 3];

    /// <summary>Each architecture that takes such rows, in its smallest form, and with each of its ways of pooling.</summary>
    public static TheoryData<ModelConfig, InputShape> Models
    {
        get
        {
            var data = new TheoryData<ModelConfig, InputShape>();
            foreach (var type in ModelConfig.Registered.Where(type => type.Assembly == typeof(ModelConfig).Assembly))
            {
                var (model, input, _) = ((ModelConfig)Activator.CreateInstance(type)!).Smallest();
                if (!input.IsVariable)
                    continue;
                foreach (var config in EachPooling(model))
                {
                    data.Add(config, input);
                    if (input is SequenceShape)
                    {
                        data.Add(config, new IdsShape(20));
                        data.Add(config, new ColumnsShape([new("Numbers", new SequenceShape(3)), new("Words", new IdsShape(20))]));
                    }
                }
            }
            return data;
        }
    }

    [Fact]
    public void SequenceModels_AreThere() => Assert.Equal(["EmbeddingBag", "Fusion", "Gru", "Lstm", "Rnn", "TemporalConvNet", "TransformerEncoder"],
        Models.Select(row => row.Data.Item1.GetType().Name).Distinct().Order(StringComparer.Ordinal).Intersect(["EmbeddingBag", "Fusion", "Gru", "Lstm", "Rnn", "TemporalConvNet", "TransformerEncoder"]));

    [Theory, MemberData(nameof(Models))]
    public void ARowAlone_ScoresAsInAPaddedBatch(ModelConfig config, InputShape shape)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        using var module = config.Build(shape, 3);
        module.eval();
        var batch = Rows(shape);
        using var inference = inference_mode();
        var together = module.Call(batch);
        for (var row = 0; row < lengths.Length; row++)
        {
            var alone = module.Call(Alone(batch, row))[0];
            Near(alone, together.dim() == 3 ? together[row].narrow(0, 0, lengths[row]) : together[row]);
            // what is said of padding is a certain blank
            if (together.dim() == 3 && lengths[row] < lengths.Max())
                Assert.All(together[row].narrow(0, lengths[row], lengths.Max() - lengths[row]).argmax(1).data<long>().ToArray(), symbol => Assert.Equal(0, symbol));
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void WhatStandsInPadding_ChangesNoGradient(ModelConfig config, InputShape shape)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        using var module = config.Build(shape, 3);
        module.eval();
        var batch = Rows(shape);
        var before = Gradients(batch);
        var other = Gradients(new ModelInput([.. batch.Columns.Select(column => column.Lengths is null ? column : column with { Values = Scribbled(column) })]));
        Assert.All(before.Zip(other), pair => Near(pair.First, pair.Second));

        List<Tensor> Gradients(ModelInput input)
        {
            foreach (var parameter in module.parameters())
                parameter.grad = null;
            var output = module.Call(input);
            // of an answer for each step, padding's is no number that anybody looks at
            (output.dim() == 3 ? output.slice(2, 1, 3, 1).clamp_min(-100) : output).square().sum().backward();
            return [.. module.parameters().Select(parameter => parameter.grad!.clone())];
        }
    }

    private static IEnumerable<ModelConfig> EachPooling(ModelConfig model) => model switch
    {
        RecurrentModel recurrent => from pooling in Enum.GetValues<Pooling>() from both in new[] { false, true } select recurrent with { Pooling = pooling, Bidirectional = both },
        TransformerEncoder transformer => Enum.GetValues<Pooling>().Select(pooling => transformer with { Pooling = pooling }).Concat(Enum.GetValues<Positions>().Select(positions => transformer with { Positions = positions, NormFirst = false })),
        PublishedEncoder published => Enum.GetValues<Pooling>().Select(pooling => published with { Pooling = pooling }),
        TemporalConvNet convolutional => Enum.GetValues<Pooling>().Select(pooling => convolutional with { Pooling = pooling }),
        Fusion fusion => Enum.GetValues<FusionMethod>().Select(method => fusion with { Method = method }),
        _ => [model],
    };

    private static ModelInput Rows(InputShape shape) => new([.. (shape is ColumnsShape several ? several.Columns : [new NamedShape("Features", shape)]).Select(column =>
    {
        long[] size = [lengths.Length, .. column.Shape.Dimensions.Select(dimension => dimension < 0 ? lengths.Max() : dimension)];
        var values = column.Shape is IdsShape ids ? randint(0, ids.Categories, size, dtype: ScalarType.Int32) : randn(size);
        var input = new InputTensor(column.Name, values, column.Shape.IsVariable ? tensor(lengths) : null);
        return column.Shape.IsVariable ? input with { Values = Scribbled(input) } : input;
    })]);

    // categories that there are, or large numbers
    private static Tensor Scribbled(InputTensor column)
    {
        var mask = column.Values.dim() == 3 ? column.Mask()!.unsqueeze(2) : column.Mask()!;
        return where(mask, column.Values, column.Values.dtype == ScalarType.Int32 ? randint_like(column.Values, 0, 5) : randn_like(column.Values) * 50);
    }

    private static ModelInput Alone(ModelInput batch, int row) => new([.. batch.Columns.Select(column => column.Lengths is null
        ? column with { Values = column.Values.narrow(0, row, 1) }
        : column with { Values = column.Values.narrow(0, row, 1).narrow(1, 0, lengths[row]), Lengths = column.Lengths.narrow(0, row, 1) })]);

    private static void Near(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        var scale = Math.Max(1e-3, expected.abs().max().ToDouble());
        Assert.InRange((expected - actual).abs().max().ToDouble(), 0, 1e-5 * scale);
    }
}
