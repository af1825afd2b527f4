namespace MLNet.DeepExtensions;

/// <summary>Targets of the kind <see cref="TargetKind.ClassPerStep"/>.</summary>
internal static class StepTargets
{
    /// <summary>What stands at a step that has no target, as PyTorch's <c>ignore_index</c>.</summary>
    public const long None = -100;
}
