using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests;

public sealed class LoadAudioFolderTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("recordings").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void FolderPerClass_OrAnyFunction_GivesSortedPathsAndLabels()
    {
        Touch("yes/2.wav", "no/10.WAV", "no/a/b.wave", "no/.hidden.wav", "yes/notes.txt", "7_lucas_3.wav");
        Assert.Equal(["no:no/10.WAV", "no:no/a/b.wave", "yes:yes/2.wav"], Rows(ml.Data.LoadAudioFolder(folder)));
        Assert.Equal(["7:7_lucas_3.wav"], Rows(ml.Data.LoadAudioFolder(folder, path => char.IsAsciiDigit(path[0]) ? path[..1] : null)));
        Assert.Equal(Rows(ml.Data.LoadAudioFolder(folder, shuffleSeed: 3)), Rows(ml.Data.LoadAudioFolder(folder, shuffleSeed: 3)));
    }

    [Fact]
    public void NothingToFind_SaysWhatToDo()
    {
        Touch("a.wav");
        Assert.Contains("LoadAudioFolder(path, path => …)", Assert.Throws<InvalidOperationException>(() => ml.Data.LoadAudioFolder(folder)).Message);
        File.Delete(Path.Combine(folder, "a.wav"));
        Assert.Contains(".wav", Assert.Throws<InvalidOperationException>(() => ml.Data.LoadAudioFolder(folder)).Message);
        Assert.Throws<DirectoryNotFoundException>(() => ml.Data.LoadAudioFolder(Path.Combine(folder, "nowhere")));
    }

    private string[] Rows(IDataView data) => [.. ml.Data.CreateEnumerable<AudioFile>(data, reuseRowObject: false)
        .Select(row => $"{row.Label}:{Path.GetRelativePath(folder, row.AudioPath).Replace('\\', '/')}")];

    private void Touch(params string[] names)
    {
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, []);
        }
    }
}
