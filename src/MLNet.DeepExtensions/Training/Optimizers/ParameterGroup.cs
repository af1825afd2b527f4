using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Parameters that an optimizer treats apart: a smaller learning rate for pretrained layers, no weight decay for biases.
/// The first group that fits a parameter takes it; the rest is treated as the optimizer says.
/// </summary>
/// <param name="Pattern">Names of parameters: <c>*</c> stands for anything, and a layer's name for all that lies below it, as in <c>layer4</c> or <c>*.bias</c>.</param>
public sealed record ParameterGroup([property: Required] string Pattern)
{
    /// <summary>
    /// Gets the group that takes weight decay away from biases and from the weights of norms: from all parameters of one dimension, as timm does.
    /// What multiplies inputs (layers, kernels, embeddings) has more.
    /// </summary>
    /// <value>Put it last where other groups have a say: <c>Groups = [new ParameterGroup("fc") { LearningRateFactor = 10 }, ParameterGroup.NoDecay]</c>.</value>
    public static ParameterGroup NoDecay { get; } = new("*") { MaxDimensions = 1, WeightDecay = 0 };

    /// <summary>Gets how many dimensions a parameter may have to belong here.</summary>
    /// <value>In [0, 64]. The default, null, takes all.</value>
    [Range(0, 64)]
    public int? MaxDimensions { get; init; }

    /// <summary>Gets the factor of the learning rate.</summary>
    /// <value>In [0, 1000]. The default is 1.</value>
    [Range(0.0, 1000.0)]
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>Gets the weight decay.</summary>
    /// <value>In [0, 100]. The default, null, is the optimizer's.</value>
    [Range(0.0, 100.0)]
    public double? WeightDecay { get; init; }
}
