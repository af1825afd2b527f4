using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static MLNet.DeepExtensions.Tests.SplitRows;

namespace MLNet.DeepExtensions.Tests;

/// <summary>The parts are views of the source: they pass its columns through, and they notice when it gives other rows than before.</summary>
public class SplitSourceTests(IdxFixture files) : IClassFixture<IdxFixture>
{
    private static readonly double[] shares = [0.6, 0.2, 0.2];
    private readonly MLContext ml = new(1);

    private sealed class Vectors
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Pictured
    {
        public int Number { get; set; }

        [ImageType(2, 2)]
        public MLImage Image { get; set; } = null!;
    }

    [Fact]
    public void RowsInAnotherOrder_StopTheReading()
    {
        var seed = 0;
        var rows = Of(new int[200]);
        IEnumerable<Row> Shuffled()
        {
            var random = new Random(seed++);
            return rows.OrderBy(_ => random.Next());
        }
        var split = Split(ml, View(ml, new Lazily<Row>(Shuffled)), shares, "Label");
        foreach (var part in Views(split))
        {
            var message = Assert.Throws<InvalidOperationException>(() => part.GetColumn<int>("Number").Count()).Message;
            Assert.Contains("than the one that it had when it was split", message);
            Assert.Contains("mlContext.Data.Cache(data)", message);
        }
    }

    [Fact]
    public void VectorsInAnotherOrder_AreNoticedToo()
    {
        var seed = 0;
        IEnumerable<Vectors> Shuffled()
        {
            var random = new Random(seed++);
            return Enumerable.Range(0, 100).OrderBy(_ => random.Next()).Select(i => new Vectors { Features = [0, 1, i] }).ToList();
        }
        var split = Split(ml, ml.Data.LoadFromEnumerable(new Lazily<Vectors>(Shuffled)), shares);
        Assert.Throws<InvalidOperationException>(() => split.Train.GetColumn<float[]>("Features").Count());
    }

