namespace MLNet.DeepExtensions;

/// <summary>
/// What can be listened to while models serve: activities and instruments of the source and the meter <see cref="DeepTelemetry.Name"/>, beside those of scoring. Names and units follow OpenTelemetry's conventions.
/// Nothing of a row or an answer is ever among them.
/// </summary>
public static class DeepServing
{
    /// <summary>The activity of one row, within the caller's; tags <see cref="NameTag"/>, <see cref="VersionTag"/>, <see cref="DeepTelemetry.RowsTag"/> (of its batch), <c>error.type</c> where it failed.</summary>
    public const string PredictActivity = "mlnet.deep.serving.predict";

    /// <summary>The activity of one batch, linked to those of its rows; tags <see cref="NameTag"/>, <see cref="VersionTag"/>, <see cref="DeepTelemetry.RowsTag"/>.</summary>
    public const string BatchActivity = "mlnet.deep.serving.batch";

    /// <summary>A histogram of how long a row took from being handed in to its answer, in <c>s</c>; tags <see cref="NameTag"/>, <see cref="OutcomeTag"/>.</summary>
    public const string Duration = "mlnet.deep.serving.duration";

    /// <summary>A histogram of how long a row waited for its batch to begin, in <c>s</c>; tag <see cref="NameTag"/>.</summary>
    public const string QueueDuration = "mlnet.deep.serving.queue.duration";

    /// <summary>A histogram of how long a batch was scored, in <c>s</c>; tag <see cref="NameTag"/>.</summary>
    public const string BatchDuration = "mlnet.deep.serving.batch.duration";

    /// <summary>A histogram of the rows of a batch, <c>{row}</c>; tag <see cref="NameTag"/>.</summary>
    public const string BatchSize = "mlnet.deep.serving.batch.size";

    /// <summary>A counter of rows that were refused, <c>{row}</c>; tags <see cref="NameTag"/>, <see cref="ReasonTag"/>.</summary>
    public const string Rejected = "mlnet.deep.serving.rejected";

    /// <summary>A counter of rows that were scored and gave no answer, <c>{row}</c>; tags <see cref="NameTag"/>, <c>error.type</c>.</summary>
    public const string Failed = "mlnet.deep.serving.failed";

    /// <summary>A counter of model files that took over or were refused, <c>{model}</c>; tags <see cref="NameTag"/>, <see cref="OutcomeTag"/>.</summary>
    public const string Reloads = "mlnet.deep.serving.reloads";

    /// <summary>A gauge of how long ago the model took over, in <c>s</c>; tag <see cref="NameTag"/>.</summary>
    public const string ModelAge = "mlnet.deep.serving.model.age";

    /// <summary>A gauge of the rows that wait, <c>{row}</c>; tag <see cref="NameTag"/>.</summary>
    public const string QueuedRows = "mlnet.deep.serving.queue.rows";

    /// <summary>A tag: the name that the model was registered by, or <c>default</c>.</summary>
    public const string NameTag = "mlnet.deep.serving.name";

    /// <summary>A tag: the model's version.</summary>
    public const string VersionTag = "mlnet.deep.serving.version";

    /// <summary>A tag: <c>answered</c>, <c>refused</c>, <c>failed</c> or <c>canceled</c>; of a model file, <c>accepted</c> or <c>refused</c>.</summary>
    public const string OutcomeTag = "mlnet.deep.serving.outcome";

    /// <summary>A tag: why a row was refused, a name of <see cref="PredictionRefusal"/>.</summary>
    public const string ReasonTag = "mlnet.deep.serving.reason";
}
