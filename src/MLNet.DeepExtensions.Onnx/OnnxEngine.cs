using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Scores with ONNX Runtime.</summary>
internal sealed class OnnxEngine : ScoringEngine
{
    private readonly PortableModel model;
    private readonly byte[] network;
    private readonly InferenceSession session;
    // what goes wrong is thrown, and need not be printed too
    private readonly RunOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly string[] inputNames;
    private readonly UseCount uses;

    /// <exception cref="InvalidModelFileException">ONNX Runtime does not take the graph, or it is not that of such a model.</exception>
    public OnnxEngine(PortableModel model, byte[] network, bool isChecked = false)
    {
        (this.model, this.network) = (model, network);
        if (!isChecked)
            OnnxFile.Check(network);
        using var settings = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // between two batches the threads would spin, and take from those who read rows what the processor shares
        settings.AddSessionConfigEntry("session.force_spinning_stop", "1");
        try
        {
            session = new InferenceSession(network, settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelFileException($"{SavedTransformer.OnnxWeights} is no graph that ONNX Runtime runs: {e.Message}", e);
        }
        inputNames = [.. model.Features.SelectMany(column => column.Shape.IsVariable ? new[] { column.Name, PortableModel.LengthsOf(column.Name) } : [column.Name])];
        if (!session.InputNames.Order(StringComparer.Ordinal).SequenceEqual(inputNames.Order(StringComparer.Ordinal)) || session.OutputNames is not [PortableModel.ScoresName])
        {
            var message = $"{SavedTransformer.OnnxWeights} takes {string.Join(", ", session.InputNames)} and gives {string.Join(", ", session.OutputNames)}, but the model's columns are {string.Join(", ", inputNames)}.";
            session.Dispose();
            throw new InvalidModelFileException(message);
        }
        uses = new UseCount(() =>
        {
            session.Dispose();
            options.Dispose();
        });
    }

    public override string Name => ScoringEngines.Onnx;

    public override string WeightsName => SavedTransformer.OnnxWeights;

    public override int BatchSize => model.ScoringBatchSize;

    public override DeepTask Task => model.Task;

    public override IReadOnlyList<FeatureColumn> Features => model.Features;

    public override void Score(InputRows rows, ScoreRows scores)
    {
        scores.Begin((int)rows.Count);
        uses.Enter();
        try
        {
            foreach (var which in LikeRows.Of(rows, Task))
                Run(rows, which, scores);
        }
        finally
        {
            uses.Leave();
        }
    }

    public override byte[] WriteConfig() => ConfigJson.Write(model);

    public override void WriteWeights(Stream stream) => stream.Write(network);

    public override void Dispose() => uses.Dispose();

    private void Run(InputRows rows, int[] which, ScoreRows scores)
    {
        using var inputs = new OnnxInputs(rows, which);
        using var outputs = Run(inputs, which.Length);
        var shape = outputs[0].GetTensorTypeAndShape().Shape;
        if (!Task.Takes(shape, which.Length))
            throw new InvalidOperationException($"The graph gave [{string.Join(", ", shape)}] for {which.Length} rows; it must give {Task.OutputShape}.");
        var numbers = outputs[0].GetTensorDataAsSpan<float>();
        var width = numbers.Length / which.Length;
        for (var i = 0; i < which.Length; i++)
            scores.Set(which[i], numbers.Slice(i * width, width));
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(OnnxInputs inputs, int rows)
    {
        try
        {
            return session.Run(options, inputNames, inputs.Values, session.OutputNames);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidOperationException($"ONNX Runtime did not score {rows} rows: {e.Message}", e);
        }
    }
}

/// <summary>A portable network in a pipeline.</summary>
internal sealed class OnnxTransformer(OnnxEngine engine) : ScoringTransformer(engine);

/// <summary>A portable forecaster in a pipeline.</summary>
internal sealed class OnnxForecaster(OnnxEngine engine) : ForecastTransformer(engine);

/// <summary>Opens what <c>SavePortable</c> wrote. ML.NET's loader finds it through Core's table of engines.</summary>
internal sealed class OnnxEngineLoader : IScoringEngineLoader
{
    public string WeightsName => SavedTransformer.OnnxWeights;

    public ScoringTransformer Load(IHostEnvironment environment, Stream config, Stream weights) => new OnnxTransformer(Open(config, weights));

    public ForecastTransformer LoadForecaster(IHostEnvironment environment, Stream config, Stream weights) => new OnnxForecaster(Open(config, weights));

    private static OnnxEngine Open(Stream config, Stream weights)
    {
        var network = ReadAll(weights);
        // of a program's first model each part takes a while to start: the graph's reader and ONNX Runtime, and what reads the settings
        var starting = Task.Run(() =>
        {
            OnnxFile.Check(network);
            OrtEnv.Instance();
        });
        try
        {
            var model = PortableModel.Read(config);
            starting.GetAwaiter().GetResult();
            return new OnnxEngine(model, network, isChecked: true);
        }
        finally
        {
            // of two failures the settings' is told
            starting.ContinueWith(static done => done.Exception, TaskScheduler.Default);
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
