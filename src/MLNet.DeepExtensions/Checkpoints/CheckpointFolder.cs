using System.Globalization;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>A run's folder: locked while it runs, with its latest and best checkpoints.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string Extension = ".checkpoint", FinishedName = "finished" + Extension, LockName = "run.lock";

    private readonly CheckpointPolicy policy;
    private readonly Action<string> warn;
    private readonly FileStream held;

    /// <param name="policy">Says which folder.</param>
    /// <param name="warn">Is told of damaged files, and of what cannot be deleted.</param>
    /// <exception cref="IOException">Another run uses the folder, or it cannot be written.</exception>
    public CheckpointFolder(CheckpointPolicy policy, Action<string> warn)
    {
        (this.policy, this.warn) = (policy, warn);
        try
        {
            Directory.CreateDirectory(policy.Folder);
            held = new FileStream(PathOf(LockName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(IsLocked(e) ? $"Another run uses the checkpoint folder '{FullName}'. Give each run a folder of its own, or wait until the other has ended."
                : $"The checkpoint folder '{FullName}' cannot be written: {e.Message} Name a folder that this process may make and write.", e);
        }
        // what a process that died had half written
        foreach (var path in Directory.EnumerateFiles(policy.Folder, $".*{Extension}.*{AtomicFile.Extension}"))
            Delete(path);
    }

    private string FullName => Path.GetFullPath(policy.Folder);

    /// <summary>Finds where to go on: the finished run, or the newest checkpoint that can be read.</summary>
    /// <param name="settings">The settings of the run that is about to begin.</param>
    /// <param name="epochs">How many epochs it is asked for.</param>
    /// <returns>The checkpoint; null where there is none.</returns>
    /// <exception cref="InvalidOperationException">The settings differ, or checkpoints are there that are not to be used.</exception>
    public Checkpoint? Find(JsonNode settings, int epochs)
    {
        var files = Files();
        if (files.Count == 0 && !File.Exists(PathOf(FinishedName)))
            return null;
        if (!policy.Resume)
            throw new InvalidOperationException($"The checkpoint folder '{FullName}' holds a run's checkpoints, and Resume is false. Delete them, name another folder, or set Resume = true to go on.");
        foreach (var path in files.Select(file => file.Path).Reverse().Prepend(PathOf(FinishedName)).Where(File.Exists))
        {
            if (Checkpoint.FormatOf(path) is { } format && format != RunRecord.CurrentFormat)
                throw new InvalidModelFileException($"The checkpoint '{path}' has format {format}: another version of MLNet.DeepExtensions wrote it, this one reads format {RunRecord.CurrentFormat}. " +
                    "Go on with that version, or name another folder to begin a new run.");
            Checkpoint checkpoint;
            try
            {
                checkpoint = Checkpoint.Load(path);
            }
            catch (InvalidModelFileException e)
            {
                warn($"A checkpoint is damaged and was passed over: {e.Message}");
                continue;
            }
            Compare(checkpoint, settings);
            // a finished run that is to go on for more epochs goes on from its last step, not from its best weights
            if (checkpoint.Run.Stopped is null || checkpoint.Run.Stopped == StopReason.Requested || checkpoint.Run.Epochs.Count >= epochs)
                return checkpoint;
            checkpoint.Dispose();
        }
        throw new InvalidModelFileException($"No checkpoint in '{FullName}' can be read. Delete the folder to begin anew.");
    }

    /// <summary>The seed of the run whose checkpoints are there, if any.</summary>
    public int? SeedOfRun()
    {
        foreach (var path in Files().Select(file => file.Path).Reverse().Append(PathOf(FinishedName)).Where(File.Exists))
            try
            {
                return (int?)Checkpoint.LoadRun(path).Settings["seed"];
            }
            catch (InvalidModelFileException)
            {
                // it is named when it is to be used
            }
        return null;
    }

    /// <summary>Writes one, then deletes those that need not be kept.</summary>
    public void Save(Checkpoint checkpoint)
    {
        if (checkpoint.Run.Stopped is not null)
        {
            checkpoint.Save(PathOf(FinishedName));
            return;
        }
        checkpoint.Save(PathOf(string.Create(CultureInfo.InvariantCulture, $"step-{checkpoint.Run.Step:0000000000}{Extension}")));
        Delete(PathOf(FinishedName));                          // it belonged to a shorter run
        // the run went on from here: later ones were damaged, and would count as the latest
        var files = Files();
        foreach (var (path, _) in files.Where(file => file.Step > checkpoint.Run.Step))
            Delete(path);
        files.RemoveAll(file => file.Step > checkpoint.Run.Step);
        var kept = files.TakeLast(policy.KeepLast).ToHashSet();
        if (policy.KeepBest > 0)
            kept.UnionWith(files.Select(file => (file, Loss: LossOf(file.Path))).Where(item => double.IsFinite(item.Loss)).OrderBy(item => item.Loss).Take(policy.KeepBest).Select(item => item.file));
        foreach (var (path, _) in files.Where(file => !kept.Contains(file)))
            Delete(path);
    }

    public void Dispose() => held.Dispose();

    // what stays too long does no harm
    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"'{path}' could not be deleted: {e.Message}");
        }
    }

    // a sharing or lock violation on Windows, EAGAIN on Linux and macOS
    private static bool IsLocked(Exception e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult == (OperatingSystem.IsMacOS() ? 35 : 11);

    // by step, the first first
    private List<(string Path, long Step)> Files() =>
    [
        .. Directory.EnumerateFiles(policy.Folder, "step-*" + Extension)
            .Select(path => (Path: path, Step: long.TryParse(Path.GetFileNameWithoutExtension(path)["step-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1))
            .Where(file => file.Step >= 0).OrderBy(file => file.Step),
    ];

    private static double LossOf(string path)
    {
        try
        {
            return Checkpoint.LoadRun(path) is { StepInEpoch: 0 } run ? run.LossOfLastEpoch : double.NaN;
        }
        catch (InvalidModelFileException)
        {
            return double.NaN;
        }
    }

    private void Compare(Checkpoint checkpoint, JsonNode settings)
    {
        var differences = Differences("", checkpoint.Run.Settings, settings).ToList();
        if (differences.Count == 0)
            return;
        checkpoint.Dispose();
        throw new InvalidOperationException($"The checkpoints in '{FullName}' are of a run with other settings: {string.Join("; ", differences.Take(10))}. " +
            "Set them as they were to go on with that run, or name another folder to begin a new one.");
    }

    private static IEnumerable<string> Differences(string path, JsonNode? old, JsonNode? now)
    {
        if (old is JsonObject before && now is JsonObject after)
            return before.Select(item => item.Key).Union(after.Select(item => item.Key)).SelectMany(key => Differences(path.Length == 0 ? key : $"{path}.{key}", before[key], after[key]));
        if (old is JsonArray list && now is JsonArray other && list.Count == other.Count)
            return list.Zip(other).SelectMany((items, i) => Differences($"{path}[{i}]", items.First, items.Second));
        return JsonNode.DeepEquals(old, now) ? [] : [$"{path} was {FileText.Shorten(old?.ToJsonString() ?? "unset")} and is {now?.ToJsonString() ?? "unset"}"];
    }

    private string PathOf(string name) => Path.Combine(policy.Folder, name);
}
