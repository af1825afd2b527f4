using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Conformance;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>A step of a pipeline makes tokens of one text column or of two.</summary>
public sealed class TokenizeStepTests
{
    private readonly MLContext ml = new(seed: 1);

    public static TheoryData<TextTokenizer> Tokenizers => [new WordPiece(), new Characters(), new ByteLevelBpe { VocabularySize = 300 }, new WordPiece().Fit(["a b", "a b"])];

    [Theory, MemberData(nameof(Tokenizers))]
    public void Step_KeepsTheContract(TextTokenizer tokenizer)
    {
        EstimatorContract.Check(ml, ml.Transforms.Text.Tokenize("Tokens", "Question", tokenizer), Data());
        EstimatorContract.Check(ml, ml.Transforms.Text.Tokenize("Tokens", "Question", tokenizer, pairColumnName: "Answer", maxTokens: 8), Data());
    }

    [Fact]
    public void Tokens_AreThoseOfTheTokenizer_AndTheColumnSaysWhatTheyAre()
    {
        var tokenizer = new WordPiece().Fit(Rows().SelectMany(row => new[] { row.Question, row.Answer }));
        var model = ml.Transforms.Text.Tokenize("Tokens", "Question", pairColumnName: "Answer", maxTokens: 9).Fit(Data());
        var tokens = model.Transform(Data());
        Assert.Equal(Rows().Select(row => tokenizer.Encode(row.Question, row.Answer, 9)), tokens.GetColumn<int[]>("Tokens"));
        var shape = FeatureColumn.Find(tokens.Schema, "Tokens", null).Shape;
        Assert.Equal(new IdsShape(tokenizer.Count) { Separator = tokenizer.Special.Separator }, shape);
        Assert.Equal(shape, FeatureColumn.Find(tokens.Schema, "Tokens", new IdsShape(tokenizer.Count)).Shape);
    }

    [Fact]
    public void OtherColumn_IsRefused_WhenThePipelineIsBuilt()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Text.Tokenize("Tokens", "Number").Fit(Data()));
        Assert.Contains("'Number' must be text", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'Nothing'", Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Text.Tokenize("Tokens", "Question", pairColumnName: "Nothing").Fit(Data())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ml.Transforms.Text.Tokenize("Tokens", "Question", maxTokens: 3));
        Assert.Throws<ArgumentException>(() => ml.Transforms.Text.Tokenize("Tokens", "Question", new WordPiece { MinimumCount = 0 }));
    }

    [Fact]
    public void LargestPublishedVocabulary_FitsIntoAModelFile()
    {
        var model = ml.Transforms.Text.Tokenize("Tokens", "Question", PublishedVocabularies.Gpt2).Fit(Data());
        using var file = new MemoryStream();
        ml.Model.Save(model, Data().Schema, file);
        Assert.InRange(file.Length, 100_000, 4_000_000);
        file.Position = 0;
        Assert.Equal(model.Transform(Data()).GetColumn<int[]>("Tokens"), new MLContext().Model.Load(file, out _).Transform(Data()).GetColumn<int[]>("Tokens"));
    }

    [Fact]
    public void PredictionEngine_ReadsBothColumns()
    {
        var model = ml.Transforms.Text.Tokenize("Tokens", "Question", pairColumnName: "Answer").Fit(Data());
        using var engine = ml.Model.CreatePredictionEngine<Row, Read>(model);
        Assert.Equal(model.Transform(Data()).GetColumn<int[]>("Tokens"), Rows().Select(row => engine.Predict(row).Tokens));
    }

    private IDataView Data() => ml.Data.LoadFromEnumerable(Rows());

    private static IEnumerable<Row> Rows() => Enumerable.Range(0, 12).Select(i => new Row
    {
        Question = i % 4 == 3 ? "" : $"What is {i} and {i}, 天气?", Answer = i % 3 == 2 ? "" : "It is what it is", Number = i,
    });

    private sealed class Row
    {
        public string Question { get; set; } = "";

        public string Answer { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Read
    {
        public int[] Tokens { get; set; } = [];
    }
}
