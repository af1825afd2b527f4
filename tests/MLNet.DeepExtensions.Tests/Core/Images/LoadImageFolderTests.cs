using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests;

public sealed class LoadImageFolderTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void FolderPerClass_GivesSortedPathsAndFirstFolderAsLabel()
    {
        Touch("dog/2.jpg", "dog/10.jpg", "cat/tabby/b.PNG", "cat/a.jpeg", "cat/.hidden.jpg", ".git/x.jpg", "dog/notes.txt", "Zebra/1.webp");
        Assert.Equal(["Zebra:Zebra/1.webp", "cat:cat/a.jpeg", "cat:cat/tabby/b.PNG", "dog:dog/10.jpg", "dog:dog/2.jpg"], Rows(ml.Data.LoadImageFolder(folder)));
    }

    [Fact]
    public void KagglesNames_LabelOfFileName_GivesWhatStandsBeforeTheNumber()
    {
        Touch("train/cat.0.jpg", "train/dog.12.jpg", "7.jpg", "great_dane-3.png");
        Assert.Equal(["great_dane:great_dane-3.png", "cat:train/cat.0.jpg", "dog:train/dog.12.jpg"], Rows(ml.Data.LoadImageFolder(folder, ImageLabel.OfFileName)));
    }

    [Fact]
    public void ShuffleSeed_SameSeed_GivesSameOtherOrder()
    {
        Touch([.. Enumerable.Range(0, 30).Select(i => $"a/{i:00}.jpg")]);
        var sorted = Rows(ml.Data.LoadImageFolder(folder));
        var shuffled = Rows(ml.Data.LoadImageFolder(folder, shuffleSeed: 5));
        Assert.NotEqual(sorted, shuffled);
        Assert.Equal(sorted, shuffled.Order(StringComparer.Ordinal));
        Assert.Equal(shuffled, Rows(ml.Data.LoadImageFolder(folder, shuffleSeed: 5)));
    }

    [Fact]
    public void NoClassFolders_SaysHowToTellTheClass()
    {
        Touch("cat.0.jpg");
        Assert.Contains("ImageLabel.OfFileName", Assert.Throws<InvalidOperationException>(() => ml.Data.LoadImageFolder(folder)).Message);
    }

    [Fact]
    public void NoPictures_SaysWhatItLookedFor()
    {
        Touch("a/readme.md");
        Assert.Contains(".jpg", Assert.Throws<InvalidOperationException>(() => ml.Data.LoadImageFolder(folder)).Message);
        Assert.Throws<DirectoryNotFoundException>(() => ml.Data.LoadImageFolder(Path.Combine(folder, "nowhere")));
    }

    private string[] Rows(IDataView data) => [.. ml.Data.CreateEnumerable<ImageFile>(data, reuseRowObject: false)
        .Select(row => $"{row.Label}:{Path.GetRelativePath(folder, row.ImagePath).Replace('\\', '/')}")];

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
