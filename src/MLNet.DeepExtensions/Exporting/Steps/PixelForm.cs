using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Pictures as numbers: [rows, height, width, 3] bytes, red, green, blue, in whatever order and form a step or a network wants them.</summary>
internal static class PixelForm
{
    /// <summary>ML.NET's ExtractPixels, unless it takes transparency.</summary>
    public static StepForm? Of(StepOutput step)
    {
        var layout = StepDoors.LayoutOf((ImagePixelExtractingTransformer)step.Transformer, step.Number);
        if (layout.Channels is not { } channels)
            return null;
        var isByte = OnnxTypes.ItemOf(step.Output.Type) == NumberDataViewType.Byte;
        return new($"Extract pixels {step.Output.Name}", step.Source, (graph, pixels) =>
        {
            var x = channels is [0, 1, 2] ? pixels : graph.Node("Gather", [pixels, graph.Constant(channels)], ("axis", 3L));
            if (!layout.IsInterleaved)
                x = x.Permute(0, 3, 1, 2);
            if (!isByte)
                x = graph.Cast(x, OnnxTypes.Float);
            if (layout.Offset != 0)
                x -= graph.Constant(layout.Offset);
            if (layout.Scale != 1)
                x *= layout.Scale;
            return x.Flatten();
        });
    }

    /// <summary>What a network takes: planes, [rows, 3, height, width]; or one of brightness as <see cref="ImagePlanes.Grey"/> makes it, to the bit.</summary>
    public static GraphValue Planes(OnnxGraph graph, GraphValue pixels, ImageShape shape)
    {
        if (shape.Channels != 1)
            return pixels.Permute(0, 3, 1, 2);
        int[] weights = [19595, 38470, 7471];
        var light = graph.Cast(pixels, OnnxTypes.Int32) * graph.Initializer("grey.weights", [3], OnnxTypes.Int32, MemoryMarshal.AsBytes(weights.AsSpan()));
        return graph.Cast((light.Sum(-1) + Number(0x8000)) / Number(0x10000), OnnxTypes.UInt8).Unsqueeze(1);

        GraphValue Number(int value) => graph.Initializer($"int32 {value}", [], OnnxTypes.Int32, MemoryMarshal.AsBytes([value]));
    }
}
