using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Which token stands where one is hidden (Devlin et al. 2018): a text goes in, and there is no label; for each mask in the text <c>PredictedLabel</c> (a vector of keys whose values are the vocabulary)
/// and <c>Score</c> (the probability of each of them) come out.
/// </summary>
[ConfigName("masked-tokens")]
internal sealed record MaskedTokensTask : DeepTask, IValidatableObject
{
    /// <summary>Gets how tokens are hidden in training.</summary>
    [Required]
    public TokenMasking Masking { get; init; } = new();

    /// <summary>Gets the token that hides others; 0 before the task is fitted.</summary>
    [Range(0, 1 << 24)]
    public int MaskToken { get; init; }

    /// <summary>Gets whether special tokens in a text are read by those who go on from this network, too; it reads them itself.</summary>
    public bool ReadsSpecialTokens { get; init; }

    /// <summary>Gets the vocabulary as it is written; null before the task is fitted.</summary>
    public LabelValues? Labels { get; init; }

    public override int OutputWidth => Labels?.Values.Count ?? 0;

    public override bool IsSequence => true;

    public override OutputActivation Activation => OutputActivation.Softmax;

    public override TargetKind Targets => TargetKind.ClassPerStep;

    public override int? AskedToken => MaskToken;

    /// <summary>The task with a vocabulary.</summary>
    public MaskedTokensTask With(TextTokenizer tokenizer) => this with
    {
        MaskToken = tokenizer.Special.Mask!.Value, ReadsSpecialTokens = tokenizer.ReadsSpecialTokens,
        Labels = new LabelValues { Kind = "text", Values = [.. Enumerable.Range(0, tokenizer.Count).Select(tokenizer.Encoder.TokenOf)] },
    };

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || label.ItemType is not TextDataViewType)
            throw NotText(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        yield return SchemaDoors.Column(DefaultNames.PredictedLabel, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.UInt32, isKey: true, PredictedLabelAnnotations.Promise(TextDataViewType.Instance));
        yield return SchemaDoors.Column(DefaultNames.Score, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, isKey: false);
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form) => label.Type is TextDataViewType ? this : throw NotText(label.Name, label.Type.ToString()!);

    // targets are drawn batch by batch
    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label) => new None();

    public override RowStore NewTargetStore(long? expectedRows) => new RowStore<long>(rowLength: 1, expectedRows);

    // a mask's likeliest token, and its probability
    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(DefaultNames.PredictedLabel, new VectorDataViewType(new KeyDataViewType(typeof(uint), OutputWidth)), PredictedLabelAnnotations.Make(Labels),
            row => (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> value) => Write(row.Scores, 0, token => float.IsNaN(token) ? 0 : (uint)token + 1, ref value))),
        new(DefaultNames.Score, new VectorDataViewType(NumberDataViewType.Single), DataViewSchema.Annotations.Empty,
            row => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Write(row.Scores, 1, probability => probability, ref value))),
    ];

    /// <summary>Checks what a file says.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Labels is not null && MaskToken >= Labels.Values.Count)
            yield return new ValidationResult($"the mask is token {MaskToken} of {Labels.Values.Count}.");
    }

    private static void Write<T>(ReadOnlySpan<float> pairs, int place, Func<float, T> convert, ref VBuffer<T> value)
    {
        var editor = VBufferEditor.Create(ref value, pairs.Length / 2);
        for (var i = 0; i < pairs.Length / 2; i++)
            editor.Values[i] = convert(pairs[2 * i + place]);
        value = editor.Commit();
    }

    private static ArgumentOutOfRangeException NotText(string name, string type) => new("textColumn",
        $"Column '{name}' must be text, since a masked language model learns from texts alone, but is {type}. Name the column of text.");

    private sealed class None : TargetReader
    {
        public override bool Read() => true;

        public override void AddTo(RowStore store) => ((RowStore<long>)store).Add(0);
    }
}
