using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>
/// A model of each format that was ever written opens for ever. Each fixture is MapValueToKey, then an Mlp with one hidden layer of 6 and batch norm,
/// trained for three epochs on four numbers: 2 in the place of the row's kind, and a quarter of the row's number modulo 7 in the last.
/// </summary>
public class OldFormatsTests
{
    public static TheoryData<string, float[][]> Formats => new()
    {
        {
            "format-1.zip",
            [
                [0.8224243f, 0.108628094f, 0.068947546f], [0.3099049f, 0.5157945f, 0.1743006f], [0.022767032f, 0.03074436f, 0.94648856f],
                [0.8310227f, 0.10411703f, 0.06486037f], [0.30601785f, 0.5273712f, 0.16661097f], [0.02015048f, 0.03049038f, 0.9493592f],
            ]
        },
    };

    [Theory, MemberData(nameof(Formats))]
    public void OldFile_OpensAndScoresAsItDid(string file, float[][] expected)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", file);
        var ml = new MLContext();
        using var model = (IDisposable)ml.Model.Load(path, out _);
        var rows = Enumerable.Range(0, expected.Length).Select(i => new Blobs.Row
        {
            Label = "kind " + i % 3, Features = [i % 3 == 0 ? 2 : 0, i % 3 == 1 ? 2 : 0, i % 3 == 2 ? 2 : 0, 0.25f * (i % 7)],
        });
        var scores = ((ITransformer)model).Transform(ml.Data.LoadFromEnumerable(rows.ToList())).GetColumn<float[]>("Score").ToArray();
        Assert.Equal(expected.SelectMany(row => row), scores.SelectMany(row => row), (a, b) => Math.Abs(a - b) <= 1e-5f);

        using var stream = File.OpenRead(path);
        using var network = DeepModel.Load(stream);
        Assert.Equal(new Mlp { HiddenSizes = [6], BatchNorm = true }, network.Config);
        Assert.Equal(["kind 0", "kind 1", "kind 2"], network.Labels);
        Assert.Equal(3, network.History.Epochs.Count);
    }
}