    [Theory]
    [InlineData(101, "has more than the 100 rows that it had when it was split")]
    [InlineData(99, "has 99 rows instead of the 100 that it had when it was split")]
    [InlineData(0, "has 0 rows instead of the 100")]
    public void MoreOrFewerRows_StopTheReading(int later, string message)
    {
        var rows = Of(new int[101]);
        var count = 100;
        var split = Split(ml, View(ml, new Lazily<Row>(() => rows.Take(count))), shares);
        count = later;
        foreach (var part in Views(split))
            Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => part.GetColumn<int>("Number").Count()).Message);
    }

    [Fact]
    public void ACache_HoldsTheRowsStill()
    {
        var seed = 0;
        var rows = Of(new int[200]);
        var moving = View(ml, new Lazily<Row>(() => new Random(seed++) is var random ? rows.OrderBy(_ => random.Next()) : rows));
        var parts = Numbers(Split(ml, ml.Data.Cache(moving), shares));
        Assert.Equal(Enumerable.Range(0, 200), parts.SelectMany(part => part).Order());
    }

    [Fact]
    public void StepsThatRepeatThemselves_GiveNoFalseAlarm()
    {
        var path = files.Write("rows.csv", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 1500).Select(i => $"{i},kind {i % 3},{i * 0.5}"))));
        var text = ml.Data.LoadFromTextFile(path, [new("Number", DataKind.Int32, 0), new("Label", DataKind.String, 1), new("Value", DataKind.Single, 2)], separatorChar: ',');
        foreach (var source in new[] { text, ml.Data.ShuffleRows(text), ml.Data.BootstrapSample(text), ml.Data.FilterRowsByColumn(text, "Value", 100, 600), ml.Data.Cache(text) })
        {
            // steps whose cursors work in parallel or not, depending on the columns that are asked for
            var mapped = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.NormalizeMinMax("Value")).Append(ml.Transforms.Concatenate("Features", "Value")).Fit(source).Transform(source);
            var split = Split(ml, mapped, shares, "Label");
            foreach (var part in Views(split))
            {
                Assert.Equal(part.GetRowCount(), part.GetColumn<float[]>("Features").Count());
                Assert.Equal(part.GetRowCount(), part.GetColumn<uint>("Label").Count());
                Assert.Equal(part.GetRowCount(), ml.Data.CreateEnumerable<Mapped>(part, reuseRowObject: true).Count());
            }
        }
    }

    private sealed class Mapped
    {
        public int Number { get; set; }

        public float[] Features { get; set; } = [];
    }

    [Fact]
    public void OnlyTheNamedColumns_AreReadForTheSplit()
    {
        var (images, labels) = files.WritePair(200, gzip: true);
        var view = ml.Data.LoadIdx(images, labels);
        File.Delete(images);
        var split = Split(ml, view, shares, "Label");
        Assert.Equal(40, split.Test.GetColumn<byte>("Label").Count());
        Assert.Throws<FileNotFoundException>(() => split.Test.GetColumn<byte[]>("Features").Count());
    }

    [Fact]
    public void AllColumns_PassThrough_WithAnnotationsAndPictures()
    {
        var pictures = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Pictured { Number = i, Image = Picture(i) }).ToList());
        var keyed = ml.Transforms.Conversion.MapValueToKey("Key", "Number").Fit(pictures).Transform(pictures);
        var split = Split(ml, keyed, shares);
        Assert.Same(keyed.Schema, split.Train.Schema);
        foreach (var part in Views(split))
        {
            Assert.Equal(part.GetColumn<int>("Number"), part.GetColumn<MLImage>("Image").Select(image => int.Parse(image.Tag)));
            VBuffer<int> values = default;
            part.Schema["Key"].GetKeyValues(ref values);
            Assert.Equal(20, values.Length);
        }

        static MLImage Picture(int number)
        {
            var image = MLImage.CreateFromPixels(2, 2, MLPixelFormat.Bgra32, new byte[16]);
            image.Tag = $"{number}";
            return image;
        }
    }

    [Fact]
    public void ShuffledAndParallelReadings_GiveThePartsRows()
    {
        var split = Split(ml, View(ml, Of(new int[500])), shares);
        var expected = split.Train.GetColumn<int>("Number").ToList();
        Assert.False(split.Train.CanShuffle);
        using (var cursor = split.Train.GetRowCursor(split.Train.Schema, new Random(1)))
            Assert.Equal(expected, Read(cursor));
        var set = split.Train.GetRowCursorSet(split.Train.Schema, 4, new Random(1));
        Assert.Equal(expected, set.SelectMany(Read).Order());
        Assert.Equal(expected, ml.Data.ShuffleRows(split.Train, seed: 1).GetColumn<int>("Number").Order());
        Assert.NotEqual(expected, ml.Data.ShuffleRows(split.Train, seed: 1).GetColumn<int>("Number"));
        Assert.Equal(expected.Take(7), ml.Data.TakeRows(split.Train, 7).GetColumn<int>("Number"));
        Assert.Equal(expected.Take(7), split.Train.Preview(7).ColumnView.Single(column => column.Column.Name == "Number").Values.Cast<int>());
        Assert.Equal(expected, ml.Data.Cache(split.Train).GetColumn<int>("Number"));

        // steps behind a part share its rows out among their threads
        var behind = ml.Transforms.Conversion.MapValueToKey("Key", "Number").Fit(split.Train).Transform(split.Train);
        Assert.Equal(expected, behind.GetColumn<int>("Number"));
        Assert.Equal(Enumerable.Range(1, expected.Count).Select(key => (uint)key), behind.GetColumn<uint>("Key"));

        static List<int> Read(DataViewRowCursor cursor)
        {
            var number = cursor.GetGetter<int>(cursor.Schema["Number"]);
            var (rows, value) = (new List<int>(), 0);
            while (cursor.MoveNext())
            {
                number(ref value);
                rows.Add(value);
            }
            return rows;
        }
    }

    [Fact]
    public void ACursor_KeepsMLNetsRules()
    {
        var split = Split(ml, View(ml, Of(new int[10])), shares, "Label");
        using var cursor = split.Test.GetRowCursor([split.Test.Schema["Number"]]);
        Assert.Equal(-1, cursor.Position);
        Assert.True(cursor.IsColumnActive(split.Test.Schema["Number"]));
        Assert.False(cursor.IsColumnActive(split.Test.Schema["Label"]));        // read for the check, but not handed out
        Assert.Contains("not asked for", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(split.Test.Schema["Label"])).Message);
        var number = cursor.GetGetter<int>(split.Test.Schema["Number"]);
        var id = cursor.GetIdGetter();
        var (value, rowId) = (0, default(DataViewRowId));
        for (var i = 0; i < 2; i++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(i, cursor.Position);
            number(ref value);
            id(ref rowId);
            Assert.Equal((ulong)value, rowId.Low);                              // the source's own
        }
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void ASavedModel_TakesThePartsSchema()
    {
        var split = Split(ml, View(ml, Of(new int[30])), shares);
        using var file = new MemoryStream();
        ml.Model.Save(ml.Transforms.Conversion.MapValueToKey("Label").Fit(split.Train), split.Train.Schema, file);
        file.Position = 0;
        ml.Model.Load(file, out var schema);
        Assert.Equal(["Number", "Label", "Group"], schema.Select(column => column.Name));
    }

    [Fact]
    public void AnEmptySource_GivesEmptyParts() => Assert.All(Views(Split(ml, View(ml, Of([])), shares, "Label", "Group")), part => Assert.Equal(0, part.GetRowCount()));

    /// <summary>An enumerable that is made anew at every reading.</summary>
    private sealed class Lazily<T>(Func<IEnumerable<T>> make) : IEnumerable<T>
    {
        public IEnumerator<T> GetEnumerator() => make().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
