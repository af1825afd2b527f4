using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Looks at a network before it is trained, or after.</summary>
public static class ModelSummaries
{
    /// <summary>Says what an architecture would be made of. torch's generator is left as it was.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="input">The shape of one example, for example <c>new ImageShape(28, 28, 1)</c>.</param>
    /// <param name="outputs">The number of raw outputs, for example the number of classes.</param>
    /// <returns>The summary; <see cref="ModelSummary.ToString"/> is a table.</returns>
    /// <exception cref="ArgumentException">The architecture cannot take this shape; the message says which it takes.</exception>
    public static ModelSummary Summary(this ModelConfig model, InputShape input, int outputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ConfigValidation.Check(model, nameof(model));
        return Of(model, input, outputs, trained: null);
    }

    // one of its own: hooks on a network that others score with meanwhile would see their rows
    internal static ModelSummary Of(ModelConfig model, InputShape input, int outputs, nn.Module? trained)
    {
        using var scope = NewDisposeScope();                    // what initialising leaves behind dies here, and not when it is collected
        using var module = TorchGenerator.Untouched(() => model.Build(input, outputs));
        if (trained is not null)
        {
            var trains = trained.named_parameters().ToDictionary(item => item.name, item => item.parameter.requires_grad, StringComparer.Ordinal);
            foreach (var (name, parameter) in module.named_parameters())
                parameter.requires_grad = trains.GetValueOrDefault(name, parameter.requires_grad);
        }
        return ModelSummary.Of(module, input, model.GetType().IsPublic ? model.GetType().Name : null);
    }
}
