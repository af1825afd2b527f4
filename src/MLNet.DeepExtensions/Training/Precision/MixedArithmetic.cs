using MLNet.DeepExtensions.Native;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A forward pass under libtorch's autocast (Micikevicius et al. 2017, "Mixed precision training"); the gradients follow its types.</summary>
internal class MixedArithmetic(DeviceType device, ScalarType type) : Arithmetic
{
    public override Tensor Forward(Module module, ModelInput input) => Autocast.Run(device, type, () => module.Call(input)).to(ScalarType.Float32);
}

/// <summary>
/// Mixed precision for float16, whose range is small: the loss is multiplied by a factor, the gradients divided by it. A step whose gradients overflow is left out
/// and halves the factor; 2,000 good ones in a row double it, as PyTorch's GradScaler does.
/// </summary>
internal sealed class ScaledArithmetic(DeviceType device) : MixedArithmetic(device, ScalarType.Float16)
{
    private const int GrowthInterval = 2000;

    private int goodSteps;

    public double Scale { get; private set; } = 65_536;

    public override void Backward(Tensor loss) => (loss * Scale).backward();

    public override void Step(Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradients = optimizer.Parameters.Select(item => item.Parameter.grad).OfType<Tensor>().ToList();
        foreach (var gradient in gradients)
            gradient.mul_(1 / Scale);
        // infinity and NaN both survive a sum
        var sum = gradients.Select(gradient => gradient.sum()).Aggregate((a, b) => a + b).ToDouble();
        if (!double.IsFinite(sum))
        {
            (Scale, goodSteps) = (Scale / 2, 0);
            return;
        }
        base.Step(optimizer);
        if (++goodSteps == GrowthInterval)
            (Scale, goodSteps) = (Scale * 2, 0);
    }

    public override void SaveState(SavedState saved) => (saved["scale"], saved["good steps"]) = (Scale, goodSteps);

    public override void LoadState(SavedState saved) => (Scale, goodSteps) = (saved["scale"], (int)saved["good steps"]);
}
