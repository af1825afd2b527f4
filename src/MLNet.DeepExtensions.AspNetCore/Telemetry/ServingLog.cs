using Microsoft.Extensions.Logging;

namespace MLNet.DeepExtensions;

/// <summary>What is logged: of models, and of rows that fail by the server's fault; never what a row holds.</summary>
internal static partial class ServingLog
{
    public const string Category = "MLNet.DeepExtensions.Serving";

    [LoggerMessage(1, LogLevel.Information, "Model {Version} from {Source} serves '{Name}'.")]
    public static partial void ModelServes(this ILogger logger, string name, string version, string source);

    [LoggerMessage(2, LogLevel.Error, "A model from {Source} was refused for '{Name}'; what serves stays {Version}.")]
    public static partial void ModelRefused(this ILogger logger, Exception failure, string name, string source, string version);

    [LoggerMessage(3, LogLevel.Warning, "'{Name}' stopped before all rows were answered: {Rows} were refused.")]
    public static partial void RowsLost(this ILogger logger, string name, int rows);

    // the type alone: a message may hold what the row held
    [LoggerMessage(4, LogLevel.Error, "A request failed with {Failure}.")]
    public static partial void RequestFailed(this ILogger logger, string failure);

    [LoggerMessage(5, LogLevel.Information, "'{Name}' waits for a model: there is no {Source} yet.")]
    public static partial void ModelAwaited(this ILogger logger, string name, string source);
}
