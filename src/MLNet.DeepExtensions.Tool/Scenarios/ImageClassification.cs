using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;

namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>Pictures in a folder for each class.</summary>
internal sealed record ImageClassification : Scenario
{
    public const string TaskName = "image-classification";

    public required int Side { get; init; }

    public required bool Augments { get; init; }

    public required bool ByFileName { get; init; }

    public required IReadOnlyDictionary<string, int> Classes { get; init; }

    public required string Example { get; init; }

    public override string ModelBuilderName => "ImageClassification";

    public override Answer Answer { get; } = new ClassAnswer("Label");

    public override string? WatchedMetric => "accuracy";

    public override IReadOnlyList<InputMember> Members =>
    [
        new("Label", "Label", "string", null, ColumnPurpose.Label, Classes.Keys.First()), new("ImageSource", "ImageSource", "byte[]", null, ColumnPurpose.Feature),
    ];

    public override IEnumerable<string> Summary
    {
        get
        {
            yield return $"{Classes.Values.Sum():N0} pictures of {Classes.Count} classes: {string.Join(", ", Classes.Take(8).Select(one => $"{one.Key} {one.Value:N0}"))}{(Classes.Count > 8 ? ", …" : "")}";
            yield return $"the network sees {Side} × {Side} pixels{(Augments ? ", cropped, mirrored and tinted by chance in training" : "")}";
        }
    }

    public override object DataSource => new { DataSourceType = "Folder", FolderPath = DataPath };

    private int ReadSide => Side * 9 / 8;

    private Augmentation[] Changes => Augments
        ? [new RandomResizedCrop(Side, Side) { Scale = (0.5, 1) }, new RandomHorizontalFlip(), new ColorJitter(Brightness: 0.3, Contrast: 0.3, Saturation: 0.3)]
        : [new RandomResizedCrop(Side, Side) { Scale = (1, 1), Ratio = (1, 1) }];

    public static ImageClassification Create(TrainSettings settings, string name)
    {
        if (!Directory.Exists(settings.Data))
            throw new RefusedException($"--data '{settings.Data}' is {(File.Exists(settings.Data) ? "a file" : "not there")}, but {TaskName} reads a folder with a folder of pictures for each class.");
        if (settings.Weights is { } file && !File.Exists(file))
            throw new RefusedException($"--weights '{file}' is not there. Name a file of weights, .safetensors or .pth.");
        var byFileName = Directory.GetDirectories(settings.Data).Length < 2;
        var pictures = Pictures(new MLContext(), settings.Data, byFileName);
        var classes = pictures.GroupBy(picture => picture.Label).OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count());
        if (classes.Count < 2)
            throw new RefusedException($"'{settings.Data}' has pictures of one class only, '{classes.Keys.Single()}', but there must be two or more. Put each class into a folder of its own: {Path.GetFileName(settings.Data)}/cat, {Path.GetFileName(settings.Data)}/dog.");
        if (classes.FirstOrDefault(one => one.Value < 3) is { Key: not null } rare)
            throw new RefusedException($"Class '{rare.Key}' has {rare.Value} {(rare.Value == 1 ? "picture" : "pictures")}, but each needs 3 or more: some to learn from, some to choose by, some to test. Add pictures, or take the folder away.");
        var network = Networks.Find(Networks.OfImages, settings.Model, TaskName);
        var isSmall = network is ConvNet;
        return new ImageClassification
        {
            Name = name, DataPath = settings.Data, Network = network, Seed = settings.Seed, Side = settings.Side ?? (isSmall ? 64 : settings.Weights is null ? 96 : 160),
            Augments = settings.Augments, ByFileName = byFileName, Classes = classes, Example = pictures[0].ImageSource,
            Options = Training.Of(settings, new DeepTrainerOptions
            {
                // enough steps for few pictures, not more than needed for many
                Epochs = settings.Weights is null ? Math.Clamp(24_000 / pictures.Count, 8, 40) : 8, BatchSize = 32,
                Optimizer = new AdamW { LearningRate = settings.Weights is null ? 2e-3 : 3e-4, WeightDecay = 0.05 }, Schedule = new OneCycle(), Loss = new CrossEntropy { LabelSmoothing = 0.1 },
                Normalization = isSmall ? Normalization.Measured : Normalization.ImageNet, BrokenImages = BrokenImages.Skip,
                InitialWeights = settings.Weights is null ? null : new PretrainedWeights(settings.Weights),
            }),
        };
    }

    public override IDataView Load(MLContext ml) => ml.Data.LoadFromEnumerable(Pictures(ml, DataPath, ByFileName));

    public override TrainValidationTestData Split(MLContext ml, IDataView data) => ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: "Label", seed: Seed);

    public override IEstimator<ITransformer> Pipeline(MLContext ml, DeepTrainerOptions options) => ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.Transforms.ReadImages("Image", "ImageSource", new ImageReading { Height = ReadSide, Width = ReadSide }))
        .Append(ml.Transforms.AugmentImages("Image", Changes))
        .Append(ml.MulticlassClassification.Trainers.Deep(Network, options, featureColumnName: "Image"))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    public override string LoadCode => $$"""
        var files = mlContext.Data.CreateEnumerable<ImageFile>(mlContext.Data.LoadImageFolder(dataPath, {{(ByFileName ? "ImageLabel.OfFileName" : "ImageLabel.OfFolder")}}), reuseRowObject: false);
        // paths here, files' contents in ModelInput: the step that reads pictures takes both
        return mlContext.Data.LoadFromEnumerable(files.Select(file => new Picture { ImageSource = file.ImagePath, Label = file.Label }).ToList());
        """;

    public override string SplitCode => $"mlContext.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: \"Label\", seed: {CSharp.Value(Seed)})";

    public override string PipelineCode => $$"""
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.ReadImages("Image", "ImageSource", {{CSharp.Value(new ImageReading { Height = ReadSide, Width = ReadSide })}}))
            .Append(mlContext.Transforms.AugmentImages("Image",
                {{string.Join(",\n        ", Changes.Select(CSharp.Value))}}))
            .Append(mlContext.MulticlassClassification.Trainers.Deep(network, options, featureColumnName: "Image"))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
        """;

    private static List<Picture> Pictures(MLContext ml, string folder, bool byFileName) =>
        [.. ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(folder, byFileName ? ImageLabel.OfFileName : ImageLabel.OfFolder), reuseRowObject: false)
            .Select(file => new Picture { ImageSource = file.ImagePath, Label = file.Label })];

    internal sealed class Picture
    {
        public string ImageSource { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
