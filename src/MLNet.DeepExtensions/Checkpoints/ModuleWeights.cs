using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>A network's state_dict as safetensors. INTERIM</summary>
internal static class ModuleWeights
{
    public static void Write(Module<Tensor, Tensor> module, Stream stream)
    {
        using var w = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        foreach (var (name, t) in module.state_dict()) { using var c = t.cpu().contiguous(); w.Write(name); w.Write(c.bytes.Length); w.Write(c.bytes); }
    }

    public static Module<Tensor, Tensor> Read(Stream stream, Func<Device, Module<Tensor, Tensor>> build, Device device)
    {
        var module = TorchGenerator.Untouched(() => build(CPU));
        using var r = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        using var _ = no_grad();
        foreach (var (name, t) in module.state_dict()) { r.ReadString(); var n = r.ReadInt32(); r.ReadBytes(n).CopyTo(t.bytes); }
        module.eval();
        return module.to(device);
    }
}
