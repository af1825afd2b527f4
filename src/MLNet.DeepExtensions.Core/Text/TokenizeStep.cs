using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Texts, or pairs of texts, become the numbers of their tokens, with notes from which a trainer knows what they are.</summary>
[ConfigName("tokenize")]
internal sealed record TokenizeStep : RowStep
{
    [Required]
    public required string OutputColumnName { get; init; }

    [Required]
    public required string InputColumnName { get; init; }

    public string? PairColumnName { get; init; }

    [Required]
    public required TextTokenizer Tokenizer { get; init; }

    [Range(4, 1 << 20)]
    public int MaxTokens { get; init; } = 512;

    public override string Title => "Tokenize";

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape input)
    {
        foreach (var name in Inputs)
            if (FeatureColumn.Require(input, name, "input") is var column && (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType))
                throw Unfit(name, column.Describe());
        // whether there is a separator is known when there is a vocabulary; all that learn one have it or have it not
        yield return SchemaDoors.Column(OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Int32, isKey: false,
            ColumnNote.Promise(Tokenizer.HasSeparator ? [ColumnNote.Categories, ColumnNote.Separator] : [ColumnNote.Categories]));
    }

    public override IReadOnlyList<StepColumn> Bind(DataViewSchema input)
    {
        var (text, pair) = (Source(input, InputColumnName), PairColumnName is null ? (DataViewSchema.Column?)null : Source(input, PairColumnName));
        var encoder = Tokenizer.Encoder;
        var notes = encoder.Special.Separator is { } separator ? new[] { (ColumnNote.Categories, encoder.Count), (ColumnNote.Separator, separator) } : [(ColumnNote.Categories, encoder.Count)];
        return
        [
            new StepColumn(OutputColumnName, new VectorDataViewType(NumberDataViewType.Int32), ColumnNote.Write(notes), text,
                row => (Getter(row.GetGetter<ReadOnlyMemory<char>>(text), pair is { } second ? row.GetGetter<ReadOnlyMemory<char>>(second) : null, encoder), null)) { Beside = pair },
        ];
    }

    /// <summary>Learns the vocabulary, where there is none, from both columns.</summary>
    public override RowStep Fit(IDataView input)
    {
        var columns = Inputs.Select(name => Source(input.Schema, name)).ToList();
        var fitted = Tokenizer.IsFitted ? this : this with { Tokenizer = Tokenizer.Fit(columns.SelectMany(column => input.GetColumn<string>(column))) };
        fitted.Bind(input.Schema);
        return fitted;
    }

    private IEnumerable<string> Inputs => PairColumnName is null ? [InputColumnName] : [InputColumnName, PairColumnName];

    private static DataViewSchema.Column Source(DataViewSchema input, string name) =>
        FeatureColumn.Require(input, name, "input") is { Type: TextDataViewType } column ? column : throw Unfit(name, FeatureColumn.Require(input, name, "input").Type.ToString()!);

    private ValueGetter<VBuffer<int>> Getter(ValueGetter<ReadOnlyMemory<char>> first, ValueGetter<ReadOnlyMemory<char>>? second, TextEncoder encoder)
    {
        var ids = new List<int>();
        ReadOnlyMemory<char> text = default, pair = default;
        return (ref VBuffer<int> tokens) =>
        {
            first(ref text);
            second?.Invoke(ref pair);
            ids.Clear();
            encoder.Encode(text, second is null ? null : pair, MaxTokens, ids);
            var editor = VBufferEditor.Create(ref tokens, ids.Count);
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids).CopyTo(editor.Values);
            tokens = editor.Commit();
        };
    }

    private static ArgumentOutOfRangeException Unfit(string name, string type) => new("schema", $"Column '{name}' must be text, one in each row, but is {type}. Name the column that holds the texts.");
}
