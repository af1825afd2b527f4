using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What the modules of a network took and gave while an example passed through, seen by forward hooks, which are gone afterwards.</summary>
internal sealed class ModuleCalls : IDisposable
{
    // of an example whose length is its own
    private const long Steps = 16;

    private readonly Dictionary<nn.Module, Call> calls = new(ReferenceEqualityComparer.Instance);
    private readonly List<Action> removals = [];

    private ModuleCalls() { }

    internal sealed record Call(IReadOnlyList<long>? Input, IReadOnlyList<long>? Output, int Count, long MultAdds);

    public static ModuleCalls Watch(nn.Module module, InputShape input)
    {
        // each as it was: a part may rest in evaluation mode while the whole trains
        var modes = module.modules().Prepend(module).Distinct().Select(part => (part, part.training)).ToList();
        var watched = new ModuleCalls();
        try
        {
            foreach (var (part, _) in modes)
                watched.Hook(part);
            module.eval();
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var device = module.parameters().Concat(module.buffers()).FirstOrDefault()?.device ?? CPU;
            module.Call(Example(input, device, withLengths: true));
            // TorchSharp's recurrent layers have no hooks where they read rows that differ in length; our networks that have some take rows of one length, too
            if (modes.Any(item => item.part is TorchSharp.Modules.LSTM or TorchSharp.Modules.GRU or TorchSharp.Modules.RNN && watched.Of(item.part) is null) &&
                module.GetType().Assembly == typeof(ModuleCalls).Assembly)
            {
                watched.calls.Clear();
                module.Call(Example(input, device, withLengths: false));
            }
            return watched;
        }
        finally
        {
            watched.Dispose();
            // parents first: train() reaches down
            foreach (var (part, training) in modes)
                part.train(training);
        }
    }

    /// <summary>The numbers in one example.</summary>
    public static long CountOf(InputShape shape) => shape is ColumnsShape columns ? columns.Columns.Sum(column => CountOf(column.Shape)) : Sizes(shape).Aggregate(1L, (product, size) => product * size);

    private static ModelInput Example(InputShape shape, Device device, bool withLengths) =>
        new([.. (shape is ColumnsShape several ? several.Columns : [new NamedShape("", shape)]).Select(column => new InputTensor(column.Name,
            zeros([1, .. Sizes(column.Shape)], column.Shape is IdsShape ? ScalarType.Int64 : ScalarType.Float32, device), column.Shape.IsVariable && withLengths ? full([1], Steps, ScalarType.Int64, device) : null))]);

    private static IEnumerable<long> Sizes(InputShape shape) => shape.Dimensions.Select(size => size < 0 ? Steps : size);

    public Call? Of(nn.Module module) => calls.GetValueOrDefault(module);

    public void Dispose()
    {
        foreach (var remove in removals)
            remove();
        removals.Clear();
    }

    // modules take one to many arguments, and each number of them has hooks of another type
    private void Hook(nn.Module module)
    {
        var type = module.GetType();
        while (type is not null && !(type.IsGenericType && type.Name == "HookableModule`2"))
            type = type.BaseType;
        if (type is null)
            return;
        var hook = type.GetGenericArguments()[1];
        var parameters = hook.GetMethod("Invoke")!.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType)).ToList();
        var note = Expression.Call(Expression.Constant(this), nameof(Note), null, Expression.Constant(module, typeof(nn.Module)),
            Expression.Convert(parameters[1], typeof(object)), Expression.Convert(parameters[^1], typeof(object)));
        // what the hook gives takes the place of what the module gave: the same
        var compiled = Expression.Lambda(hook, Expression.Block(note, parameters[^1]), parameters).Compile();
        var remover = type.GetMethod("register_forward_hook", [hook])!.Invoke(module, [compiled])!;
        removals.Add(() => remover.GetType().GetMethod("remove")!.Invoke(remover, null));
    }

    private void Note(nn.Module module, object? input, object? output)
    {
        var (taken, given) = (First(input), First(output));
        var before = calls.GetValueOrDefault(module) ?? new Call(taken?.shape, given?.shape, 0, 0);
        calls[module] = before with { Count = before.Count + 1, MultAdds = before.MultAdds + (taken is null || given is null ? 0 : MultAddsOf(module, taken, given)) };
    }

    // recurrent layers give tuples, their output first
    private static Tensor? First(object? value) => value switch
    {
        Tensor tensor => tensor,
        ModelInput input => input.Columns[0].Values,
        InputTensor column => column.Values,
        ITuple tuple => tuple[0] as Tensor,
        _ => null,
    };

    private static long MultAddsOf(nn.Module module, Tensor input, Tensor output)
    {
        var name = module.GetType().Name;
        if (name.StartsWith("Embedding", StringComparison.Ordinal) || input.dim() == 0)
            return 0;
        var isLibtorchs = module.GetType().Namespace == "TorchSharp.Modules";
        var width = input.shape[^1];
        return module.named_parameters(recurse: false).Select(item => item.parameter).Where(weight => weight.dim() >= 2).Sum(weight => weight.numel() * name switch
        {
            // each place of the picture that goes in, or comes out, meets the whole kernel
            _ when isLibtorchs && name.StartsWith("ConvTranspose", StringComparison.Ordinal) => input.numel() / input.shape[1],
            _ when isLibtorchs && name.StartsWith("Conv", StringComparison.Ordinal) => output.numel() / output.shape[1],
            // libtorch's layers have matrices alone; somebody's own may also have other things of two dimensions
            _ when weight.dim() == 2 && (isLibtorchs || weight.shape[1] == width) => input.numel() / width,
            _ => 0,
        });
    }
}
