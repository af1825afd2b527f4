using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Graphs;

/// <summary>What rows hold.</summary>
public enum Values
{
    Random,
    Zeros,
    Large,
    Negative,
    Missing,
}

/// <summary>A network with chance for weights, run by libtorch and, as a graph, by ONNX Runtime.</summary>
internal sealed class GraphTwin : IDisposable
{
    private const int LongestRow = 7;

    private readonly Random dice = new(1);
    private readonly IReadOnlyList<FeatureColumn> features;
    private readonly DeepModel model;
    private readonly OnnxEngine onnx;

    public GraphTwin(ModelConfig config, InputShape shape, int outputs, bool isSequence = false)
    {
        features = [.. (shape is ColumnsShape several ? several.Columns : [new NamedShape("Features", shape)]).Select(column => new FeatureColumn
        {
            Name = column.Name, Shape = column.Shape, Elements = column.Shape is IdsShape ? ElementKind.Int32 : ElementKind.Float32, Dimensions = [column.Shape.IsVariable ? 0 : (int)column.Shape.Count],
        })];
        var network = config.Build(shape, outputs);
        network.eval();
        DrawWeights(network);
        model = new DeepModel(network, new SavedModel
        {
            Model = config, Inputs = [.. features.Select(column => new NetworkColumn(column, new InputStage()))], History = new TrainingHistory(),
            Task = isSequence ? new SequenceTask { Symbols = outputs - 1 } : new RegressionTask { Width = outputs, IsVector = true },
        }, CPU);
        onnx = new OnnxEngine(new PortableModel { Features = features, Task = model.Saved.Task }, OnnxExport.ForScoring(model).ToByteArray());
    }

    /// <summary>Runs the graph.</summary>
    public List<float[]> Score(InputRows rows) => Scores(onnx, rows);

    /// <summary>Rows of one to seven steps, where they differ; those of a row's columns have as many, or one more from column to column.</summary>
    public InputRows Rows(int count, Values values, bool alike = true)
    {
        var rows = InputRows.For(features, null, count);
        for (var row = 0; row < count; row++)
        {
            var steps = row == 0 ? LongestRow : 1 + dice.Next(LongestRow);
            foreach (var (column, store) in features.Zip(rows.Columns))
            {
                switch (store)
                {
                    case RaggedStore<float> ragged: ragged.Add(Numbers(steps * ragged.RowLength)); break;
                    case RaggedStore<int> ragged: ragged.Add(Ids(steps, column)); break;
                    case RowStore<int> equal: equal.Add(Ids(equal.RowLength, column)); break;
                    case RowStore<float> equal: equal.Add(Numbers(equal.RowLength)); break;
                }
                steps += alike ? 0 : 1;
            }
        }
        return rows;

        float[] Numbers(int length) => [.. Enumerable.Range(0, length).Select(_ => values switch
        {
            Values.Zeros => 0,
            Values.Large => (dice.NextSingle() * 2 - 1) * 1e4f,
            Values.Negative => -3 * dice.NextSingle(),
            Values.Missing when dice.Next(3) == 0 => float.NaN,
            _ => dice.NextSingle() * 2 - 1,
        })];

        int[] Ids(int length, FeatureColumn column) => [.. Enumerable.Range(0, length).Select(_ => values == Values.Zeros ? 0 : dice.Next(((IdsShape)column.Shape).Categories))];
    }

    /// <summary>All rows at once, and the first of them alone and among five: padding must not be seen.</summary>
    public void AssertSame(InputRows rows)
    {
        var expected = Scores(new TorchEngine(model), rows);
        foreach (var count in new[] { 1, 5, (int)rows.Count })
        {
            var some = rows.NewLike(null, count);
            for (var row = 0; row < count; row++)
                some.AddFrom(rows, rows.Count - 1 - row);
            var actual = Scores(onnx, some);
            for (var row = 0; row < count; row++)
            {
                var wanted = expected[^(row + 1)];
                var tolerance = 1e-4 * Math.Max(1, wanted.Max(Math.Abs));
                Assert.Equal(wanted, actual[row], (a, b) => float.IsFinite(b) && Math.Abs(a - b) <= tolerance);
            }
        }
    }

    /// <summary>Each row's own steps, all rows at once.</summary>
    public void AssertSameSteps(InputRows rows)
    {
        var (expected, actual) = (Scores(new TorchEngine(model), rows), Scores(onnx, rows));
        for (var row = 0; row < rows.Count; row++)
        {
            Assert.Equal(expected[row].Length, actual[row].Length);
            Assert.Equal(expected[row], actual[row], (a, b) => Math.Abs(a - b) <= 1e-4);
            // behind its steps there is the blank alone
            var steps = rows.Columns[0].LengthOf(row);
            Assert.All(actual[row].Chunk(model.Saved.Task.OutputWidth).Skip(steps), step => Assert.Equal(1, step[0]));
        }
    }

    public void Dispose()
    {
        onnx.Dispose();
        model.Dispose();
    }

    private static List<float[]> Scores(ScoringEngine engine, InputRows rows)
    {
        var scores = new ScoreRows();
        engine.Score(rows, scores);
        return [.. Enumerable.Range(0, (int)rows.Count).Select(row => scores[row].ToArray())];
    }

    // also those that start as zeros or ones, and what a batch norm would have measured
    private void DrawWeights(nn.Module network)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, weight) in network.state_dict().Where(item => item.Value.dtype == ScalarType.Float32))
        {
            var bound = 1 / Math.Sqrt(Math.Max(1, weight.dim() > 1 ? weight.numel() / weight.shape[0] : 1));
            var values = Enumerable.Range(0, (int)weight.numel()).Select(_ => (float)((dice.NextDouble() * 2 - 1) * bound));
            weight.copy_(tensor([.. name.EndsWith("var", StringComparison.Ordinal) ? values.Select(value => Math.Abs(value) + 0.5f) : values], weight.shape));
        }
    }
}
