using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions.Interop;

/// <summary>The host's settings and channels, which ML.NET keeps to its own trainers.</summary>
internal static class HostDoors
{
    public static IHostEnvironment EnvironmentOf(TrainCatalogBase.CatalogInstantiatorBase catalog) => CatalogUtils.GetEnvironment(catalog);

    /// <summary>The seed given to <see cref="MLContext"/>, or null where it is left to chance.</summary>
    public static int? SeedOf(IHostEnvironment environment) => (environment as IHostEnvironmentInternal)?.Seed;

    public static int? GpuDeviceOf(IHostEnvironment environment) => (environment as IHostEnvironmentInternal)?.GpuDeviceId;

    public static bool MayFallBackToCpu(IHostEnvironment environment) => (environment as IHostEnvironmentInternal)?.FallbackToCpu ?? true;

    /// <summary>Throws where <see cref="MLContext.CancelExecution"/> was called.</summary>
    public static void CheckAlive(IHostEnvironment environment) => environment.CheckAlive();

    // through a format argument: a brace in a column's name must not be taken for a placeholder
    public static void Info(IChannel channel, string message) => channel.Info("{0}", message);

    public static void Warn(IChannel channel, string message) => channel.Warning("{0}", message);

    public static TrainerInfo NewTrainerInfo() => new(normalization: false, calibration: false, caching: false, supportValid: true);
}
