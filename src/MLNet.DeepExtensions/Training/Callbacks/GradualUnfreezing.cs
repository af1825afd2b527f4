using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>
/// Trains the head first and then, layer by layer from the top down, what the options' Freeze held back (Howard and Ruder 2018).
/// Name the layers in the order in which they are to wake up: <c>new GradualUnfreezing("layer4", "layer3")</c>.
/// </summary>
public sealed class GradualUnfreezing : Callback
{
    private readonly IReadOnlyList<string> layers;

    /// <summary>Names the layers.</summary>
    /// <param name="layers">Names or patterns of parameters, the first to wake up first.</param>
    public GradualUnfreezing(params IReadOnlyList<string> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        this.layers = layers.Count > 0 ? layers : throw new ArgumentException("Name at least one layer, such as new GradualUnfreezing(\"layer4\").", nameof(layers));
    }

    /// <summary>Gets the epochs between one layer's waking and the next one's; also those before the first.</summary>
    /// <value>At least 1. The default is 1.</value>
    [Range(1, int.MaxValue)]
    public int EpochsEach { get; init; } = 1;

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var woken = (state.Epoch - 1) / EpochsEach;
        if ((state.Epoch - 1) % EpochsEach == 0 && woken >= 1 && woken <= layers.Count)
            state.Unfreeze(layers[woken - 1]);
    }
}
