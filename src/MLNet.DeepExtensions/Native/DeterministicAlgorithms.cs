namespace MLNet.DeepExtensions.Native;

/// <summary>
/// While it lives, libtorch uses only algorithms that give the same bits each time, and refuses operations that have none: PyTorch's <c>torch.use_deterministic_algorithms(True)</c> with
/// <c>torch.backends.cudnn.deterministic = True</c> and <c>benchmark = False</c>. TorchSharp has the first of these by name only, so they are called by their C++ names. The setting is the whole process's.
/// </summary>
internal sealed unsafe class DeterministicAlgorithms : IDisposable
{
    private static readonly delegate* unmanaged[Cdecl]<nint> globalContext = (delegate* unmanaged[Cdecl]<nint>)LibTorch.Export("_ZN2at13globalContextEv");
    private static readonly delegate* unmanaged[Cdecl]<nint, byte, byte, void> setAlgorithms = (delegate* unmanaged[Cdecl]<nint, byte, byte, void>)LibTorch.Export("_ZN2at7Context26setDeterministicAlgorithmsEbb");
    private static readonly delegate* unmanaged[Cdecl]<nint, byte, void> setCuDnn = Setter("_ZN2at7Context21setDeterministicCuDNNEb"), setBenchmark = Setter("_ZN2at7Context17setBenchmarkCuDNNEb");
    private static readonly delegate* unmanaged[Cdecl]<nint, byte> algorithms = Getter("_ZNK2at7Context23deterministicAlgorithmsEv"), warnOnly = Getter("_ZNK2at7Context31deterministicAlgorithmsWarnOnlyEv"),
        cuDnn = Getter("_ZNK2at7Context18deterministicCuDNNEv"), benchmark = Getter("_ZNK2at7Context14benchmarkCuDNNEv");

    private readonly (byte Algorithms, byte WarnOnly, byte CuDnn, byte Benchmark) before;
    private bool isDisposed;

    public DeterministicAlgorithms()
    {
        var context = globalContext();
        before = (algorithms(context), warnOnly(context), cuDnn(context), benchmark(context));
        Set((1, 0, 1, 0));
    }

    /// <summary>Gets whether the libtorch in use exports what is needed; libtorch 2.10 for Linux does.</summary>
    public static bool IsAvailable => globalContext is not null && setAlgorithms is not null && setCuDnn is not null && setBenchmark is not null
        && algorithms is not null && warnOnly is not null && cuDnn is not null && benchmark is not null;

    /// <summary>Gets whether the process is restricted at this moment.</summary>
    public static bool AreOn => algorithms(globalContext()) != 0;

    public void Dispose()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        Set(before);
    }

    private static void Set((byte Algorithms, byte WarnOnly, byte CuDnn, byte Benchmark) values)
    {
        var context = globalContext();
        setAlgorithms(context, values.Algorithms, values.WarnOnly);
        setCuDnn(context, values.CuDnn);
        setBenchmark(context, values.Benchmark);
    }

    private static delegate* unmanaged[Cdecl]<nint, byte, void> Setter(string name) => (delegate* unmanaged[Cdecl]<nint, byte, void>)LibTorch.Export(name);

    private static delegate* unmanaged[Cdecl]<nint, byte> Getter(string name) => (delegate* unmanaged[Cdecl]<nint, byte>)LibTorch.Export(name);
}
