namespace MLNet.DeepExtensions;

/// <summary>What happens to a batch between a column and the network, as a graph: the twin of <see cref="InputStage.Apply"/>.</summary>
internal static class OnnxInputStage
{
    public static GraphValue Export(OnnxGraph graph, InputStage stage, GraphValue rows, FeatureColumn features)
    {
        var shape = features.Shape;
        var x = features.Elements == ElementKind.UInt8 ? rows.ToFloat() / graph.Constant(255f) : rows;
        // as ONNX's constants are, so that they may be compared with them
        if (shape is IdsShape)
            x = graph.Node("Cast", [x], ("to", OnnxGraph.DataType.Int64));
        if (shape is not (VectorShape or IdsShape) && !shape.IsVariable)
            x = x.Reshape([-1, .. shape.Dimensions]);
        var size = shape is ImageShape picture ? (picture.Height, picture.Width) : (0, 0);
        if (stage.Resize is { } resize && size != (resize.Height, resize.Width))
        {
            // half_pixel, and a triangle as wide as the new pixel where it covers several old ones: Pillow's and torchvision's bilinear
            x = graph.Node("Resize", [x, null, null, graph.Constant(resize.Height, resize.Width)], ("axes", (long[])[2, 3]), ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"), ("antialias", 1L));
            size = (resize.Height, resize.Width);
        }
        if (stage.CentreCrop is { } crop && size != (crop.Height, crop.Width))
        {
            var (top, left) = (PictureResizing.CentreOffset(size.Item1, crop.Height), PictureResizing.CentreOffset(size.Item2, crop.Width));
            x = graph.Node("Pad", [x, graph.Constant(0, 0, -top, -left, 0, 0, crop.Height - size.Item1 + top, crop.Width - size.Item2 + left)]);
        }
        if (stage.Mean is { } mean)
            x -= PerChannel(graph, mean, shape);
        return stage.Std is { } std ? x / PerChannel(graph, std, shape) : x;
    }

    private static GraphValue PerChannel(OnnxGraph graph, IReadOnlyList<float> values, InputShape shape) =>
        graph.Constant(values.ToArray(), [values.Count, .. Enumerable.Repeat(1L, shape.Dimensions.Count - shape.ChannelDimension)]);
}
