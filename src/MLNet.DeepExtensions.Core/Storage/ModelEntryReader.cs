using System.IO.Compression;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Finds our entry in a model file and reads it, and nothing else of the file: no name in it becomes a path, no assembly is loaded, no length is believed.
/// </summary>
internal sealed class ModelEntryReader : IDisposable
{
    // trained weights hardly compress; what unpacks to many times its size is made to fill memory
    private const long MaxRatio = 100;
    private const long AlwaysAllowed = 1 << 20;

    private readonly ZipArchive archive;
    private readonly ZipArchiveEntry config;
    private readonly ZipArchiveEntry weights;

    private ModelEntryReader(ZipArchive archive, ZipArchiveEntry config, ZipArchiveEntry weights) => (this.archive, this.config, this.weights) = (archive, config, weights);

    /// <param name="stream">The file, seekable; it is left open.</param>
    /// <param name="entry">The folder of the wanted network within the file; null where there is only one.</param>
    /// <exception cref="InvalidModelFileException">It is no zip, holds no network or several, or names or lengths in it are not what ML.NET writes.</exception>
    public static ModelEntryReader Open(Stream stream, string? entry)
    {
        ZipArchive? archive = null;
        try
        {
            archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var files = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
            foreach (var file in archive.Entries)
                if (!files.TryAdd(Normalize(file.FullName), file))
                    throw new InvalidModelFileException($"The model file has '{FileText.Shorten(file.FullName)}' twice.");
            var folders = files.Keys.Where(name => Path.GetFileName(name) == SavedTransformer.TorchWeights).Select(Folder)
                .Where(folder => files.ContainsKey(In(folder, SavedTransformer.ConfigName))).Order(StringComparer.Ordinal).ToList();
            var wanted = entry is null ? folders : [.. folders.Where(folder => folder == Normalize(entry))];
            if (wanted is not [var only])
                throw new InvalidModelFileException(folders.Count == 0 ? "The model file holds no deep network of ours."
                    : $"The model file holds {folders.Count} deep networks: {FileText.Shorten(string.Join(", ", folders))}. Name one of them as entry{(entry is null ? "." : $"; '{entry}' is none.")}");
            return new ModelEntryReader(archive, files[In(only, SavedTransformer.ConfigName)], files[In(only, SavedTransformer.TorchWeights)]);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException)
        {
            archive?.Dispose();
            throw new InvalidModelFileException("This is no zip file as ML.NET writes its models: " + e.Message, e);
        }
        catch
        {
            archive?.Dispose();
            throw;
        }
    }

    public Stream OpenConfig() => OpenChecked(config);

    public Stream OpenWeights() => OpenChecked(weights);

    /// <summary>Gets the length of the weights, which the central directory states and reading confirms.</summary>
    public long WeightsLength => weights.Length;

    public void Dispose() => archive.Dispose();

    /// <summary>Refuses an entry that would unpack to many times what the file takes.</summary>
    /// <exception cref="InvalidModelFileException">It would.</exception>
    public static void CheckRatio(ZipArchiveEntry entry)
    {
        if (entry.Length > Math.Max(AlwaysAllowed, entry.CompressedLength * MaxRatio))
            throw new InvalidModelFileException($"'{FileText.Shorten(entry.FullName)}' takes {entry.CompressedLength:N0} bytes in the model file and would unpack to {entry.Length:N0}; trained weights never do.");
    }

    private static Stream OpenChecked(ZipArchiveEntry entry)
    {
        CheckRatio(entry);
        return CheckedEntry.Open(entry);
    }

    // ML.NET on Windows wrote backslashes once
    private static string Normalize(string name)
    {
        var normal = name.Replace('\\', '/').TrimEnd('/');
        if (normal.StartsWith('/') || normal.Contains(':') || normal.Split('/').Any(part => part is ".." or "."))
            throw new InvalidModelFileException($"The model file has an entry '{FileText.Shorten(name)}', which points outside of it.");
        return normal;
    }

    private static string Folder(string name) => name.Contains('/') ? name[..name.LastIndexOf('/')] : "";

    private static string In(string folder, string file) => folder.Length == 0 ? file : $"{folder}/{file}";
}
