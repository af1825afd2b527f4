using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Where a column comes from. Each is one object, however many steps read the column.</summary>
internal abstract class Origin(DataViewSchema.Column column)
{
    public DataViewSchema.Column Column => column;

    /// <summary>Gets what it is made of, at once.</summary>
    public virtual IReadOnlyList<Origin> Sources => [];

    /// <summary>It, and all that it is made of.</summary>
    public IEnumerable<Origin> All() => Sources.SelectMany(source => source.All()).Append(this);
}

/// <summary>A column that the graph is given.</summary>
/// <param name="column">The column.</param>
/// <param name="stage">How many steps are before it: the last of them makes it; 0 where it is the data's own.</param>
internal sealed class Given(DataViewSchema.Column column, int stage) : Origin(column)
{
    public int Stage => stage;
}

/// <summary>A column that a step with a form makes.</summary>
internal sealed class Made(DataViewSchema.Column column, int step, StepForm form, IReadOnlyList<Origin> sources) : Origin(column)
{
    public int Step => step;

    public StepForm Form => form;

    public override IReadOnlyList<Origin> Sources => sources;
}

/// <summary>A column that the network gives.</summary>
internal sealed class NetworkOutput(DataViewSchema.Column column) : Origin(column);

/// <summary>A fitted pipeline step by step, with the columns between the steps.</summary>
internal sealed class PipelineSteps
{
    private readonly List<ITransformer> steps = [];
    private readonly List<DataViewSchema> schemas = [];
    private readonly List<(int First, int End)> units = [];
    private readonly Dictionary<(string Name, int Stage), Origin> known = [];

    /// <exception cref="ArgumentException">There is not exactly one network in the pipeline.</exception>
    public PipelineSteps(ITransformer model, DataViewSchema input)
    {
        Doors.Check();
        schemas.Add(input);
        Add(model, isInner: false);
        var networks = Enumerable.Range(0, steps.Count).Where(i => steps[i] is ScoringTransformer or ForecastTransformer).ToList();
        var made = $"it is made of {string.Join(", ", steps.Select(NameOf))}";
        Network = networks switch
        {
            [var only] when steps[only] is DeepTransformer or DeepForecastTransformer => only,
            [_] => throw new ArgumentException("The pipeline was loaded from a portable model, whose network is an ONNX graph already. Convert the model that mlContext.Model.Save wrote, or the trained pipeline itself.", nameof(model)),
            [] => throw new ArgumentException($"The pipeline has no deep network: {made}. Give the transformer that Fit returned for a pipeline with mlContext.….Trainers.Deep.", nameof(model)),
            _ => throw new ArgumentException($"The pipeline has {networks.Count} deep networks, but one graph is written of one: {made}. Convert each of them with the steps before it.", nameof(model)),
        };
    }

    /// <summary>Gets which step is the network.</summary>
    public int Network { get; }

    /// <summary>Gets the network.</summary>
    public DeepModel Model => (steps[Network] as DeepTransformer)?.Model ?? ((DeepForecastTransformer)steps[Network]).Model;

    public int Count => steps.Count;

    /// <summary>The columns that a step makes, whatever their names hid before.</summary>
    public IEnumerable<DataViewSchema.Column> MadeBy(int step) => schemas[step + 1].Where(column => !column.IsHidden && Passed(step, column.Name) is null);

    /// <summary>Whether the pipeline has a column of that name in the end.</summary>
    public bool IsKept(string name) => schemas[^1].GetColumnOrNull(name) is not null;

    /// <summary>A column as the network finds it, were it given.</summary>
    public Given AtNetwork(string name) => new(schemas[Network][name], Network);

    /// <summary>Finds where a column comes from that is there behind so many steps.</summary>
    public Origin Resolve(string name, int stage)
    {
        if (known.TryGetValue((name, stage), out var origin))
            return origin;
        origin = Find(name, stage);
        // a chain of steps that is one step to its user may drop columns that it only used itself: nobody could feed them
        if (origin is Made && units.Any(unit => unit.End == stage && origin.All().OfType<Given>().Any(given => given.Stage > unit.First && schemas[stage].GetColumnOrNull(given.Column.Name) is null)))
            origin = new Given(schemas[stage][name], stage);
        return known[(name, stage)] = origin;
    }

