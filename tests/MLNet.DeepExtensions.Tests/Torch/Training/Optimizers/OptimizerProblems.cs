using MLNet.DeepExtensions.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Small problems for optimizers.</summary>
internal static class OptimizerProblems
{
    /// <summary>Every rule with numbers that are neither defaults nor equal to each other: swapped arguments show.</summary>
    public static TheoryData<OptimizerConfig> Odd =>
    [
        new Sgd { LearningRate = 0.03 },
        new Sgd { LearningRate = 0.03, Momentum = 0.7, Dampening = 0.2, WeightDecay = 0.05 },
        new Sgd { LearningRate = 0.03, Momentum = 0.6, Nesterov = true, WeightDecay = 0.04 },
        new Adam { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.1 },
        new Adam { LearningRate = 0.02, Beta1 = 0.7, Beta2 = 0.9, Epsilon = 1e-4, WeightDecay = 0.2, AmsGrad = true },
        new AdamW { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.3 },
        new AdamW { LearningRate = 0.02, Beta1 = 0.7, Beta2 = 0.9, Epsilon = 1e-4, WeightDecay = 0.2, AmsGrad = true },
        new Adagrad { LearningRate = 0.03, LearningRateDecay = 0.1, InitialAccumulator = 0.2, Epsilon = 1e-3, WeightDecay = 0.05 },
        new RmsProp { LearningRate = 0.02, Alpha = 0.8, Epsilon = 1e-3, Momentum = 0.6, Centered = true, WeightDecay = 0.05 },
        new Adadelta { LearningRate = 0.9, Rho = 0.8, Epsilon = 1e-4, WeightDecay = 0.05 },
        new NAdam { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.1, MomentumDecay = 0.1 },
        new RAdam { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.1 },
        new Adamax { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.1 },
        new Lion { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, WeightDecay = 0.3 },
    ];

    /// <summary>sin(0.1 i + phase), the same in PyTorch's reference numbers.</summary>
    public static Tensor Fill(double phase, params long[] shape) =>
        (arange(shape.Aggregate(1L, (a, b) => a * b), ScalarType.Float64) * 0.1 + phase).sin().to(ScalarType.Float32).reshape(shape);

    public static Parameter Weight(double phase, params long[] shape) => new(Fill(phase, shape));

    public static Optimizer WithoutKernels(this Optimizer optimizer)
    {
        ((ElementwiseOptimizer)optimizer).Kernels = FusedKernels.None;
        return optimizer;
    }

    /// <summary>Steps towards a target that moves with the step, so that gradients change their sign.</summary>
    public static void Train(this Optimizer optimizer, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.ZeroGrad();
            var loss = zeros(1, ScalarType.Float64);
            foreach (var (_, parameter) in optimizer.Parameters)
                if (parameter.requires_grad)
                    loss += (parameter - Fill(step * 2, parameter.shape).to(parameter.dtype)).pow(2).sum().to(ScalarType.Float64);
            loss.backward();
            optimizer.Step();
        }
    }

    public static Embedding Table(bool sparse)
    {
        var table = nn.Embedding(5, 3, sparse: sparse);
        using (no_grad())
            table.weight!.copy_(Fill(1, 5, 3));
        return table;
    }

    public static bool BitEqual(Tensor a, Tensor b) => a.dtype == b.dtype && a.shape.SequenceEqual(b.shape) &&
        a.detach().contiguous().bytes.SequenceEqual(b.detach().contiguous().bytes);
}
