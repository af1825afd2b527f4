namespace MLNet.DeepExtensions.Tests;
internal static class ZzInit { [System.Runtime.CompilerServices.ModuleInitializer] internal static void Go() => MLNet.DeepExtensions.Native.LibTorch.EnsureLoaded(); }
