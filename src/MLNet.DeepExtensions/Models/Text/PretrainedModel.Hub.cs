namespace MLNet.DeepExtensions;

public static partial class PretrainedModel
{
    /// <summary>
    /// Brings a model from a hub, or finds it where it was brought before, and opens it as <see cref="FromFolder(string, TextTokenizer?)"/> does. It is this call that reaches for the network;
    /// training and scoring never do. See <see cref="ModelHub"/> for what is downloaded, and how it is checked.
    /// </summary>
    /// <param name="id">The model's name on the hub, such as <c>google-bert/bert-base-chinese</c>.</param>
    /// <param name="revision">A branch, a tag or a commit; a commit is the same for ever.</param>
    /// <param name="cacheDirectory">Where models are kept; null is where Hugging Face's own tools keep them.</param>
    /// <param name="options">Where from, with which token, within which limits; null is the public hub.</param>
    /// <param name="tokenizer">What cuts texts into the tokens that the network knows; null takes the model's own.</param>
    /// <param name="cancellationToken">Breaks off; the next call goes on there.</param>
    /// <returns>The architecture, with the weights that training starts from.</returns>
    /// <exception cref="ArgumentException">A name or an option is not as it must be.</exception>
    /// <exception cref="FileNotFoundException">Only what is here may be used, and the model is not.</exception>
    /// <exception cref="HttpRequestException">The hub refuses (its StatusCode says how), or cannot be reached.</exception>
    /// <exception cref="InvalidModelFileException">A file is not what its checksum says, is too large, or cannot be read; or the architecture is not known.</exception>
    public static ModelConfig FromHub(
        string id, string revision = "main", string? cacheDirectory = null, HubOptions? options = null, TextTokenizer? tokenizer = null, CancellationToken cancellationToken = default) =>
        FromFolder(ModelHub.Download(id, revision, cacheDirectory, options, cancellationToken), tokenizer);

    /// <inheritdoc cref="FromHub(string, string, string?, HubOptions?, TextTokenizer?, CancellationToken)"/>
    /// <typeparam name="T">The architecture that the model must be, so that its settings can be changed: <c>FromHub&lt;Bert&gt;(id) with { Pooling = Pooling.Mean }</c>.</typeparam>
    public static T FromHub<T>(
        string id, string revision = "main", string? cacheDirectory = null, HubOptions? options = null, TextTokenizer? tokenizer = null, CancellationToken cancellationToken = default) where T : ModelConfig =>
        FromFolder<T>(ModelHub.Download(id, revision, cacheDirectory, options, cancellationToken), tokenizer);
}
