using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Core.Embeddings;

public sealed class EmbeddingIndexTests
{
    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Embedding { get; set; } = [];
    }

    private static EmbeddingIndex Three()
    {
        var index = new EmbeddingIndex(2);
        index.Add("east", [5, 0]);
        index.Add("north", [0, 0.1f]);
        index.Add("west", [-1, 0]);
        index.Add("north", [-1, 1]);
        return index;
    }

    [Fact]
    public void Search_GivesTheNearestFirst_ByAngleAlone()
    {
        var found = Three().Search([0, 7], 3);
        Assert.Equal([("north", 1), ("north", 3), ("east", 0)], found.Select(item => (item.Label, item.Row)));
        Assert.Equal([1, 0.70711f, 0], found.Select(item => item.Similarity), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(4, Three().Search([1, 1], 100).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(128)]
    [InlineData(131)]
    public void Search_OfManyRandomVectors_AgreesWithSorting(int size)
    {
        var random = new Random(size);
        float[] Vector() => [.. Enumerable.Range(0, size).Select(_ => (float)random.NextDouble() - 0.5f)];
        var (index, vectors) = (new EmbeddingIndex(size), Enumerable.Range(0, 500).Select(_ => Vector()).ToList());
        foreach (var (vector, i) in vectors.Select((vector, i) => (vector, i)))
            index.Add($"{i}", vector);
        var wanted = Vector();
        double Cosine(float[] a) => a.Zip(wanted).Sum(pair => (double)pair.First * pair.Second) / Math.Sqrt(a.Sum(value => (double)value * value) * wanted.Sum(value => (double)value * value));
        var expected = vectors.Select(Cosine).OrderDescending().Take(10).ToList();
        var found = index.Search(wanted, 10);
        Assert.Equal(expected, found.Select(item => (double)item.Similarity), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.All(found, item => Assert.Equal(Cosine(vectors[item.Row]), item.Similarity, 1e-5));
        if (size == 1)
            // all point one of two ways: of equally near ones the first that were added
            Assert.Equal(vectors.Select((vector, i) => (vector, i)).Where(item => Cosine(item.vector) > 0).Take(10).Select(item => item.i), found.Select(item => item.Row));
    }

    [Fact]
    public void Similarity_IsThatOfTheLabelsNearest_AndUnknownIsFarthest()
    {
        Assert.Equal(0.70711f, Three().Similarity("north", [-1, 0]), 1e-4f);
        Assert.Equal(-1, Three().Similarity("south", [-1, 0]));
    }

    [Fact]
    public void Remove_ForgetsALabelAndLeavesTheOthers()
    {
        var index = Three();
        Assert.Equal(2, index.Remove("north"));
        Assert.Equal(0, index.Remove("north"));
        Assert.Equal(["east", "west"], index.Labels);
        Assert.Equal([("east", 0), ("west", 1)], index.Search([1, 0.1f]).Select(item => (item.Label, item.Row)));
        index.Add("south", [0, -1]);
        Assert.Equal("south", index.Search([0.1f, -1], 1)[0].Label);
    }

    [Fact]
    public void Build_TakesKeysAndText()
    {
        var ml = new MLContext();
        var text = ml.Data.LoadFromEnumerable(new Row[] { new() { Label = "a", Embedding = [1, 0] }, new() { Label = "b", Embedding = [0, 1] }, new() { Label = "c", Embedding = [float.NaN, 1] } });
        foreach (var view in new[] { text, ml.Transforms.Conversion.MapValueToKey("Label").Fit(text).Transform(text) })
        {
            var index = EmbeddingIndex.Build(view);
            Assert.Equal(["a", "b"], index.Labels);
            Assert.Equal("b", index.Search([0.1f, 1], 1)[0].Label);
        }
        Assert.Contains("No row has", Assert.Throws<InvalidOperationException>(() => EmbeddingIndex.Build(ml.Data.LoadFromEnumerable(Array.Empty<Row>()))).Message);
    }

    [Fact]
    public void WrongVectors_AreRefused()
    {
        Assert.Contains("vectors of 2 numbers, but this one has 3", Assert.Throws<ArgumentException>(() => Three().Search([1, 2, 3])).Message);
        foreach (var vector in new[] { new float[] { 0, 0 }, [float.NaN, 1], [float.PositiveInfinity, 1] })
            Assert.Contains("finite numbers, not all 0", Assert.Throws<ArgumentException>(() => Three().Add("x", vector)).Message);
        Assert.Empty(new EmbeddingIndex(2).Search([1, 0]));
    }
}
