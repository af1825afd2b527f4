using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// Everything that the next steps of a run depend on: weights, optimizer, learning rate, scaler, sums of the epoch, what callbacks remember, torch's generator, the place in the epoch.
/// On disk it is a zip archive of a JSON and a safetensors file, whose checksums are checked when it is read.
/// </summary>
internal sealed class Checkpoint : ResumePoint, IDisposable
{
    private const string RunName = "run.json", TensorsName = "state.safetensors";
    private const string Weights = "weights", OptimizerState = "optimizer", Generator = "generator";

    private readonly Dictionary<string, Tensor> tensors;

    private Checkpoint(RunRecord run, Dictionary<string, Tensor> tensors) => (Run, this.tensors) = (run, tensors);

    public RunRecord Run { get; }

    public override bool IsMidway => Run.StepInEpoch > 0;

    public override Dictionary<string, double>? TrainFigures => Run.TrainFigures;

    /// <summary>Takes a run's state down: all of it is a copy, which the run that goes on does not touch.</summary>
    /// <param name="state">The run, between two steps or two epochs.</param>
    /// <param name="callbacks">What takes part in it.</param>
    /// <param name="settings">The run's settings, to compare when it is resumed.</param>
    /// <param name="finished">Whether the run has ended and its weights are final.</param>
    public static Checkpoint Of(TrainingState state, IReadOnlyList<Callback> callbacks, JsonNode settings, bool finished = false)
    {
        using var _ = no_grad();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var numbers = new Dictionary<string, Dictionary<string, double>>(StringComparer.Ordinal);
        foreach (var (name, tensor) in state.Module.state_dict())
            tensors[$"{Weights}/{name}"] = tensor.detach().to(CPU, copy: true).contiguous().DetachFromDisposeScope();
        if (!finished)
        {
            foreach (var (name, tensor) in state.Optimizer.CopyState())
                tensors[$"{OptimizerState}/{name}"] = tensor.DetachFromDisposeScope();
            tensors[Generator] = random.get_rng_state().DetachFromDisposeScope();
            foreach (var (owner, save) in Owners(state, callbacks))
            {
                var saved = new SavedState();
                save.Save(saved);
                numbers[owner] = new(saved.Numbers);
                foreach (var (name, tensor) in saved.Tensors)
                    tensors[$"{owner}/{name}"] = tensor;
            }
        }
        // an epoch that has begun without a step begins again
        var (isMidway, hasStep) = (state.IsMidway && !finished, state.StepInEpoch > 0);
        return new Checkpoint(new RunRecord
        {
            Settings = settings.DeepClone(), Epoch = isMidway && !hasStep ? state.Epoch - 1 : state.Epoch, StepInEpoch = isMidway ? state.StepInEpoch : 0, Step = state.Step, BestEpoch = state.BestEpoch,
            StepsPerEpoch = state.StepsPerEpoch, RowsPerEpoch = state.RowsPerEpoch, LearningRate = state.Optimizer.LearningRate, Epochs = [.. state.History], Numbers = numbers, Stopped = finished ? state.Stopping ?? StopReason.Completed : null,
            Stopping = state.IsStopRequested ? StopReason.Requested : null,
            TrainFigures = isMidway && hasStep ? state.TrainFigures : null, Tensors = [.. tensors.Keys],
            TrainedParameters = [.. state.Module.named_parameters().Where(item => item.parameter.requires_grad).Select(item => item.name)],
        }, tensors);
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        using (var run = archive.CreateEntry(RunName, CompressionLevel.NoCompression).Open())
            run.Write(ConfigJson.Write(Run));
        using var state = archive.CreateEntry(TensorsName, CompressionLevel.NoCompression).Open();
        SafetensorsWriter.Write(state, tensors.Select(item => (ModuleWeights.Describe(item.Key, item.Value), (Action<Stream>)(target =>
        {
            using var scope = NewDisposeScope();
            foreach (var piece in ModuleWeights.Pieces(item.Value))
                target.Write(piece.bytes);
        }))));
    });

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidModelFileException">It is damaged, or of a newer version.</exception>
    public static Checkpoint Load(string path)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            using var file = File.OpenRead(path);
            using var archive = Open(file);
            var run = ReadRun(archive);
            using var stream = CheckedEntry.Open(Entry(archive, TensorsName));
            var reader = SafetensorsReader.Open(stream, Entry(archive, TensorsName).Length);
            foreach (var entry in reader.Entries)
            {
                using var scope = NewDisposeScope();
                var tensor = empty([.. entry.Shape], dtype: ModuleWeights.TypeOf(entry));
                foreach (var piece in ModuleWeights.Pieces(tensor))
                    reader.Read(piece.bytes);
                tensors.Add(entry.Name, tensor.DetachFromDisposeScope());
            }
            reader.End();
            if (run.Tensors.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
                throw new InvalidModelFileException($"it has no '{FileText.Shorten(missing)}'.");
            return new Checkpoint(run, tensors);
        }
        catch (Exception e)
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw CannotBeRead(path, e);
        }
    }

    /// <summary>Reads what one says of its run, and none of the tensors.</summary>
    /// <exception cref="InvalidModelFileException">It is damaged.</exception>
    public static RunRecord LoadRun(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var archive = Open(file);
            return ReadRun(archive);
        }
        catch (Exception e)
        {
            throw CannotBeRead(path, e);
        }
    }

    /// <summary>Reads which format one has, and nothing else; null where that cannot be read.</summary>
    public static int? FormatOf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var archive = Open(file);
            return (int?)JsonNode.Parse(ReadJson(archive))?["format"];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Gives a network the weights.</summary>
    /// <exception cref="InvalidModelFileException">They are another network's.</exception>
    public void RestoreWeights(nn.Module module)
    {
        using var _ = no_grad();
        foreach (var (name, tensor) in module.state_dict())
        {
            if (!tensors.TryGetValue($"{Weights}/{name}", out var saved) || !saved.shape.SequenceEqual(tensor.shape))
                throw new InvalidModelFileException($"The checkpoint's weights are another network's: '{name}' {(saved is null ? "is missing" : $"is [{string.Join(", ", saved.shape)}] and not [{string.Join(", ", tensor.shape)}]")}.");
            tensor.copy_(saved);
        }
    }

    public override void RestoreRun(TrainingState state, IReadOnlyList<Callback> callbacks)
    {
        var optimizer = Under(OptimizerState);
        state.Optimizer.LoadState(optimizer);
        state.Optimizer.LearningRate = Run.LearningRate;
        foreach (var (name, parameter) in state.Module.named_parameters())
            if (Run.TrainedParameters.Contains(name))
                parameter.requires_grad = true;
        state.Frozen.Renew();
        state.GoTo(Run.Epoch, Run.StepInEpoch, Run.Step, Run.BestEpoch, Run.Epochs);
        (state.StepsPerEpoch, state.RowsPerEpoch) = (Run.StepsPerEpoch, Run.RowsPerEpoch);
        if (Run.Stopping is { } reason)
            state.RequestStop(reason);
        foreach (var (owner, save) in Owners(state, callbacks).Where(item => !item.Name.StartsWith(SumsOf, StringComparison.Ordinal)))
            Load(owner, save);
        random.set_rng_state(tensors[Generator]);
    }

    public override void RestoreSums(TrainingState state)
    {
        foreach (var (owner, save) in Owners(state, []).Where(item => item.Name.StartsWith(SumsOf, StringComparison.Ordinal)))
            Load(owner, save);
    }

    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
        tensors.Clear();
    }

    private const string SumsOf = "sums of ";

    // whoever remembers something, under a name that is the same in the run that goes on
    private static IEnumerable<(string Name, (Action<SavedState> Save, Action<SavedState> Load))> Owners(TrainingState state, IReadOnlyList<Callback> callbacks)
    {
        yield return ("arithmetic", (state.Arithmetic.SaveState, state.Arithmetic.LoadState));
        yield return ("loss", (state.Loss.SaveState, state.Loss.LoadState));
        yield return (SumsOf + "loss", (saved => state.Losses!.SaveState(state, saved), state.Losses!.LoadState));
        foreach (var metric in state.Metrics)
            yield return (SumsOf + metric.Name, (metric.SaveState, metric.LoadState));
        // by type, and by number where there are several: others may come and go between
        foreach (var type in callbacks.GroupBy(callback => callback.GetType().Name))
            foreach (var (callback, number) in type.Select((callback, number) => (callback, number)))
                yield return ($"{type.Key} {number}", (callback.SaveState, callback.LoadState));
    }

    // one that is new in the settings remembers nothing
    private void Load(string owner, (Action<SavedState> Save, Action<SavedState> Load) save)
    {
        if (Run.Numbers.TryGetValue(owner, out var numbers) && (numbers.Count > 0 || Under(owner).Count > 0))
            save.Load(new SavedState(numbers, Under(owner)));
    }

    private Dictionary<string, Tensor> Under(string owner) =>
        tensors.Where(item => item.Key.StartsWith(owner + "/", StringComparison.Ordinal)).ToDictionary(item => item.Key[(owner.Length + 1)..], item => item.Value, StringComparer.Ordinal);

    private static ZipArchive Open(FileStream file)
    {
        try
        {
            return new ZipArchive(file, ZipArchiveMode.Read);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidModelFileException($"'{file.Name}' is no checkpoint: {e.Message}", e);
        }
    }

    private static ZipArchiveEntry Entry(ZipArchive archive, string name) => archive.GetEntry(name) ?? throw new InvalidModelFileException($"The file is no checkpoint: it has no {name}.");

    private static InvalidModelFileException CannotBeRead(string path, Exception e) => new($"The checkpoint '{path}' cannot be read: {e.Message}", e);

    private static ReadOnlySpan<byte> ReadJson(ZipArchive archive)
    {
        var entry = Entry(archive, RunName);
        ModelEntryReader.CheckRatio(entry);
        using var stream = CheckedEntry.Open(entry);
        using var json = new MemoryStream();
        stream.CopyTo(json);
        return json.GetBuffer().AsSpan(0, (int)json.Length);
    }

    private static RunRecord ReadRun(ZipArchive archive)
    {
        var run = ConfigJson.Read<RunRecord>(ReadJson(archive));
        return run.Format == RunRecord.CurrentFormat ? run
            : throw new InvalidModelFileException($"The checkpoint has format {run.Format}; this version of MLNet.DeepExtensions reads format {RunRecord.CurrentFormat}.");
    }
}
