using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Which token follows: a text goes in, and what comes out says how likely it is: <c>LogLikelihood</c> (natural logarithm, over all its tokens), <c>Tokens</c> and <c>Perplexity</c>.
/// The texts are both features and targets; there is no label.
/// </summary>
[ConfigName("language-model")]
internal sealed record LanguageModelTask : DeepTask
{
    /// <summary>The name of the column that says how many tokens were judged.</summary>
    public const string TokensColumn = "Tokens";

    /// <summary>The name of the column that says how likely a text is.</summary>
    public const string LikelihoodColumn = "LogLikelihood";

    /// <summary>Gets how many tokens there are; 1 before the task is fitted.</summary>
    [Range(1, 1 << 24)]
    public int Vocabulary { get; init; } = 1;

    /// <summary>Gets how many tokens the network was taught to look at.</summary>
    [Range(2, 1 << 20)]
    public int Window { get; init; } = 2;

    public override int OutputWidth => Vocabulary;

    public override bool IsSequence => true;

    public override OutputActivation Activation => OutputActivation.Softmax;

    public override TargetKind Targets => TargetKind.ClassPerStep;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || label.ItemType is not TextDataViewType)
            throw NotText(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label) =>
    [
        SchemaDoors.Column(LikelihoodColumn, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false),
        SchemaDoors.Column(TokensColumn, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, isKey: false),
        SchemaDoors.Column("Perplexity", SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false),
    ];

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form) => label.Type is TextDataViewType ? this : throw NotText(label.Name, label.Type.ToString()!);

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label) => throw new NotSupportedException("A language model's targets are the texts' own tokens.");

    public override RowStore NewTargetStore(long? expectedRows) => throw new NotSupportedException("A language model's targets are the texts' own tokens.");

    // of a text the engine gives two numbers: the logarithm of its likelihood, and how many tokens were judged
    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(LikelihoodColumn, NumberDataViewType.Single, DataViewSchema.Annotations.Empty, row => (ValueGetter<float>)((ref float value) => value = row.Scores[0])),
        new(TokensColumn, NumberDataViewType.Int32, DataViewSchema.Annotations.Empty, row => (ValueGetter<int>)((ref int value) => value = float.IsNaN(row.Scores[1]) ? 0 : (int)row.Scores[1])),
        new("Perplexity", NumberDataViewType.Single, DataViewSchema.Annotations.Empty, row => (ValueGetter<float>)((ref float value) => value = MathF.Exp(-row.Scores[0] / row.Scores[1]))),
    ];

    private static ArgumentOutOfRangeException NotText(string name, string type) => new("textColumnName", $"The text column '{name}' must be text, but is {type}. Name a column that holds a text in each row.");
}
