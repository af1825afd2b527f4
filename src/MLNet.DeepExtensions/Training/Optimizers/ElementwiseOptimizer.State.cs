using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <content>State as named tensors: PyTorch's names behind the parameter's.</content>
internal abstract partial class ElementwiseOptimizer
{
    private const string StepName = "step";

    public sealed override IReadOnlyDictionary<string, Tensor> CopyState()
    {
        using var noGrad = no_grad();
        var copies = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var slot in slots.Where(slot => slot.Steps > 0))
        {
            for (var i = 0; i < stateNames.Length; i++)
                copies.Add(Key(slot, stateNames[i]), empty(slot.State[i].shape, slot.State[i].dtype, CPU).copy_(slot.State[i]));    // in order, whatever its strides
            if (CountsSteps)
                copies.Add(Key(slot, StepName), tensor(slot.Steps));
        }
        return copies;
    }

    public sealed override void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        // look at everything before the first change
        var names = CountsSteps ? [.. stateNames, StepName] : stateNames;
        var known = slots.SelectMany(slot => names.Select(name => Key(slot, name))).ToHashSet(StringComparer.Ordinal);
        if (state.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown)
            throw new ArgumentException($"The state holds '{unknown}', which {name} with these options and parameters does not have. {Advice}", nameof(state));
        foreach (var slot in slots)
            Check(slot, state, names);

        using var noGrad = no_grad();
        foreach (var slot in slots)
        {
            slot.Reset();
            if (names.Length == 0 || !state.ContainsKey(Key(slot, names[0])))
                continue;
            Start(slot);
            for (var i = 0; i < stateNames.Length; i++)
                slot.State[i].copy_(state[Key(slot, stateNames[i])]);
            slot.Steps = CountsSteps ? state[Key(slot, StepName)].item<long>() : 1;
        }
    }

    private string Advice => "Build the optimizer with the options and for the module that the state was copied from.";

    private static string Key(Slot slot, string stateName) => $"{slot.Name}/{stateName}";

    private void Check(Slot slot, IReadOnlyDictionary<string, Tensor> state, string[] names)
    {
        var present = names.Count(name => state.ContainsKey(Key(slot, name)));
        if (present == 0)
            return;
        if (present < names.Length)
            throw new ArgumentException($"The state of '{slot.Name}' lacks {string.Join(", ", names.Where(name => !state.ContainsKey(Key(slot, name))))}. {Advice}", nameof(state));
        foreach (var stateName in stateNames)
        {
            var saved = state[Key(slot, stateName)];
            if (saved.dtype != slot.Parameter.dtype || !saved.shape.SequenceEqual(slot.Parameter.shape))
                throw new ArgumentException($"'{Key(slot, stateName)}' is {TensorLayout.Describe(saved)}, but the parameter is {TensorLayout.Describe(slot.Parameter)}. {Advice}", nameof(state));
        }
        if (!CountsSteps)
            return;
        var steps = state[Key(slot, StepName)];
        if (steps.dtype != ScalarType.Int64 || steps.ndim != 0 || steps.item<long>() < 1)
            throw new ArgumentException($"'{Key(slot, StepName)}' must be one whole number of 1 or more, but is {TensorLayout.Describe(steps)}. {Advice}", nameof(state));
    }
}
