namespace MLNet.DeepExtensions.Tool.Scenarios;

/// <summary>The networks that the command line knows by a short name, for each kind of data; the first is what is taken where none is named.</summary>
internal static class Networks
{
    public static readonly IReadOnlyList<(string Name, ModelConfig Network)> OfImages =
    [
        // what the sample of blood cells settled on: small pictures, some hundred of each class, minutes on two cores
        ("convnet", new ConvNet { Widths = [32, 64, 128, 256], Dropout = 0.3 }),
        ("resnet18", new ResNet()), ("resnet34", new ResNet { Depth = 34 }), ("resnet50", new ResNet { Depth = 50 }),
        ("mobilenet", new MobileNetV2()), ("squeezenet", new SqueezeNet { HeadRelu = false }), ("efficientnet", new EfficientNet()),
    ];

    public static readonly IReadOnlyList<(string Name, ModelConfig Network)> OfTexts =
    [
        ("transformer", new TransformerEncoder { FeedForwardSize = 256, Dropout = 0.2, StepDropout = 0.2 }), ("lstm", new Lstm { HiddenSize = 128 }), ("gru", new Gru { HiddenSize = 128 }),
    ];

    public static readonly IReadOnlyList<(string Name, ModelConfig Network)> OfTables =
    [
        ("tabular-net", new TabularNet { Width = 128, EmbeddingWidth = 8, HiddenDropout = 0.3 }), ("ft-transformer", new FtTransformer()),
    ];

    public static readonly IReadOnlyList<(string Name, ModelConfig Network)> OfSeries =
    [
        ("nlinear", new NLinear()), ("dlinear", new DLinear()), ("patch", new PatchTransformer { HeadDropout = 0.3 }),
    ];

    public static string Names(IReadOnlyList<(string Name, ModelConfig Network)> networks) => string.Join(", ", networks.Select(one => one.Name));

    /// <exception cref="RefusedException">There is no network of that name for this kind of data.</exception>
    public static ModelConfig Find(IReadOnlyList<(string Name, ModelConfig Network)> networks, string? name, string task) => name is null ? networks[0].Network
        : networks.FirstOrDefault(one => one.Name == name).Network ?? throw new RefusedException($"--model is '{name}', but {task} has: {Names(networks)}.");
}
