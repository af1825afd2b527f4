using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>The columns that a task makes of a network's numbers, as a graph: the twins of <see cref="DeepTask.OutputColumns"/>.</summary>
internal static class TaskOutputs
{
    /// <exception cref="NotSupportedException">A task answers with something else than as many numbers in each row.</exception>
    public static void Check(DeepTask task)
    {
        var reason = task switch
        {
            SequenceTask => "A network that reads symbols off steps (DeepSequence) has no form as a plain ONNX file: how many symbols there are follows from the steps",
            LanguageModelTask => "A language model judges texts of any length, which has no form as a plain ONNX file",
            MaskedTokensTask => "A masked language model answers as many tokens as a text has masks, which has no form as a plain ONNX file",
            MulticlassTask or BinaryTask or MultiLabelTask or EmbeddingTask or InteractionTask or RegressionTask => null,
            _ => $"{task.GetType().Name} has no form as a plain ONNX file",
        };
        if (reason is not null)
            throw new NotSupportedException($"{reason}. mlContext.Model.SavePortable saves the pipeline for devices without libtorch, where it can.");
    }

    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="task">The task.</param>
    /// <param name="scores">[rows, outputs], after softmax or sigmoid.</param>
    /// <returns>Each column by its name, [rows, slots]; keys in int64.</returns>
    public static Dictionary<string, GraphValue> Export(OnnxGraph graph, DeepTask task, GraphValue scores) => task switch
    {
        MulticlassTask => new() { [DefaultNames.Score] = scores, [DefaultNames.PredictedLabel] = MostLikely(graph, scores) },
        BinaryTask => new() { [DefaultNames.Score] = scores, [DefaultNames.Probability] = scores.Sigmoid(), [DefaultNames.PredictedLabel] = graph.Node("Greater", [scores, graph.Constant(0f)]) },
        MultiLabelTask => new() { [DefaultNames.Score] = scores, [DefaultNames.PredictedLabel] = graph.Node("Greater", [scores, graph.Constant(0.5f)]) },
        EmbeddingTask embedding => new() { [embedding.ColumnName] = scores },
        InteractionTask => new() { [DefaultNames.Score] = scores },
        RegressionTask regression => Numbers(graph, regression, scores),
        _ => throw new NotSupportedException(task.GetType().Name),
    };

    /// <summary>What one of a task's columns holds, in words; null where it is not the task's.</summary>
    public static string? Holds(DeepTask task, string column) => (task, column) switch
    {
        (MulticlassTask, DefaultNames.Score) => "the probability of each class, in the order of the labels",
        (BinaryTask, DefaultNames.Score) => "the log-odds of yes",
        (BinaryTask, DefaultNames.Probability) => "the probability of yes, from 0 to 1",
        (BinaryTask, DefaultNames.PredictedLabel) => "whether the log-odds are above 0; false where they are no number",
        (MultiLabelTask { Names: { } names }, DefaultNames.Score) => $"the probability of each label: {string.Join(", ", names)}",
        (MultiLabelTask, DefaultNames.Score) => "the probability of each label",
        (MultiLabelTask, DefaultNames.PredictedLabel) => "whether each label's probability is above one half",
        (InteractionTask, DefaultNames.Score) => "the higher, the sooner the user would choose the item",
        (EmbeddingTask embedding, _) when column == embedding.ColumnName => "a vector of length 1: near those of rows of its class",
        (ForecastTask { Columns: var columns }, DefaultNames.Score) => $"the next {columns.Horizon} values of {string.Join(", ", columns.Targets)}, in their own units",
        (RegressionTask, DefaultNames.Score) => "the prediction, in the label's own units",
        (RegressionTask { Form.Quantiles: { } quantiles }, "Quantiles") => $"what the label stays below in such a share of cases: {string.Join(", ", quantiles.Select(quantile => FormattableString.Invariant($"{quantile}")))}",
        (RegressionTask, "Variance") => "the variance of the prediction, in the square of the label's units",
        _ => null,
    };

    // of equal ones the first; the missing key where one is no number
    private static GraphValue MostLikely(OnnxGraph graph, GraphValue scores)
    {
        var best = graph.Node("ArgMax", [scores], ("axis", 1L), ("keepdims", 1L)) + graph.Scalar(1);
        var isMissing = graph.Cast(graph.Cast(graph.Node("IsNaN", [scores]), OnnxTypes.Float).Amax(1, keepDim: true), OnnxTypes.Bool);
        return graph.Node("Where", [isMissing, graph.Scalar(0), best]);
    }

    private static Dictionary<string, GraphValue> Numbers(OnnxGraph graph, RegressionTask task, GraphValue raw)
    {
        var (form, width) = (task.Form, task.Width);
        if (form.Quantiles is { } quantiles)
        {
            // those that crossed are put in order
            var levels = Unscaled(graph.Nodes("TopK", 2, [raw.Reshape(0, width, quantiles.Count), graph.Constant(quantiles.Count)], ("axis", 2L), ("largest", 0L), ("sorted", 1L))[0], width, 1);
            var middle = Enumerable.Range(0, quantiles.Count).MinBy(i => Math.Abs(quantiles[i] - 0.5));
            return new() { [DefaultNames.Score] = levels.Select(2, middle), ["Quantiles"] = levels.Flatten() };
        }
        if (!form.HasVariance)
            return new() { [DefaultNames.Score] = Unscaled(raw, width) };
        var pairs = raw.Reshape(0, width, 2);
        // softplus, which needs double where variances are small
        var precise = graph.Cast(pairs.Select(2, 1), OnnxTypes.Double);
        var soft = graph.Node("Log", [graph.Node("Exp", [precise]) + graph.Real(NumberDataViewType.Double, 1)]);
        var variance = graph.Cast(graph.Node("Where", [graph.Node("Greater", [precise, graph.Real(NumberDataViewType.Double, 20)]), precise, soft]), OnnxTypes.Float);
        if (task.Scale is { } scale)
            variance *= graph.Constant([.. scale.Over(width).Std.Select(std => std * std)], width);
        return new() { [DefaultNames.Score] = Unscaled(pairs.Select(2, 0), width), ["Variance"] = variance };

        GraphValue Unscaled(GraphValue values, params long[] shape)
        {
            if (task.Scale is not { } measured)
                return values;
            var (mean, std) = measured.Over(width);
            return values * graph.Constant(std, shape) + graph.Constant(mean, shape);
        }
    }
}
