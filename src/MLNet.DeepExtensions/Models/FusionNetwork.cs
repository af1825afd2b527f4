using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Encoders side by side, and a head.</summary>
internal sealed class FusionNetwork : Module<ModelInput, Tensor>, IOnnxExportable
{
    private readonly EncoderModules encoders;
    private readonly AttentionPooling? attention;
    private readonly Module<Tensor, Tensor> head;
    private readonly int width;

    public FusionNetwork(IReadOnlyList<(string Column, Module Encoder)> encoders, AttentionPooling? attention, Module<Tensor, Tensor> head, int width) : base(nameof(FusionNetwork))
    {
        this.encoders = new EncoderModules(encoders);
        (this.attention, this.head, this.width) = (attention, head, width);
        RegisterComponents();
    }

    public IReadOnlyList<(string Column, Module Module)> Encoders => encoders.All;

    /// <returns>[N, outputs].</returns>
    public override Tensor forward(ModelInput input)
    {
        using var scope = NewDisposeScope();
        var known = input.Columns.Select((column, i) => Encode(encoders.All[i], column)).ToArray();              // [N, width] each
        return head.call(attention is null ? cat(known, 1) : attention.call(stack(known, 1), null)).MoveToOuterDisposeScope();
    }

    public GraphValue Export(OnnxGraph graph, GraphInput input)
    {
        var known = input.Columns.Select((column, i) => graph.Call(encoders.All[i].Module, column));             // [N, width] each
        return graph.Call(head, attention is null ? GraphValue.Cat([.. known], 1) : graph.Call(attention, GraphValue.Cat([.. known.Select(vector => vector.Unsqueeze(1))], 1)));
    }

    private Tensor Encode((string Column, Module Module) encoder, InputTensor column)
    {
        var output = encoder.Module.Call(new ModelInput([column]));
        return output.dim() == 2 && output.shape[1] == width ? output : throw new InvalidOperationException(
            $"The encoder of column '{encoder.Column}' gave [{string.Join(", ", output.shape)}], but must give [{column.Values.shape[0]}, {width}]: one vector for each row{(output.dim() == 3 ? $"; set its {nameof(Pooling)} to another than {Pooling.None}" : "")}.");
    }

    /// <summary>The encoders under their columns' names.</summary>
    private sealed class EncoderModules : Module
    {
        public EncoderModules(IReadOnlyList<(string Column, Module Module)> encoders) : base(nameof(EncoderModules))
        {
            All = encoders;
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (column, module) in encoders)
            {
                // a point separates names
                var name = column.Replace('.', '_');
                while (!names.Add(name))
                    name += "_";
                register_module(name, module);
            }
        }

        public IReadOnlyList<(string Column, Module Module)> All { get; }
    }
}
