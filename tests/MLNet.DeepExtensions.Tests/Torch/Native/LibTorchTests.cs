using MLNet.DeepExtensions.Native;

namespace MLNet.DeepExtensions.Tests.Torch.Native;

public sealed class LibTorchTests
{
    [Fact]
    public void EnsureLoaded_Here_TensorsCompute()
    {
        LibTorch.EnsureLoaded();
        using var one = TorchSharp.torch.tensor(1);
        Assert.Equal(1, one.item<int>());
        TestContext.Current.TestOutputHelper!.WriteLine(LibTorch.Description);
    }

    [Fact]
    public void Export_FusedAdamW_IsThere() =>
        Assert.NotEqual(0, LibTorch.Export("_ZN2at4_ops13_fused_adamw_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_"));
}
