using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Paths, files' bytes or pictures become pictures: which of them the column holds may differ between training and scoring.</summary>
[ConfigName("read-images")]
internal sealed record ReadImagesStep : RowStep
{
    [Required]
    public required string OutputColumnName { get; init; }

    [Required]
    public required string InputColumnName { get; init; }

    [Required]
    public required ImageReading Reading { get; init; }

    public override string Title => "ReadImages";

    private ImageDataViewType Type => Reading.Height is { } height && Reading.Width is { } width ? new ImageDataViewType(height, width) : new ImageDataViewType();

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape input)
    {
        var column = FeatureColumn.Require(input, InputColumnName, "input");
        var isOne = column.Kind == SchemaShape.Column.VectorKind.Scalar;
        if (!(isOne && (column.ItemType is TextDataViewType or ImageDataViewType) || !isOne && column.ItemType == NumberDataViewType.Byte))
            throw Unfit(column.Describe());
        yield return SchemaDoors.Column(OutputColumnName, SchemaShape.Column.VectorKind.Scalar, Type, isKey: false);
    }

    public override IReadOnlyList<StepColumn> Bind(DataViewSchema input)
    {
        var source = FeatureColumn.Require(input, InputColumnName, "input");
        var decoder = new ImageDecoder(Reading);
        Func<DataViewRow, (Delegate, IDisposable?)> getter = source.Type switch
        {
            TextDataViewType => row => FromPaths(row.GetGetter<ReadOnlyMemory<char>>(source), decoder),
            VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => row => FromBytes(row, row.GetGetter<VBuffer<byte>>(source), decoder),
            ImageDataViewType => row => FromImages(row.GetGetter<MLImage>(source), decoder),
            _ => throw Unfit(source.Type.ToString()!),
        };
        return [new StepColumn(OutputColumnName, Type, null, source, getter)];
    }

    private ArgumentOutOfRangeException Unfit(string type) => new("schema",
        $"Column '{InputColumnName}' must hold paths (text), files' contents (a vector of Byte) or pictures, but is {type}. mlContext.Data.LoadImageFolder makes a column ImagePath of paths.");

    // as ML.NET's own steps do: the picture in the caller's hands before is disposed, and the last one with the cursor
    private static (Delegate, IDisposable?) FromPaths(ValueGetter<ReadOnlyMemory<char>> getter, ImageDecoder decoder)
    {
        ReadOnlyMemory<char> path = default;
        var last = new Last();
        return ((ValueGetter<MLImage>)((ref MLImage image) =>
        {
            image?.Dispose();
            image = null!;
            getter(ref path);
            if (path.Length > 0)
                image = last.Image = decoder.ReadFile(path.ToString());
        }), last);
    }

    private static (Delegate, IDisposable?) FromBytes(DataViewRow row, ValueGetter<VBuffer<byte>> getter, ImageDecoder decoder)
    {
        VBuffer<byte> bytes = default;
        var last = new Last();
        return ((ValueGetter<MLImage>)((ref MLImage image) =>
        {
            image?.Dispose();
            image = null!;
            getter(ref bytes);
            if (bytes.Length > 0)
                image = last.Image = decoder.Decode(bytes.IsDense ? bytes.GetValues() : bytes.DenseValues().ToArray(), $"in row {row.Position}");
        }), last);
    }

    private static (Delegate, IDisposable?) FromImages(ValueGetter<MLImage> getter, ImageDecoder decoder)
    {
        MLImage source = null!;
        var last = new Last();
        return ((ValueGetter<MLImage>)((ref MLImage image) =>
        {
            image?.Dispose();
            image = null!;
            getter(ref source);
            if (source is not null)
                image = last.Image = decoder.Fit(source);
        }), last);
    }

    private sealed class Last : IDisposable
    {
        public MLImage? Image { get; set; }

        public void Dispose() => Image?.Dispose();
    }
}
