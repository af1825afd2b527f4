using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// An architecture's hyperparameters: a record that can build its network. The same record is the option that the user writes,
/// the JSON inside the saved model, and a row of the conformance tests.
/// </summary>
[ConfigFamily]
public abstract record ModelConfig
{
    /// <summary>Gets the registered architectures in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<ModelConfig>().Types;

    /// <summary>Makes an architecture of your own known, so that models with it can be saved and loaded. Call it once, when the application starts.</summary>
    /// <typeparam name="T">The record; its properties are written to the model file as JSON.</typeparam>
    /// <param name="name">The name in the file, lower case with hyphens. Never change it.</param>
    public static void Register<T>(string name) where T : ModelConfig => ConfigFamily.Of<ModelConfig>().Add(typeof(T), name);

    /// <summary>
    /// Uses a network without a config: any module from [N, …shape], or from a <see cref="ModelInput"/>, to [N, outputs]. It can be trained and used at once, but not saved:
    /// for that, declare a record that derives from <see cref="ModelConfig"/> and <see cref="Register{T}">register</see> it.
    /// </summary>
    /// <param name="build">Makes the network from the shape of one example and the number of outputs.</param>
    /// <returns>The config.</returns>
    public static ModelConfig From(Func<InputShape, int, Module> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        return new DelegateModel(build);
    }

    /// <summary>Builds the untrained network. Weights come from torch's global generator.</summary>
    /// <param name="input">The shape of one example.</param>
    /// <param name="outputs">The number of raw outputs per example; there is no softmax or sigmoid at the end.</param>
    /// <param name="device">
    /// Where to create the weights; null is the CPU. Hand it to every layer: a saved model is first built on the meta device, which takes no memory,
    /// and compared with its weights.
    /// </param>
    /// <returns>A network from [N, …input] to [N, outputs], in float32; where rows differ in length or there are several columns, from a <see cref="ModelInput"/>.</returns>
    /// <exception cref="ArgumentException">The architecture cannot take this shape; the message says which it takes.</exception>
    public abstract Module Build(InputShape input, int outputs, Device? device = null);

    /// <inheritdoc/>
    public sealed override string ToString() => ConfigJson.Describe(this);

    /// <summary>Gets a small variant with an input that it takes, for tests that go through all architectures.</summary>
    /// <returns>The config itself, with a vector of 8, unless overridden.</returns>
    protected internal virtual (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this, new VectorShape(8), 3);

    /// <summary>
    /// Gets the name of the last layer, as its parameters' names begin: pretrained weights of another number of classes leave that layer as it was initialised.
    /// </summary>
    /// <value>For example <c>fc</c>; empty where there is no such layer. The default, null, takes the layer of the last parameter.</value>
    protected internal virtual string? HeadPrefix => null;

    /// <summary>Gets the name of the module whose output, [N, channels, height, width], is looked at to explain a prediction.</summary>
    /// <value>For example <c>layer4</c>. The default, null, looks for the last output of that shape.</value>
    protected internal virtual string? FeatureMap => null;

    /// <summary>Gets whether the network knows what to do with numbers that are missing: it then gets NaN where a row has none, in training and scoring alike.</summary>
    /// <value>The default is false: training refuses such rows, unless the option <c>MissingFeatures</c> says otherwise.</value>
    protected internal virtual bool TakesMissing => false;

    /// <summary>
    /// Gets the layers from the input on, each as the names or patterns of its parameters; the trainer's <c>LayerDecay</c> trains lower ones by smaller steps. What belongs to none is above them, as the last layer is.
    /// </summary>
    /// <value>For example <c>[["conv1", "bn1"], ["layer1"], ["layer2"]]</c>. The default, null, is not said.</value>
    protected internal virtual IReadOnlyList<IReadOnlyList<string>>? LayersFromInput => null;

    /// <summary>Gets the fully connected layers that an adapter (<see cref="Lora"/>) stands beside where it does not say which, by name or pattern.</summary>
    /// <value>For example <c>["*.query", "*.value"]</c>. The default, null, is all but the last layer.</value>
    protected internal virtual IReadOnlyList<string>? AdapterTargets => null;

    /// <summary>The tokenizer that the network brings along for a column of text; null where it reads no text.</summary>
    internal virtual TextTokenizer? TokenizerFor(string column) => null;

    /// <summary>How many tokens the network reads at most of a column of text.</summary>
    internal virtual int MaxTokensFor(string column) => 512;

    /// <summary>The architecture with a head that says which token stands where, for masked language models; null where it reads no tokens.</summary>
    internal virtual ModelConfig? WithTokenHead() => null;

    /// <summary>The architecture without a head, for the vector that it makes of a text, and how many numbers that has; null where it reads no text.</summary>
    internal virtual (ModelConfig Model, int Width)? WithoutHead(Pooling pooling) => null;

    /// <summary>Gets what Hugging Face's config.json calls this architecture, its model_type; null where there are no such files.</summary>
    internal virtual string? PublishedType => null;

    /// <summary>Gets the files whose weights training starts from; null where there are none.</summary>
    internal virtual PublishedFiles? Published => null;

    /// <summary>The architecture that a published config.json describes.</summary>
    internal virtual ModelConfig FromPublished(PublishedConfig config, PublishedFiles files, TextTokenizer? tokenizer) => throw new NotSupportedException();

    /// <summary>What a tensor of a published file is called here; null where it says nothing that is not said elsewhere.</summary>
    internal virtual string? NameOf(string published) => published;

    /// <summary>Whether a tensor belongs to what all published files of the architecture have; a head may be missing.</summary>
    internal virtual bool IsTrunk(string name) => false;

    /// <summary>The architectures that a network is made of, each with its own part of it.</summary>
    internal virtual IEnumerable<(ModelConfig Config, Module Network)> PartsOf(Module network) => [(this, network)];

    /// <summary>Gets whether the network wants to see the training rows before it is built.</summary>
    internal virtual bool LearnsFromRows => false;

    /// <summary>The architecture with what it learns from the training rows, as numbers.</summary>
    internal virtual ModelConfig Fit(RowStatistics rows) => this;

    private sealed record DelegateModel([property: JsonIgnore] Func<InputShape, int, Module> Network) : ModelConfig
    {
        public override Module Build(InputShape input, int outputs, Device? device = null)
        {
            var module = Network(input, outputs) ?? throw new ArgumentException("The function that makes the network gave null.");
            return device is null ? module : module.to(device);
        }
    }
}
