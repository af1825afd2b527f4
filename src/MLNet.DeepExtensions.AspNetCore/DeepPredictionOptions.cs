using System.ComponentModel.DataAnnotations;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>How a model is served. All of it is checked when the application starts.</summary>
/// <typeparam name="TIn">A row that is asked about: a class with the columns that the model reads.</typeparam>
/// <typeparam name="TOut">The answer: a class with the columns that are wanted of what the model writes.</typeparam>
public sealed class DeepPredictionOptions<TIn, TOut> : IValidatableObject
    where TIn : class
    where TOut : class, new()
{
    /// <summary>Gets or sets the most rows that are scored together.</summary>
    /// <value>In [1, 4096]. The default is 64. 1 scores each row by itself.</value>
    [Range(1, 4096, ErrorMessage = "MaxBatchSize must lie in [1, 4096]; write options.MaxBatchSize = 64.")]
    public int MaxBatchSize { get; set; } = 64;

    /// <summary>
    /// Gets or sets how long a free worker waits for the rows that it expects: as many as were there when the last batch was closed. A single client, of whom no second row is expected, never waits.
    /// </summary>
    /// <value>In [0, 1 s]. The default is 2 ms. Where timers are coarse, as on Windows, a wait may take up to 16 ms.</value>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Gets or sets the most rows that wait for a worker; a row beyond them is refused at once, with 503 and Retry-After.</summary>
    /// <value>In [1, 1,000,000]. The default is 1,024.</value>
    [Range(1, 1_000_000, ErrorMessage = "QueueLimit must lie in [1, 1000000]; write options.QueueLimit = 1024.")]
    public int QueueLimit { get; set; } = 1024;

    /// <summary>Gets or sets how many batches are scored at once.</summary>
    /// <value>In [1, 64]. The default is 1: the engines use all cores for one batch already.</value>
    [Range(1, 64, ErrorMessage = "Workers must lie in [1, 64]; write options.Workers = 1.")]
    public int Workers { get; set; } = 1;

    /// <summary>Gets or sets how long a caller waits at most, from the moment that the row is handed in; for an endpoint, that its body begins to be read.</summary>
    /// <value>In [10 ms, 1 h]. The default is 10 s.</value>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets a row whose answer is known to be possible. It is scored before the first request, before a new model takes over, and by the health check; a model that cannot score it is refused.
    /// </summary>
    /// <value>The default, null, warms up nothing: the first request then pays for what loads late.</value>
    public TIn? Canary { get; set; }

    /// <summary>Gets or sets what the answer to <see cref="Canary"/> must be like.</summary>
    /// <value>The default, null, is content with any answer.</value>
    public Func<TOut, bool>? CanaryCheck { get; set; }

    /// <summary>Gets or sets a check of each row before it is queued: null lets it through, a text refuses it and is what the client reads, with status 400.</summary>
    /// <value>The default, null, checks nothing.</value>
    public Func<TIn, string?>? CheckRow { get; set; }

    /// <summary>Gets or sets the most characters that a text of a row may have.</summary>
    /// <value>At least 1. The default is 100,000.</value>
    [Range(1, int.MaxValue, ErrorMessage = "MaxTextLength must be at least 1; write options.MaxTextLength = 100_000.")]
    public int MaxTextLength { get; set; } = 100_000;

    /// <summary>Gets or sets the most tokens that a text of a row may have, where the model cuts texts into tokens.</summary>
    /// <value>At least 1. The default, null, leaves it to the model, which reads a text's beginning and passes over the rest.</value>
    [Range(1, int.MaxValue, ErrorMessage = "MaxTokens must be at least 1, or null for no limit; write options.MaxTokens = 512.")]
    public int? MaxTokens { get; set; }

    /// <summary>Gets or sets whether the application starts where there is no model yet. Rows are refused with 503 until one appears, and health is Unhealthy.</summary>
    /// <value>The default, false, stops the start with an error.</value>
    public bool StartWithoutModel { get; set; }

    /// <summary>Gets or sets the most bytes that a model file may have.</summary>
    /// <value>At least 1. The default is 2 GiB.</value>
    [Range(1, long.MaxValue, ErrorMessage = "MaxModelBytes must be at least 1; write options.MaxModelBytes = 2L << 30.")]
    public long MaxModelBytes { get; set; } = 2L << 30;

    /// <summary>Gets or sets the GPU that the model scores on, as <c>MLContext.GpuDeviceId</c>.</summary>
    /// <value>The default, null, is the CPU.</value>
    [Range(0, 1024, ErrorMessage = "GpuDeviceId must be at least 0, or null for the CPU; write options.GpuDeviceId = 0.")]
    public int? GpuDeviceId { get; set; }

    /// <summary>Gets or sets whether the CPU is used where the GPU cannot be, as <c>MLContext.FallbackToCpu</c>.</summary>
    /// <value>The default is true.</value>
    public bool FallbackToCpu { get; set; } = true;

    /// <summary>Gets or sets what is done with the model's own <see cref="MLContext"/> before it is loaded, such as <c>ml => ml.ComponentCatalog.RegisterAssembly(typeof(MyMapping).Assembly)</c> for pipelines with custom mappings.</summary>
    /// <value>The default, null, does nothing: models without custom mappings need nothing.</value>
    public Action<MLContext>? Context { get; set; }

    /// <summary>Gets or sets what makes the source of the model.</summary>
    internal Func<IServiceProvider, ModelSource>? Source { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxWait < TimeSpan.Zero || MaxWait > TimeSpan.FromSeconds(1))
            yield return new ValidationResult($"MaxWait must lie between 0 and 1 s, but is {MaxWait}; write options.MaxWait = TimeSpan.FromMilliseconds(2).", [nameof(MaxWait)]);
        if (Deadline < TimeSpan.FromMilliseconds(10) || Deadline > TimeSpan.FromHours(1))
            yield return new ValidationResult($"Deadline must lie between 10 ms and 1 h, but is {Deadline}; write options.Deadline = TimeSpan.FromSeconds(10).", [nameof(Deadline)]);
        if (Source is null)
            yield return new ValidationResult($"Nothing says where the model comes from; write services.AddDeepPredictions<{typeof(TIn).Name}, {typeof(TOut).Name}>(…).FromFile(\"model.zip\").", ["FromFile"]);
        if (CanaryCheck is not null && Canary is null)
            yield return new ValidationResult("CanaryCheck looks at the answer to Canary, which is null; write options.Canary = a row that the model can score.", [nameof(CanaryCheck)]);
    }
}
