using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Paths or files' bytes become samples: which of them the column holds may differ between training and scoring.</summary>
[ConfigName("read-audio")]
internal sealed record ReadAudioStep : RowStep
{
    [Required]
    public required string OutputColumnName { get; init; }

    [Required]
    public required string InputColumnName { get; init; }

    [Required]
    public required AudioReading Reading { get; init; }

    public override string Title => "ReadAudio";

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape input)
    {
        var column = FeatureColumn.Require(input, InputColumnName, "input");
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar ? column.ItemType is not TextDataViewType : column.ItemType != NumberDataViewType.Byte)
            throw Unfit(column.Describe());
        yield return SchemaDoors.Column(OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, isKey: false,
            Reading.SampleRate is null ? null : ColumnNote.SampleRate.Promise());
    }

    public override IReadOnlyList<StepColumn> Bind(DataViewSchema input)
    {
        var source = FeatureColumn.Require(input, InputColumnName, "input");
        Func<DataViewRow, (Delegate, IDisposable?)> getter = source.Type switch
        {
            TextDataViewType => row => (FromPaths(row.GetGetter<ReadOnlyMemory<char>>(source), new AudioDecoder(Reading)), null),
            VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => row => (FromBytes(row, row.GetGetter<VBuffer<byte>>(source), new AudioDecoder(Reading)), null),
            _ => throw Unfit(source.Type.ToString()!),
        };
        return [new StepColumn(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single), Reading.SampleRate is { } rate ? ColumnNote.SampleRate.Write(rate) : null, source, getter)];
    }

    private ArgumentOutOfRangeException Unfit(string type) => new("schema",
        $"Column '{InputColumnName}' must hold paths (text) or files' contents (a vector of Byte), but is {type}. mlContext.Data.LoadAudioFolder makes a column AudioPath of paths.");

    private static ValueGetter<VBuffer<float>> FromPaths(ValueGetter<ReadOnlyMemory<char>> getter, AudioDecoder decoder)
    {
        ReadOnlyMemory<char> path = default;
        return (ref VBuffer<float> samples) =>
        {
            getter(ref path);
            Set(ref samples, path.Length > 0 ? decoder.ReadFile(path.ToString()) : []);
        };
    }

    private static ValueGetter<VBuffer<float>> FromBytes(DataViewRow row, ValueGetter<VBuffer<byte>> getter, AudioDecoder decoder)
    {
        VBuffer<byte> bytes = default;
        return (ref VBuffer<float> samples) =>
        {
            getter(ref bytes);
            Set(ref samples, bytes.Length > 0 ? decoder.ReadBytes([.. bytes.DenseValues()], $"in row {row.Position}") : []);
        };
    }

    private static void Set(ref VBuffer<float> buffer, float[] samples) => buffer = new VBuffer<float>(samples.Length, samples);
}
