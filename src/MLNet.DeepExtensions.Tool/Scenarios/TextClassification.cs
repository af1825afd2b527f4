using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Tables;

namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>Texts in a column, their class in another.</summary>
internal sealed record TextClassification : Scenario
{
    public const string TaskName = "text-classification";

    public required DelimitedFile File { get; init; }

    public required ColumnProfile Text { get; init; }

    public required ColumnProfile Label { get; init; }

    public required int MaxTokens { get; init; }

    public override string ModelBuilderName => "TextClassification";

    public override Answer Answer => new ClassAnswer(Label.Name);

    public override string? WatchedMetric => "accuracy";

    public override IReadOnlyList<InputMember> Members
    {
        get
        {
            var names = Identifiers.ForMembers([Text.Name, Label.Name]);
            return [new(Text.Name, names[0], "string", Text.Index, ColumnPurpose.Feature, Text.Example), new(Label.Name, names[1], "string", Label.Index, ColumnPurpose.Label, Label.Example)];
        }
    }

    public override IEnumerable<string> Summary => [$"{Text.Rows:N0} texts in column '{Text.Name}', {Label.Distinct} classes in column '{Label.Name}'", $"texts are cut off after {MaxTokens} tokens"];

    public override object DataSource => TableTask.DataSourceOf(File, Members);

    public static TextClassification Create(TrainSettings settings, string name)
    {
        var ml = new MLContext();
        var file = DelimitedFile.Open(ml, settings.Data, settings.Delimiter, settings.HasHeader);
        var label = settings.Label is { } named ? file.Find(named, "--label") : TableTask.UsualLabel(file);
        var text = settings.Text is { } column ? file.Find(column, "--text") : file.Names.Count == 2 ? 1 - label
            : throw new RefusedException($"Say which column has the text: --text NAME. '{file.Path}' has: {string.Join(", ", file.Names)}.");
        if (text == label)
            throw new RefusedException($"--text and --label name the same column, '{file.Names[text]}', but the one is what is read and the other what is to be said of it.");
        var profiles = ColumnProfile.Of(file.Rows(ml), file.Names);
        TableTask.CheckClasses(profiles[label]);
        var batch = settings.BatchSize ?? 32;
        var network = settings.Pretrained is { } folder ? PretrainedModel.FromFolder(folder) : Networks.Find(Networks.OfTexts, settings.Model, TaskName);
        if (settings.Pretrained is not null && settings.Model is not null)
            throw new RefusedException("--model and --pretrained both name a network. Leave one out.");
        if (network is TransformerEncoder encoder)
            network = encoder with { MaxTokens = settings.MaxTokens, Tokenizer = new WordPiece { VocabularySize = 8000 } };
        return new TextClassification
        {
            Name = name, DataPath = settings.Data, Seed = settings.Seed, File = file, Text = profiles[text], Label = profiles[label], MaxTokens = settings.MaxTokens, Network = network,
            NetworkCode = settings.Pretrained is { } published ? $"PretrainedModel.FromFolder({CSharp.Literal(published)})" : null,
            Options = Training.Of(settings, settings.Pretrained is not null
                ? new DeepTrainerOptions
                {
                    Epochs = 3, BatchSize = 16, ClipGradientNorm = 1, Optimizer = new AdamW { LearningRate = 3e-5, WeightDecay = 0.01, Groups = [ParameterGroup.NoDecay] },
                    Schedule = new PolynomialDecay { WarmupFraction = 0.1 },
                }
                : new DeepTrainerOptions
                {
                    Epochs = Training.Epochs(profiles[text].Rows, batch, steps: 1500, least: 4, most: 30), BatchSize = 32, ClipGradientNorm = 1,
                    Optimizer = new AdamW { LearningRate = 1e-3, WeightDecay = 0.05, Groups = [ParameterGroup.NoDecay] }, Schedule = new OneCycle(),
                }),
        };
    }

    public override IDataView Load(MLContext ml) => File.Load(ml, [(Text.Name, Text.Index, DataKind.String), (Label.Name, Label.Index, DataKind.String)]);

    public override TrainValidationTestData Split(MLContext ml, IDataView data) => ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: Label.Name, seed: Seed);

    public override IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options) => ml.Transforms.Conversion.MapValueToKey(Label.Name)
        .Append(ml.MulticlassClassification.Trainers.Deep(Network, [new InputColumn(Text.Name) { MaxTokens = MaxTokens }], options, labelColumnName: Label.Name))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    public override string LoadCode => TableTask.LoadCodeOf(File);

    public override string SplitCode => $"mlContext.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: {CSharp.Literal(Label.Name)}, seed: {CSharp.Value(Seed)})";

    public override string PipelineCode => $$"""
        mlContext.Transforms.Conversion.MapValueToKey({{CSharp.Literal(Label.Name)}})
            .Append(mlContext.MulticlassClassification.Trainers.Deep(network, [new InputColumn({{CSharp.Literal(Text.Name)}}) { MaxTokens = {{MaxTokens}} }], options, labelColumnName: {{CSharp.Literal(Label.Name)}}))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
        """;
}
