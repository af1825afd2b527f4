using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>A change of a batch whose dice are thrown: it is the same whenever it is applied.</summary>
internal abstract class BatchChange
{
    /// <summary>Changes a batch of pictures [N, C, H, W]. Its tensors stay as they are.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="classes">The number of classes, for those that mix targets.</param>
    public abstract Batch Apply(Batch batch, int classes);

    /// <summary>This change and another one after it in one go; null where that is not possible.</summary>
    public virtual BatchChange? Then(BatchChange next) => null;
}

/// <summary>A change of the pictures alone.</summary>
internal sealed class PictureChange(Func<Tensor, Tensor> change) : BatchChange
{
    public override Batch Apply(Batch batch, int classes) => batch with { Input = change(batch.Input.Values) };
}

/// <summary>A change that only moves pixels.</summary>
internal sealed class PlacementChange(Placement placement) : BatchChange
{
    public override Batch Apply(Batch batch, int classes) => batch with { Input = placement.Apply(batch.Input.Values) };

    public override BatchChange? Then(BatchChange next) => next is PlacementChange other && placement.Then(other.Placement) is { } both ? new PlacementChange(both) : null;

    private Placement Placement => placement;
}
