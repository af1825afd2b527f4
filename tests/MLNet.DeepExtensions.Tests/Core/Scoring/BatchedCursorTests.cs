using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Core.Scoring;

public class BatchedCursorTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void EveryTypeOfColumn_PassesThroughUnchanged()
    {
        var rows = Enumerable.Range(0, 150).Select(i => new Row
        {
            Label = "abc"[i % 3].ToString(), Features = [i % 3, 1], Text = $"row {i}", Number = i, Flag = i % 2 == 0, Time = new DateTime(2026, 1, 1).AddDays(i),
            Long = i * 10_000_000_000L, Ragged = [.. Enumerable.Range(0, i % 4).Select(j => (float)j)], Words = [.. Enumerable.Range(0, i % 3).Select(j => $"w{j}")],
        }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        using var model = Trained(data);
        var back = ml.Data.CreateEnumerable<Row>(model.Transform(data), reuseRowObject: false, ignoreMissingColumns: true).ToList();
        Assert.Equal(rows.Count, back.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal((rows[i].Text, rows[i].Number, rows[i].Flag, rows[i].Time, rows[i].Long), (back[i].Text, back[i].Number, back[i].Flag, back[i].Time, back[i].Long));
            Assert.Equal(rows[i].Ragged, back[i].Ragged);
            Assert.Equal(rows[i].Words, back[i].Words);
        }
    }

    [Fact]
    public void Pictures_PassThroughAsCopiesThatTheCallerMayDispose()
    {
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new WithPicture { Label = "ab"[i % 2].ToString(), Features = [i % 2, 1], Picture = Grey((byte)i) }).ToList());
        using var model = Trained(data);
        var scored = model.Transform(data);
        using var cursor = scored.GetRowCursor(scored.Schema);
        var picture = cursor.GetGetter<MLImage>(scored.Schema["Picture"]);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> scores = default;
        for (var i = 0; cursor.MoveNext(); i++)
        {
            for (var twice = 0; twice < 2; twice++)
            {
                MLImage image = null!;
                picture(ref image);
                Assert.Equal((5, 4), (image.Width, image.Height));
                Assert.Equal((byte)i, image.GetBGRPixels[0]);
                image.Dispose();
            }
            score(ref scores);
            Assert.Equal(2, scores.Length);
        }

        static MLImage Grey(byte value) => MLImage.CreateFromPixels(5, 4, MLPixelFormat.Bgra32, Enumerable.Range(0, 80).Select(i => i % 4 == 3 ? (byte)255 : value).ToArray());
    }

    [Fact]
    public void FirstBatch_IsSmall_SoALookAtTheFirstRowsReadsFew()
    {
        var read = 0;
        var data = ml.Data.LoadFromEnumerable(Blobs.Rows(2000));
        using var model = Trained(data);
        var counted = ml.Data.LoadFromEnumerable(Counted());
        var first = ml.Data.TakeRows(model.Transform(counted), 5);
        Assert.Equal(5, first.GetColumn<uint>("PredictedLabel").Count());
        Assert.InRange(read, 5, 40);

        IEnumerable<Blobs.Row> Counted()
        {
            foreach (var row in Blobs.Rows(2000))
            {
                read++;
                yield return row;
            }
        }
    }

    [Fact]
    public void ColumnThatWasNotAskedFor_SaysSo()
    {
        var data = Blobs.View(ml, 30);
        using var model = Trained(data);
        var scored = model.Transform(data);
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.Contains("'PredictedLabel' was not asked for", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<uint>(scored.Schema["PredictedLabel"])).Message);
        Assert.Contains("holds", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(scored.Schema["Score"])).Message);
        Assert.False(cursor.IsColumnActive(scored.Schema["Weight"]));
        Assert.True(cursor.IsColumnActive(scored.Schema["Score"]));
    }

    [Fact]
    public void NoneOfOurColumns_ScoresNothing()
    {
        var data = Blobs.View(ml, 30);
        var model = Trained(data);
        var scored = model.Transform(data);
        model.Dispose();
        // the network is gone: whoever asks for the other columns does not notice
        Assert.Equal(30, scored.GetColumn<float>("Weight").Count());
    }

    [Fact]
    public void ScoringAfterDispose_SaysSo()
    {
        var data = Blobs.View(ml, 30);
        var model = Trained(data);
        var scored = model.Transform(data);
        model.Dispose();
        Assert.Contains("was disposed", Assert.Throws<ObjectDisposedException>(() => scored.GetColumn<float[]>("Score").Count()).Message);
        Assert.Throws<ObjectDisposedException>(() => model.LastTransformer.Transform(data));
    }

    [Fact]
    public void PositionAndId_CountTheRows()
    {
        var data = Blobs.View(ml, 100);
        using var model = Trained(data);
        var scored = model.Transform(data);
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        var id = cursor.GetIdGetter();
        var seen = new HashSet<DataViewRowId>();
        for (var i = 0; i < 100; i++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(i, cursor.Position);
            DataViewRowId value = default;
            id(ref value);
            Assert.True(seen.Add(value));
        }
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void TwoReadersAtOnce_AndOneAfterAnother_SeeTheirOwnRows()
    {
        // more than one batch, so that memory is lent and given back
        var (one, other) = (Blobs.View(ml, 3000, seed: 1), Blobs.View(ml, 2000, seed: 2));
        using var model = Trained(one);
        using var file = new MemoryStream();
        ml.Model.SavePortable(model, one.Schema, file);
        foreach (var scorer in (ITransformer[])[model, ml.Model.Load(file, out _)])
        {
            List<float[]> Read(IDataView data) => [.. scorer.Transform(data).GetColumn<float[]>("Score")];
            var (first, second) = (Read(one), Read(other));
            var (left, right) = (scorer.Transform(one).GetColumn<float[]>("Score").GetEnumerator(), scorer.Transform(other).GetColumn<float[]>("Score").GetEnumerator());
            var (lefts, rights) = (new List<float[]>(), new List<float[]>());
            for (var row = 0; row < 3000; row++)
            {
                Assert.True(left.MoveNext());
                lefts.Add(left.Current);
                if (right.MoveNext())
                    rights.Add(right.Current);
            }
            Assert.Equal(first, lefts);
            Assert.Equal(second, rights);
            Assert.Equal(first, Read(one));
        }
    }

    private TransformerChain<DeepTransformer> Trained(IDataView data) =>
        ml.Transforms.Conversion.MapValueToKey("Key", "Label").Append(ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [4] }, new DeepTrainerOptions { Epochs = 1 }, labelColumnName: "Key")).Fit(data);

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Text { get; set; } = "";

        public int Number { get; set; }

        public bool Flag { get; set; }

        public DateTime Time { get; set; }

        public long Long { get; set; }

        public float[] Ragged { get; set; } = [];

        public string[] Words { get; set; } = [];
    }

    private sealed class WithPicture
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [Microsoft.ML.Transforms.Image.ImageType(4, 5)]
        public MLImage? Picture { get; set; }
    }
}
