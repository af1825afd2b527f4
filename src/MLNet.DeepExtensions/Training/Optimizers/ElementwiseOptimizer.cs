using MLNet.DeepExtensions.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// An optimizer whose rule treats every element alike and keeps state of the parameter's shape. It sorts the parameters of a step into batches
/// that one fused kernel takes; what no kernel takes is changed by tensor operations, with the same numbers.
/// </summary>
internal abstract partial class ElementwiseOptimizer : Optimizer
{
    private readonly string name;
    private readonly string[] stateNames;
    private readonly Slot[] slots;
    private readonly List<Batch> batches = [];
    private readonly List<(Slot Slot, Tensor Gradient)> singles = [];
    private readonly List<Tensor> gradients = [];
    private bool isDisposed;

    // name: as the user writes it, for messages; stateNames: PyTorch's, of what the rule keeps for a parameter
    protected ElementwiseOptimizer(IReadOnlyList<(string Name, Parameter Parameter)> parameters, double learningRate, string name, params string[] stateNames)
        : base(parameters, learningRate)
    {
        this.name = name;
        this.stateNames = stateNames;
        slots = [.. parameters.Select(item => new Slot(item.Name, item.Parameter))];
    }

    /// <summary>Gets or sets the kernels to use; tests take them away.</summary>
    internal FusedKernels Kernels { get; set; } = FusedKernels.Loaded;

    internal sealed override string? Slowdown => HasKernel != false ? null :
        $"The libtorch in use does not export the fused kernel of {name} under the name that libtorch 2.10 for Linux has (TorchSharp 0.107): " +
        "steps use separate tensor operations, with the same numbers but slower.";

    /// <summary>Gets whether the libtorch in use exports the rule's fused kernel; null where no libtorch has one.</summary>
    protected virtual bool? HasKernel => null;

    /// <summary>Gets whether a step's number enters its numbers, so that it is saved, and parameters with different numbers need calls of their own.</summary>
    protected abstract bool CountsSteps { get; }

    protected virtual bool TakesSparseGradients => false;

    /// <summary>Whether the rule's kernel runs on a kind of device.</summary>
    protected virtual bool IsFusedOn(DeviceType device) => device is DeviceType.CPU or DeviceType.CUDA;

    /// <summary>Gets what a state holds before the first step.</summary>
    protected virtual double InitialState => 0;

