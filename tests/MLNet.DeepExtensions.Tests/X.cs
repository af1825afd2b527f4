namespace MLNet.DeepExtensions.Tests;
public class X { [Fact] public void One() => Assert.Equal(1, (int)TorchSharp.torch.tensor(1).item<int>()); }
