using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Which device a network trains and scores on.</summary>
internal static class DeviceChoice
{
    public const string Auto = "auto";

    /// <summary>The option's device, else the one that the host names, else the CPU.</summary>
    /// <exception cref="InvalidOperationException">The device is not there, and the host does not allow the CPU in its place.</exception>
    public static Device ForTraining(IHostEnvironment environment, string? option, Action<string> warn)
    {
        Native.LibTorch.EnsureLoaded();
        if (option is not null)
            return Find(option);
        return HostDoors.GpuDeviceOf(environment) is { } gpu ? GpuOrFallback(environment, gpu, warn) : CPU;
    }

    /// <summary>The host's device: a model is loaded to where this machine scores, whatever it was trained on.</summary>
    public static Device ForScoring(IHostEnvironment environment) => ForTraining(environment, option: null, warn: _ => { });

    /// <summary>Checks the text without touching libtorch, so that a typing error shows when the trainer is made.</summary>
    public static void Check(string? option)
    {
        if (option is null or Auto or "cpu" or "cuda" or "mps")
            return;
        if (option.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(option.AsSpan(5), out var index) && index >= 0)
            return;
        throw new ArgumentException($"The device '{option}' is unknown. Write \"cpu\", \"cuda\", \"cuda:0\", \"mps\" or \"auto\".", nameof(option));
    }

    /// <exception cref="InvalidOperationException">The device is not there.</exception>
    public static Device Find(string option)
    {
        Check(option);
        Native.LibTorch.EnsureLoaded();
        if (option == Auto)
            return cuda.is_available() ? CUDA : mps_is_available() ? MPS : CPU;
        if (option == "cpu")
            return CPU;
        if (option == "mps")
            return mps_is_available() ? MPS : throw Missing(option, "this machine has no Apple GPU that libtorch can use");
        var index = option.Length > 5 ? int.Parse(option.AsSpan(5)) : 0;
        if (!cuda.is_available())
            throw Missing(option, "libtorch finds no CUDA GPU; the application needs the package TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu, and a driver");
        return index < cuda.device_count() ? device(DeviceType.CUDA, index) : throw Missing(option, $"there are {cuda.device_count()} CUDA GPUs, counted from 0");
    }

    private static Device GpuOrFallback(IHostEnvironment environment, int gpu, Action<string> warn)
    {
        if (cuda.is_available() && gpu < cuda.device_count())
            return device(DeviceType.CUDA, gpu);
        if (!HostDoors.MayFallBackToCpu(environment))
            throw Missing($"cuda:{gpu}", "MLContext.GpuDeviceId asks for it and MLContext.FallbackToCpu is false");
        warn($"MLContext.GpuDeviceId asks for GPU {gpu}, which is not there; the CPU is used, as MLContext.FallbackToCpu allows.");
        return CPU;
    }

    private static InvalidOperationException Missing(string option, string reason) => new($"The device '{option}' cannot be used: {reason}. Write Device = \"auto\" or \"cpu\" to go on without it.");
}
