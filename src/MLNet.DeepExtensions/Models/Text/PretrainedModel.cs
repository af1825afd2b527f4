namespace MLNet.DeepExtensions;

/// <summary>Networks that others trained, as Hugging Face's tools write them: a folder with <c>config.json</c>, weights and a vocabulary.</summary>
public static partial class PretrainedModel
{
    // what is read where there are several: safetensors needs no unpickling
    private static readonly string[] weights = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>
    /// Makes an architecture of a folder: its settings, its tokenizer, and the weights that training starts from. The <c>model_type</c> in <c>config.json</c> says which:
    /// <c>bert</c> is a <see cref="Bert"/>, <c>roberta</c> a <see cref="Roberta"/>, <c>distilbert</c> a <see cref="DistilBert"/>, <c>gpt2</c> a <see cref="Gpt"/>. The weights are read when the trainer begins.
    /// </summary>
    /// <param name="folder">The folder. Weights are <c>model.safetensors</c>, else <c>pytorch_model.bin</c>, or the index of several files.</param>
    /// <param name="tokenizer">What cuts texts into the tokens that the network knows; null reads it in the folder.</param>
    /// <returns>The architecture, for example for <c>mlContext.MulticlassClassification.Trainers.Deep(model, featureColumnName: "Text")</c>.</returns>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer; the message names the file.</exception>
    /// <exception cref="InvalidModelFileException">The folder, or a file in it, is not there or cannot be read, or the architecture is not known; the message says what is.</exception>
    public static ModelConfig FromFolder(string folder, TextTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new InvalidModelFileException($"There is no folder '{folder}'.");
        var config = PublishedConfig.Read(Require(folder, PublishedConfig.FileName));
        var known = ModelConfig.Registered.Where(type => type.Assembly == typeof(ModelConfig).Assembly).Select(type => (ModelConfig)Activator.CreateInstance(type)!)
            .Where(model => model.PublishedType is not null).ToList();
        var architecture = known.Find(model => model.PublishedType == config.ModelType) ?? throw new InvalidModelFileException(
            $"'{Path.Combine(folder, PublishedConfig.FileName)}' has model_type = \"{FileText.Shorten(config.ModelType)}\"; known are {string.Join(", ", known.Select(model => model.PublishedType))}.");
        var model = architecture.FromPublished(config, new PublishedFiles(Require(folder, weights), config.Classes()), tokenizer ?? TextTokenizer.FromFolder(folder));
        try
        {
            ConfigValidation.Check(model, model.GetType().Name);
        }
        catch (ArgumentException e)
        {
            throw new InvalidModelFileException($"'{Path.Combine(folder, PublishedConfig.FileName)}' describes a network that cannot be built: {e.Message}", e);
        }
        return model;
    }

    /// <inheritdoc cref="FromFolder(string, TextTokenizer?)"/>
    /// <typeparam name="T">The architecture that the folder must hold, so that its settings can be changed: <c>FromFolder&lt;Bert&gt;(folder) with { Pooling = Pooling.Mean }</c>.</typeparam>
    public static T FromFolder<T>(string folder, TextTokenizer? tokenizer = null) where T : ModelConfig
    {
        var model = FromFolder(folder, tokenizer);
        return model as T ?? throw new InvalidModelFileException($"'{folder}' holds a {model.GetType().Name}, but a {typeof(T).Name} was asked for: PretrainedModel.FromFolder<{model.GetType().Name}>(…).");
    }

    private static string Require(string folder, params IReadOnlyList<string> names) => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidModelFileException($"The folder '{folder}' has no {string.Join(" or ", names)}. It has: {Contents(folder)}.");

    private static string Contents(string folder)
    {
        var files = Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(13).ToList();
        return files.Count == 0 ? "nothing" : string.Join(", ", files.Take(12)) + (files.Count > 12 ? ", …" : "");
    }
}