    public sealed override void Step()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        using var noGrad = no_grad();
        try
        {
            // every gradient is checked before the first parameter changes
            foreach (var slot in slots)
                Collect(slot);
            foreach (var batch in batches)
                if (batch.Count > 0)
                    StepFused(batch, batch.Advance());
            foreach (var (slot, gradient) in singles)
                StepPlain(slot.Parameter, gradient, slot.State, ++slot.Steps);
        }
        finally
        {
            gradients.ForEach(gradient => gradient.Dispose());
            gradients.Clear();
            singles.Clear();
            batches.ForEach(batch => batch.Clear());
        }
    }

    /// <summary>Changes the parameters of a batch, which are on one device and of one type, by one call.</summary>
    /// <param name="batch">The parameters.</param>
    /// <param name="step">The number of this step; the first is 1. Where steps are not counted, the batch is at 1 or somewhere above it.</param>
    protected virtual void StepFused(Batch batch, long step) => throw new NotSupportedException($"{name} has no kernel.");

    /// <summary>Changes one parameter of any layout by tensor operations.</summary>
    protected abstract void StepPlain(Tensor parameter, Tensor gradient, Tensor[] state, long step);

    protected override void Dispose(bool disposing)
    {
        isDisposed = true;
        if (disposing)
            foreach (var slot in slots)
                slot.Reset();
        base.Dispose(disposing);
    }

    private void Collect(Slot slot)
    {
        var parameter = slot.Parameter;
        if (parameter.IsInvalid)
            throw new InvalidOperationException($"The parameter '{slot.Name}' was disposed. Moving or converting a module replaces its parameters: do that first, then build the optimizer.");
        var gradient = parameter.grad;
        if (gradient is null)
            return;
        gradients.Add(gradient);
        var layout = slot.Layout ?? Start(slot);
        if (gradient.is_sparse)
        {
            if (!TakesSparseGradients)
                throw new InvalidOperationException($"The gradient of '{slot.Name}' is sparse, which {name} does not take. Build the embedding with sparse: false, or use {nameof(Sgd)}.");
            gradients.Add(gradient = gradient.to_dense());
        }
        if (!layout.FitsButForStrides(parameter))
            throw new InvalidOperationException($"The parameter '{slot.Name}' was {layout} and is now {TensorLayout.Describe(parameter)}. Move or convert a module first, then build the optimizer.");
        if (!layout.FitsButForStrides(gradient))
            throw new InvalidOperationException($"The gradient of '{slot.Name}' is {TensorLayout.Describe(gradient)}, but the parameter is {layout}. A gradient needs its parameter's type, shape and device.");
        if (HasKernel != true || !slot.FitsKernels || !layout.StridesFit(parameter))
        {
            singles.Add((slot, gradient));
            return;
        }
        if (!layout.StridesFit(gradient))
        {
            var aligned = empty_like(parameter);
            gradients.Add(aligned);
            gradient = aligned.copy_(gradient);
        }
        BatchOf(slot).Add(slot, gradient);
    }

    private Batch BatchOf(Slot slot)
    {
        Batch? free = null;
        foreach (var batch in batches)
            if (batch.Count == 0)
                free ??= batch;
            else if (batch.First.Layout!.SameTypeAndDevice(slot.Layout!) && (CountsSteps ? batch.First.Steps == slot.Steps : batch.First.Steps == 0 == (slot.Steps == 0)))
                return batch;
        if (free is null)
            batches.Add(free = new Batch(slots.Length, stateNames.Length));
        return free;
    }

    private TensorLayout Start(Slot slot)
    {
        var layout = new TensorLayout(slot.Parameter);
        if (!slot.Parameter.is_floating_point())
            throw new NotSupportedException($"The parameter '{slot.Name}' is {layout}, but {name} trains floating point numbers. Set its requires_grad to false, " +
                $"or use an optimizer of TorchSharp by {nameof(OptimizerConfig)}.{nameof(OptimizerConfig.From)}.");
        // state made in inference mode could not be changed outside of it
        using var normal = inference_mode(false);
        slot.State = [.. stateNames.Select(_ => full_like(slot.Parameter, InitialState, requires_grad: false).DetachFromDisposeScope())];
        // kernels round half-precision numbers less often than tensor operations do, PyTorch's default: one set of numbers, so no kernel
        slot.FitsKernels = layout.IsDense && layout.Type is ScalarType.Float32 or ScalarType.Float64 && IsFusedOn(layout.DeviceType)
            && slot.State.All(layout.StridesFit);
        return slot.Layout = layout;
    }

    /// <summary>A parameter and what the rule keeps for it from its first gradient on.</summary>
    protected sealed class Slot(string name, Parameter parameter)
    {
        public string Name { get; } = name;

        public Parameter Parameter { get; } = parameter;

        public TensorLayout? Layout { get; set; }

        public bool FitsKernels { get; set; }

        public Tensor[] State { get; set; } = [];

        /// <summary>Gets or sets the number of steps taken.</summary>
        public long Steps { get; set; }

        public void Reset()
        {
            foreach (var tensor in State)
                tensor.Dispose();
            (State, Layout, Steps) = ([], null, 0);
        }
    }

    /// <summary>The arguments of one kernel call; the arrays live on from step to step.</summary>
    protected sealed class Batch(int capacity, int states)
    {
        private readonly Slot[] slots = new Slot[capacity];
        private readonly nint[] parameters = new nint[capacity];
        private readonly nint[] gradients = new nint[capacity];
        private readonly nint[][] state = [.. Enumerable.Range(0, states).Select(_ => new nint[capacity])];

        public int Count { get; private set; }

        public Slot First => slots[0];

        public ReadOnlySpan<nint> Parameters => parameters.AsSpan(0, Count);

        public ReadOnlySpan<nint> Gradients => gradients.AsSpan(0, Count);

        public ReadOnlySpan<nint> State(int index) => index < state.Length ? state[index].AsSpan(0, Count) : [];

        public void Add(Slot slot, Tensor gradient)
        {
            slots[Count] = slot;
            parameters[Count] = FusedKernels.AddressOf(slot.Parameter);
            gradients[Count] = FusedKernels.AddressOf(gradient);
            for (var i = 0; i < state.Length; i++)
                state[i][Count] = FusedKernels.AddressOf(slot.State[i]);
            Count++;
        }

        public long Advance()
        {
            for (var i = 0; i < Count; i++)
                slots[i].Steps++;
            return First.Steps;
        }

        public void Clear() => Count = 0;
    }

    /// <summary>Kernels that count steps want a counter per parameter. Those of a batch are equal, so all are the same tensor.</summary>
    protected sealed class StepCounters : IDisposable
    {
        private readonly Dictionary<(DeviceType, int), Tensor> counters = [];
        private nint[] addresses = [];

        /// <summary>A float32 scalar with the number of the step for each parameter of a batch.</summary>
        public ReadOnlySpan<nint> Of(Batch batch, long step)
        {
            if (addresses.Length < batch.Count)
                addresses = new nint[batch.Count];
            var counters = addresses.AsSpan(0, batch.Count);
            counters.Fill(FusedKernels.AddressOf(Counter(batch.First.Parameter, step)));
            return counters;
        }

        public void Dispose()
        {
            foreach (var counter in counters.Values)
                counter.Dispose();
            counters.Clear();
        }

        private Tensor Counter(Tensor parameter, long step)
        {
            var device = (parameter.device_type, parameter.device_index);
            if (!counters.TryGetValue(device, out var counter))
            {
                using var normal = inference_mode(false);
                counters.Add(device, counter = zeros([], ScalarType.Float32, parameter.device).DetachFromDisposeScope());
            }
            using Scalar value = step;
            counter.fill_(value);
            return counter;
        }
    }
}
