using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>The weights that a training starts from: those that its architecture brings along, and on top of them those that the options name.</summary>
internal static class StartingWeights
{
    /// <summary>Gives them to a network.</summary>
    /// <exception cref="InvalidModelFileException">A file is damaged, or of another network.</exception>
    public static IEnumerable<WeightLoadReport> Load(ModelConfig config, Module network, PretrainedWeights? options, IReadOnlyList<string>? classes)
    {
        foreach (var (part, module) in config.PartsOf(network))
            if (part.Published is { } files)
                // a part of something larger gives numbers, not classes
                yield return Published(part, module, files, ReferenceEquals(module, network) ? classes : null);
        if (options is not null)
            yield return options.LoadInto(network, config.HeadPrefix, classes, config.NameOf);
    }

    /// <summary>What tells them from others; null where weights are drawn.</summary>
    public static string? Origin(ModelConfig config, PretrainedWeights? options) => options?.Origin ?? config.Published?.Weights;

    private static WeightLoadReport Published(ModelConfig config, Module network, PublishedFiles files, IReadOnlyList<string>? classes)
    {
        var report = new PretrainedWeights(files.Weights) { Classes = files.Classes }.LoadInto(network, config.HeadPrefix, classes, config.NameOf);
        var lacking = report.Missing.Concat(report.Mismatched).Count(config.IsTrunk);
        return lacking == 0 ? report : throw new InvalidModelFileException(
            $"The weights are not those of the {config.GetType().Name} that {PublishedConfig.FileName} describes: {lacking:N0} of its tensors are not there as they must be. {report}");
    }
}
