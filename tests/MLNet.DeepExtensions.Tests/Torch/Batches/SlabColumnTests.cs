using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Batches;

[Collection(nameof(Alone))]
public sealed class SlabColumnTests
{
    [Fact]
    public void BatchesThatWereFirstReadInInferenceMode_MayBeTrainedOn()
    {
        using var scope = NewDisposeScope();
        var rows = new RaggedStore<float>(2);
        rows.Add([1, 2, 3, 4]);
        rows.Add([5, 6]);
        using var column = SlabColumn.For(rows, 2);
        using (inference_mode())
        {
            column.Put(0, rows, 0);
            column.Put(1, rows, 1);
            column.Seal(2, 2);
        }
        var weight = ones(2, requires_grad: true);
        (column.View(0, 2).Values * weight).sum().backward();
        Assert.Equal([9f, 12f], weight.grad!.data<float>().ToArray());
    }
}
