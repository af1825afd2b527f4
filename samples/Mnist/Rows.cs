using Microsoft.ML.Data;
using MLNet.DeepExtensions;

namespace Mnist;

#region rows
/// <summary>What goes into the pipeline.</summary>
internal sealed class Picture
{
    [VectorType(28, 28)]
    public byte[] Features { get; set; } = [];

    public byte Label { get; set; }
}

/// <summary>What comes out of it.</summary>
internal sealed class Prediction
{
    public byte Digit { get; set; }

    public float[] Score { get; set; } = [];
}
#endregion
