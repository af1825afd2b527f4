using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Tables;

namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>A table: a class or a number from the other columns.</summary>
internal sealed record TableTask : Scenario
{
    public const string TaskName = "tabular";

    public required DelimitedFile File { get; init; }

    public required ColumnProfile Label { get; init; }

    public required bool IsClassification { get; init; }

    public required IReadOnlyList<ColumnProfile> Features { get; init; }

    /// <summary>Gets the columns that are left out, each with the reason.</summary>
    public required IReadOnlyList<(string Name, string Reason)> LeftOut { get; init; }

    public override string ModelBuilderName => IsClassification ? "Classification" : "Regression";

    public override Answer Answer => IsClassification ? new ClassAnswer(Label.Name) : new NumberAnswer(Label.Name);

    public override string? WatchedMetric => IsClassification ? "accuracy" : "rmse";

    private IEnumerable<ColumnProfile> Columns => Features.Append(Label).OrderBy(column => column.Index);

    public override IReadOnlyList<InputMember> Members => [.. Columns.Zip(Identifiers.ForMembers(Columns.Select(column => column.Name))).Select(pair => (pair.First, pair.Second) is var (column, property) ?
        new InputMember(column.Name, property, KindOf(column) switch { DataKind.Single => "float", DataKind.Boolean => "bool", _ => "string" }, column.Index,
            column == Label ? ColumnPurpose.Label : ColumnPurpose.Feature, ValueOf(column)) : throw new InvalidOperationException())];

    public override IEnumerable<string> Summary
    {
        get
        {
            yield return $"{Label.Rows:N0} rows; column '{Label.Name}' " + (IsClassification ? $"is one of {Label.Distinct} classes" : "is a number") + (Label.IsNumeric ? $"; if that is wrong, write --goal {(IsClassification ? "regression" : "classification")}" : "");
            var (numbers, yesNo) = (Features.Count(column => KindOf(column) == DataKind.Single), Features.Count(column => KindOf(column) == DataKind.Boolean));
            yield return $"learns from {Features.Count} columns: {numbers} with numbers, {yesNo} with true and false, {Features.Count - numbers - yesNo} with categories";
            foreach (var (name, reason) in LeftOut)
                yield return $"leaves out '{name}': {reason}";
        }
    }

    public override object DataSource => DataSourceOf(File, [.. Members, .. LeftOut.Select(column => new InputMember(column.Name, column.Name, "string", null, ColumnPurpose.Ignore))]);

