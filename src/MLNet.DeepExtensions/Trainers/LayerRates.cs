namespace MLNet.DeepExtensions;

/// <summary>Layer-wise learning-rate decay: which factor of the learning rate a parameter has, by how far its layer lies below the last one.</summary>
internal static class LayerRates
{
    /// <param name="network">Says its layers.</param>
    /// <param name="decay">The factor from one layer to the one below.</param>
    /// <exception cref="ArgumentException">The architecture does not say its layers.</exception>
    public static Func<string, double> For(ModelConfig network, double decay)
    {
        var layers = (network.LayersFromInput ?? throw new ArgumentException(
            $"LayerDecay must know the network's layers, but {network.GetType().Name} does not say them. Leave LayerDecay out; or name layers by hand: Optimizer = new AdamW {{ Groups = [new ParameterGroup(\"layer1\") {{ LearningRateFactor = 0.1 }}] }}; " +
            "or override LayersFromInput in an architecture of your own.", "options")).Select(layer => layer.Select(pattern => new NamePattern(pattern)).ToList()).ToList();
        return name => layers.FindIndex(layer => layer.Any(pattern => pattern.Matches(name))) is >= 0 and var depth ? Math.Pow(decay, layers.Count - depth) : 1;
    }
}
