using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>How a step computes: the forward pass, the gradients, the change of the weights. This one does it in the weights' own precision.</summary>
internal class Arithmetic : IDisposable
{
    /// <summary>Runs the network.</summary>
    /// <returns>The outputs in float32.</returns>
    public virtual Tensor Forward(Module module, ModelInput input) => module.Call(input);

    /// <summary>Computes the gradients.</summary>
    public virtual void Backward(Tensor loss) => loss.backward();

    /// <summary>What bounds gradients before they change the weights.</summary>
    public GradientClipping Clipping { get; set; } = new(null, null);

    /// <summary>Changes the weights.</summary>
    public virtual void Step(Optimizer optimizer)
    {
        Clipping.Apply(optimizer.Parameters.Select(item => item.Parameter));
        optimizer.Step();
    }

    public virtual void SaveState(SavedState saved) { }

    public virtual void LoadState(SavedState saved) { }

    public virtual void Dispose() { }
}
