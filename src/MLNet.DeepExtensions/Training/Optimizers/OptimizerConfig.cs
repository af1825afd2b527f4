using System.ComponentModel.DataAnnotations;
using MLNet.DeepExtensions.Native;
using TorchSharp;
using TorchSharp.Modules;

namespace MLNet.DeepExtensions;

/// <summary>
/// An optimizer's hyperparameters: a record that can build the optimizer. The same record is the option that the user writes,
/// the JSON inside the saved model, and a row of the conformance tests. Names, defaults and meanings are PyTorch's.
/// </summary>
[ConfigFamily]
public abstract record OptimizerConfig
{
    /// <summary>Gets the registered optimizers in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<OptimizerConfig>().Types;

    /// <summary>Gets the learning rate of the first step; a schedule may change it from step to step.</summary>
    /// <value>Between 0 and 100. The default is the optimizer's own.</value>
    [Range(0.0, 100.0)]
    public abstract double LearningRate { get; init; }

    /// <summary>Gets the parameters that are treated apart.</summary>
    /// <value>The default, null, is none.</value>
    public IReadOnlyList<ParameterGroup>? Groups { get; init; }

    /// <summary>Makes an optimizer of your own known, so that options with it can be saved and loaded. Call it once, when the application starts.</summary>
    /// <typeparam name="T">The record; its properties are written to the model file as JSON.</typeparam>
    /// <param name="name">The name in the file, lower case with hyphens. Never change it.</param>
    public static void Register<T>(string name) where T : OptimizerConfig => ConfigFamily.Of<OptimizerConfig>().Add(typeof(T), name);

    /// <summary>
    /// Uses one of TorchSharp's optimizers, or your own subclass of them, for a run. Such a config has no name in a model file:
    /// to save it, write a record that overrides <see cref="Create"/> and <see cref="Register{T}">register</see> it.
    /// </summary>
    /// <param name="learningRate">The learning rate of the first step, between 0 and 100.</param>
    /// <param name="create">Makes the optimizer from parameters and learning rate, as in <c>(parameters, rate) => torch.optim.RMSProp(parameters, rate)</c>.</param>
    /// <returns>The config.</returns>
    public static OptimizerConfig From(double learningRate, Func<IReadOnlyList<(string Name, Parameter Parameter)>, double, torch.optim.Optimizer> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return new TorchOptimizerConfig(create) { LearningRate = learningRate };
    }

    /// <summary>Builds the optimizer. It keeps the parameters, so move the module to its device before.</summary>
    /// <param name="parameters">What to train: <c>module.named_parameters()</c>. A tensor that occurs twice (tied weights) is trained once, under its first name.</param>
    /// <returns>The optimizer; whoever built it disposes it.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, there is nothing to train, or a name occurs twice.</exception>
    public Optimizer Build(IEnumerable<(string Name, Parameter Parameter)> parameters) => Build(parameters, factorOf: null);

    /// <summary>Builds the optimizer with a learning rate of its own for each parameter, beside what groups say.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="factorOf">The factor of a parameter's learning rate; null is 1 for all.</param>
    internal Optimizer Build(IEnumerable<(string Name, Parameter Parameter)> parameters, Func<string, double>? factorOf)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ConfigValidation.Check(this, GetType().Name);
        var distinct = parameters.DistinctBy(item => FusedKernels.AddressOf(item.Parameter)).ToList();
        if (distinct.Count == 0)
            throw new ArgumentException("There are no parameters to train. Pass module.named_parameters() of a module that has layers with weights.", nameof(parameters));
        if (distinct.GroupBy(item => item.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two parameters are named '{twice.Key}'. Each needs a name of its own, since the optimizer's state is saved under it.", nameof(parameters));
        return Groups is { Count: > 0 } || factorOf is not null ? BuildGroups(Groups ?? [], distinct, factorOf ?? (_ => 1)) : Create(distinct);
    }

    /// <summary>This optimizer with another weight decay.</summary>
    /// <param name="weightDecay">The weight decay.</param>
    /// <returns>The config.</returns>
    /// <exception cref="NotSupportedException">This optimizer has none.</exception>
    protected virtual OptimizerConfig WithWeightDecay(double weightDecay) =>
        throw new NotSupportedException($"{GetType().Name} has no weight decay that a group could set. Leave WeightDecay out of the group, or override {nameof(WithWeightDecay)}.");

    private GroupedOptimizer BuildGroups(IReadOnlyList<ParameterGroup> groups, List<(string Name, Parameter Parameter)> parameters, Func<string, double> factorOf)
    {
        var patterns = NamePattern.Check(groups.Select(group => group.Pattern), parameters.Select(item => item.Name), $"{GetType().Name}.{nameof(Groups)}");
        var built = new List<(Optimizer, double)>();
        // by the first group that fits; -1 is the rest
        foreach (var share in parameters.GroupBy(item => (Group: Enumerable.Range(0, groups.Count).Append(-1).First(i => i < 0 || Fits(i, item)), Factor: factorOf(item.Name))))
        {
            var group = share.Key.Group < 0 ? null : groups[share.Key.Group];
            var config = group?.WeightDecay is { } decay ? WithWeightDecay(decay) : this;
            built.Add((config.Create([.. share]), (group?.LearningRateFactor ?? 1) * share.Key.Factor));
        }
        return new GroupedOptimizer(parameters, LearningRate, built);

        bool Fits(int group, (string Name, Parameter Parameter) item) => patterns[group].Matches(item.Name) && !(item.Parameter.dim() > groups[group].MaxDimensions);
    }

    /// <summary>Compares the settings, the groups one by one.</summary>
    /// <param name="other">Another config.</param>
    /// <returns>Whether both build the same optimizer.</returns>
    public virtual bool Equals(OptimizerConfig? other) => other is not null && EqualityContract == other.EqualityContract && (Groups ?? []).SequenceEqual(other.Groups ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EqualityContract, Groups?.Count ?? 0);

    /// <summary>Makes the optimizer; the options are in their ranges, the parameters distinct.</summary>
    /// <param name="parameters">What to train, at least one.</param>
    /// <returns>The optimizer.</returns>
    protected abstract Optimizer Create(IReadOnlyList<(string Name, Parameter Parameter)> parameters);
}