    public static TableTask Create(TrainSettings settings, string name)
    {
        var ml = new MLContext();
        var file = DelimitedFile.Open(ml, settings.Data, settings.Delimiter, settings.HasHeader);
        var labelIndex = settings.Label is { } named ? file.Find(named, "--label") : UsualLabel(file);
        var ignored = settings.Ignored.Select(column => file.Find(column, "--ignore")).ToHashSet();
        if (ignored.Contains(labelIndex))
            throw new RefusedException($"--ignore names column '{file.Names[labelIndex]}', which is the label.");
        var profiles = ColumnProfile.Of(file.Rows(ml), file.Names);
        var label = profiles[labelIndex];
        var isClassification = settings.Goal switch
        {
            "classification" => true,
            "regression" => label.IsNumeric ? false : throw new RefusedException($"--goal regression predicts a number, but column '{label.Name}' also holds other values, such as '{label.Values.First(value => !ColumnProfile.IsNumber(value))}'."),
            _ => !label.IsNumeric || label.Distinct <= 2,
        };
        if (isClassification)
            CheckClasses(label);
        else if (label.Distinct < 2)
            throw new RefusedException($"Column '{label.Name}' holds one value only, '{label.Example}': there is nothing to predict.");

        var (features, leftOut) = (new List<ColumnProfile>(), new List<(string, string)>());
        foreach (var column in profiles.Where(column => column != label))
            if (ReasonAgainst(column, ignored) is { } reason)
                leftOut.Add((column.Name, reason));
            else
                features.Add(column);
        if (features.Count == 0)
            throw new RefusedException($"'{file.Path}' leaves no column to learn from: {string.Join("; ", leftOut.Select(column => $"{column.Item1}: {column.Item2}"))}.");
        var batch = settings.BatchSize ?? (label.Rows < 5000 ? 64 : 256);
        return new TableTask
        {
            Name = name, DataPath = settings.Data, Seed = settings.Seed, Network = Networks.Find(Networks.OfTables, settings.Model, TaskName),
            File = file, Label = label, IsClassification = isClassification, Features = features, LeftOut = leftOut,
            Options = Training.Of(settings, new DeepTrainerOptions
            {
                Epochs = Training.Epochs(label.Rows, batch, steps: 1500, least: 10, most: 60), BatchSize = batch,
                Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = 0.02 }, Schedule = new OneCycle(),
            }),
        };
    }

    public override IDataView Load(MLContext ml) => File.Load(ml, Columns.Select(column => (column.Name, column.Index, KindOf(column))));

    public override TrainValidationTestData Split(MLContext ml, IDataView data) => ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, IsClassification ? Label.Name : null, seed: Seed);

    public override IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options) => IsClassification
        ? ml.Transforms.Conversion.MapTextToKeys()
            .Append(ml.MulticlassClassification.Trainers.Deep(Network, AllColumns.Usable, options, labelColumnName: Label.Name))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
        : ml.Transforms.Conversion.MapTextToKeys()
            .Append(ml.Regression.Trainers.Deep(Network, AllColumns.Usable, options, labelColumnName: Label.Name));

    public override string LoadCode => LoadCodeOf(File);

    public override string SplitCode => $"mlContext.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1{(IsClassification ? $", stratificationColumnName: {CSharp.Literal(Label.Name)}" : "")}, seed: {CSharp.Value(Seed)})";

    public override string PipelineCode => $$"""
        mlContext.Transforms.Conversion.MapTextToKeys()        // every text column becomes a key
            .Append(mlContext.{{(IsClassification ? "MulticlassClassification" : "Regression")}}.Trainers.Deep(network, AllColumns.Usable, options, labelColumnName: {{CSharp.Literal(Label.Name)}}))
        """ + (IsClassification ? "\n    .Append(mlContext.Transforms.Conversion.MapKeyToValue(\"PredictedLabel\"))" : "");

    /// <summary>The column that is the label where none is named.</summary>
    /// <exception cref="RefusedException">None is called so.</exception>
    public static int UsualLabel(DelimitedFile file) => file.Names.ToList().FindIndex(name => name.Equals("label", StringComparison.OrdinalIgnoreCase)) is >= 0 and var found ? found
        : throw new RefusedException($"Say which column is to be predicted: --label NAME. '{file.Path}' has: {string.Join(", ", file.Names)}.");

    /// <exception cref="RefusedException">The column is no class.</exception>
    public static void CheckClasses(ColumnProfile label)
    {
        if (label.Distinct < 2)
            throw new RefusedException($"Column '{label.Name}' holds {(label.Distinct == 0 ? "no value at all" : $"one value only, '{label.Example}'")}, but there must be two classes or more.");
        if (label.Distinct > 1000 || label.IsNearlyUnique)
            throw new RefusedException($"Column '{label.Name}' holds {label.Distinct:N0} different values in {label.Rows:N0} rows, such as '{label.Example}': too many for classes. Name another column with --label{(label.IsNumeric ? ", or predict the number: --goal regression" : "")}.");
    }

    public static string LoadCodeOf(DelimitedFile file) => $"return mlContext.Data.LoadFromTextFile<ModelInput>(dataPath, {file.OptionsCode});";

    public static object DataSourceOf(DelimitedFile file, IEnumerable<InputMember> members) => new
    {
        DataSourceType = "TabularFile", FilePath = file.Path, FileName = file.Path, Delimiter = file.Delimiter.ToString(), DecimalMarker = ".", file.HasHeader,
        ColumnProperties = members.Select(member => new
        {
            ColumnName = member.Column, ColumnPurpose = member.Purpose == ColumnPurpose.Time ? "Feature" : member.Purpose.ToString(),
            ColumnDataFormat = member.Type switch { "float" => "Single", "bool" => "Boolean", "DateTime" => "DateTime", _ => "String" }, IsCategorical = member.Type == "string" && member.Purpose != ColumnPurpose.Ignore,
        }).ToList(),
    };

    private DataKind KindOf(ColumnProfile column) => column == Label ? IsClassification ? DataKind.String : DataKind.Single
        : column.IsNumeric ? DataKind.Single : column.IsBoolean ? DataKind.Boolean : DataKind.String;

    private object? ValueOf(ColumnProfile column) => column.Example is not { } example ? null : KindOf(column) switch
    {
        DataKind.Single => float.Parse(example, System.Globalization.CultureInfo.InvariantCulture),
        DataKind.Boolean => bool.Parse(example),
        _ => example,
    };

    private static string? ReasonAgainst(ColumnProfile column, HashSet<int> ignored) =>
        ignored.Contains(column.Index) ? "as --ignore says" :
        column.Missing == column.Rows ? "it is empty" :
        column.Distinct == 1 && column.Missing == 0 ? $"it holds one value only, '{column.Example}'" :
        column.NumbersRows ? "it numbers the rows" :
        column.IsTime && column.IsNearlyUnique ? "it holds times; make numbers of them if they matter" :
        column.IsNearlyUnique ? $"nearly each of its texts is another, as '{Short(column.Example!)}' is" : null;

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