    /// <summary>The steps that a given column comes through, the first one first.</summary>
    public IEnumerable<OnnxStep> Before(Given given)
    {
        var found = new List<OnnxStep>();
        IReadOnlyList<DataViewSchema.Column> needed = [given.Column];
        for (var step = given.Stage - 1; step >= 0; step--)
        {
            var made = needed.Where(column => Passed(step, column.Name) is null).ToList();
            var passed = needed.Select(column => Passed(step, column.Name)).OfType<DataViewSchema.Column>();
            // what looks at many rows, or keeps it to itself, is taken to read all
            var read = made.Count == 0 ? [] : steps[step].IsRowToRowMapper ? steps[step].GetRowToRowMapper(schemas[step]).GetDependencies(made).ToList() : schemas[step].Where(column => !column.IsHidden).ToList();
            if (made.Count > 0)
                found.Add(Describe(step, read, made));
            needed = [.. passed.Concat(read).DistinctBy(column => column.Index)];
        }
        found.Reverse();
        return found;
    }

    /// <summary>A step as it is told of.</summary>
    public OnnxStep Describe(int step) => Describe(step, [], [.. MadeBy(step)]);

    private static OnnxStep Describe(ITransformer step, IEnumerable<DataViewSchema.Column> read, IEnumerable<DataViewSchema.Column> made) =>
        new(NameOf(step), [.. read.Select(column => column.Name)], [.. made.Select(column => column.Name)], (step as RowStepTransformer)?.Step is { } own ? ConfigJson.Describe(own) : null);

    private OnnxStep Describe(int step, IEnumerable<DataViewSchema.Column> read, IEnumerable<DataViewSchema.Column> made) => Describe(steps[step], read, made);

    private void Add(ITransformer step, bool isInner)
    {
        var inner = step is OneHotEncodingTransformer encoding ? StepDoors.StepsOf(encoding) : step as IEnumerable<ITransformer>;
        if (inner is null)
        {
            steps.Add(step);
            schemas.Add(step.GetOutputSchema(schemas[^1]));
            return;
        }
        var first = steps.Count;
        foreach (var part in inner)
            Add(part, isInner: true);
        if (isInner)
            units.Add((first, steps.Count));
    }

    private Origin Find(string name, int stage)
    {
        if (stage == 0)
            return new Given(schemas[0][name], 0);
        var step = stage - 1;
        if (Passed(step, name) is not null)
            return Resolve(name, step);
        var column = schemas[stage][name];
        if (step == Network)
            return new NetworkOutput(column);
        return StepForms.Of(new StepOutput(steps[step], schemas[step], column)) is { } form ? new Made(column, step, form, [.. form.Sources.Select(source => Resolve(source.Name, step))]) : new Given(column, stage);
    }

    /// <summary>The column before a step that is the same as one behind it; null where the step makes it.</summary>
    private DataViewSchema.Column? Passed(int step, string name)
    {
        var before = schemas[step];
        // notes of how a trainer shall change examples do nothing in scoring
        if (steps[step] is ColumnSelectingTransformer or RowStepTransformer { Step: AugmentStep })
            return before[name];
        // what a step replaces is hidden behind the new column, and not gone
        return before.GetColumnOrNull(name) is { } same && before.Count(other => other.Name == name) == schemas[step + 1].Count(other => other.Name == name) ? same : null;
    }

    private static string NameOf(ITransformer step)
    {
        if (step is RowStepTransformer own)
            return own.Step.Title;
        var type = step.GetType();
        // some have no name but their estimator's
        var name = (type.Name == "Transformer" && type.DeclaringType is { } estimator ? estimator : type).Name.Split('`')[0];
        foreach (var ending in new[] { "Transformer", "Estimator" })
            if (name.EndsWith(ending, StringComparison.Ordinal))
                return name[..^ending.Length];
        return name;
    }
}
