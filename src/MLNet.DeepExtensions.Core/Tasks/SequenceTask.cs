using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>
/// Symbols one after the other, fewer than the network has steps, without saying which step says which (Graves et al. 2006): a vector of keys goes in, of any length;
/// <c>PredictedLabel</c> (a vector of keys) and <c>Score</c> (the probability of each of them) come out.
/// </summary>
[ConfigName("sequence")]
internal sealed record SequenceTask : DeepTask, IValidatableObject
{
    /// <summary>Gets the number of symbols; 0 before the task is fitted.</summary>
    [Range(0, 1 << 24)]
    public int Symbols { get; init; }

    /// <summary>Gets each symbol, or null where the key column names none.</summary>
    public LabelValues? Labels { get; init; }

    // the first is the blank
    public override int OutputWidth => Symbols + 1;

    public override bool IsSequence => true;

    public override OutputActivation Activation => OutputActivation.Softmax;

    public override TargetKind Targets => TargetKind.Sequence;

    public override void CheckLabel(SchemaShape.Column label)
    {
        if (!label.IsKey || label.Kind == SchemaShape.Column.VectorKind.Scalar)
            throw NotKeys(label.Name, label.Describe());
    }

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        var named = label.KeyValuesType();
        yield return SchemaDoors.Column(DefaultNames.PredictedLabel, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.UInt32, isKey: true, PredictedLabelAnnotations.Promise(named));
        yield return SchemaDoors.Column(DefaultNames.Score, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, isKey: false);
    }

    public override DeepTask Fit(DataViewSchema.Column label, OutputForm form)
    {
        var key = KeyOf(label);
        return key.Count is >= 1 and < 1 << 24 ? this with { Symbols = (int)key.Count, Labels = LabelValues.Of(label) }
            : throw new ArgumentOutOfRangeException(nameof(label), $"Label column '{label.Name}' has {key.Count} symbols, but there must be at least 1 and fewer than {1 << 24:N0}. Check what MapValueToKey saw.");
    }

    public override TargetReader ReadTargets(DataViewRow row, DataViewSchema.Column label)
    {
        if (KeyOf(label) is var key && key.Count != (ulong)Symbols)
            throw new ArgumentOutOfRangeException(nameof(label),
                $"Label column '{label.Name}' has {key.Count} symbols here, but {Symbols} in the training set. Put MapValueToKey into the pipeline, so that both sets share one mapping.");
        return new SymbolReader(new IdReader(new FeatureColumn { Name = label.Name, Elements = ElementKind.Int32, Shape = new IdsShape(Symbols + 1), Dimensions = [0], Keys = true }, row, label));
    }

    public override RowStore NewTargetStore(long? expectedRows) => new RaggedStore<int>(1);

    public override IReadOnlyList<OutputColumn> OutputColumns() =>
    [
        new(DefaultNames.PredictedLabel, new VectorDataViewType(new KeyDataViewType(typeof(uint), Symbols)), PredictedLabelAnnotations.Make(Labels), row =>
        {
            var path = new BestPath(OutputWidth);
            return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> value) => Write(path.Read(row.Scores).Symbols, ref value));
        }),
        new(DefaultNames.Score, new VectorDataViewType(NumberDataViewType.Single), new DataViewSchema.Annotations.Builder().ToAnnotations(), row =>
        {
            var path = new BestPath(OutputWidth);
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Write(path.Read(row.Scores).Probabilities, ref value));
        }),
    ];

    /// <summary>Checks what a file says.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Labels is not null && Labels.Values.Count != Symbols)
            yield return new ValidationResult($"there are {Labels.Values.Count} labels for {Symbols} symbols.");
    }

    private static void Write<T>(List<T> symbols, ref VBuffer<T> value)
    {
        var editor = VBufferEditor.Create(ref value, symbols.Count);
        symbols.ToArray().CopyTo(editor.Values);
        value = editor.Commit();
    }

    private static KeyDataViewType KeyOf(DataViewSchema.Column label) => label.Type is VectorDataViewType { ItemType: KeyDataViewType key } ? key : throw NotKeys(label.Name, label.Type.ToString()!);

    private static ArgumentOutOfRangeException NotKeys(string name, string type) => new("label",
        $"Label column '{name}' must be a vector of keys, of any length, but is {type}. Make one of a text: mlContext.Transforms.Text.TokenizeIntoCharactersAsKeys(\"{name}\"), " +
        $"or TokenizeIntoWords and MapValueToKey, before the trainer.");

    /// <summary>Missing symbols may end a label, as in vectors of one length; one in its midst makes the whole label a missing one.</summary>
    private sealed class SymbolReader(IdReader reader) : TargetReader
    {
        private int count;

        public override bool Read()
        {
            reader.Read();
            var symbols = reader.Ids;
            count = symbols.TrimEnd(0).Length;
            return !symbols[..count].Contains(0);
        }

        public override void AddTo(RowStore store) => ((RaggedStore<int>)store).Add(reader.Ids[..count]);
    }
}

/// <summary>Reads symbols off the probabilities of steps: the likeliest at each step, of equal neighbours one, and no blanks.</summary>
internal sealed class BestPath(int width)
{
    public List<uint> Symbols { get; } = [];

    /// <summary>Gets each symbol's highest probability over the steps that say it.</summary>
    public List<float> Probabilities { get; } = [];

    /// <param name="scores">The steps' probabilities, one step after the other; none where one is no number.</param>
    public BestPath Read(ReadOnlySpan<float> scores)
    {
        Symbols.Clear();
        Probabilities.Clear();
        var before = 0;
        for (var step = 0; step < scores.Length; step += width)
        {
            var best = 0;
            for (var symbol = 0; symbol < width; symbol++)
                if (scores[step + symbol] > scores[step + best])
                    best = symbol;
            var probability = scores[step + best];
            if (float.IsNaN(probability))
                continue;
            if (best != 0 && best == before)
                Probabilities[^1] = Math.Max(Probabilities[^1], probability);
            else if (best != 0)
            {
                Symbols.Add((uint)best);
                Probabilities.Add(probability);
            }
            before = best;
        }
        return this;
    }
}
