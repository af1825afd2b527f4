using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting.Pipelines;

/// <summary>A pipeline as an ONNX graph, loaded as strictly as ONNX Runtime can, beside the pipeline itself.</summary>
internal sealed class Converted : IDisposable
{
    private readonly ITransformer model;
    private readonly InferenceSession session;

    public Converted(MLContext ml, ITransformer model, DataViewSchema schema)
    {
        this.model = model;
        using var stream = new MemoryStream();
        Conversion = ml.Model.ConvertToDeepOnnx(model, schema, stream);
        Bytes = stream.ToArray();
        File = ModelProto.Parser.ParseFrom(Bytes);
        session = Strict(Bytes);
        Assert.Equal(Conversion.Inputs.Select(column => column.Name), session.InputNames);
        Assert.Equal(Conversion.Outputs.Select(column => column.Name), session.OutputNames);
    }

    public byte[] Bytes { get; }

    public ModelProto File { get; }

    public OnnxConversion Conversion { get; }

    /// <summary>A session that takes nothing on trust.</summary>
    public static InferenceSession Strict(byte[] graph)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.strict_shape_type_inference", "1");
        return new InferenceSession(graph, options);
    }

    public IReadOnlyDictionary<string, DisposableNamedOnnxValue> Run(params IReadOnlyCollection<NamedOnnxValue> inputs) => session.Run([.. inputs]).ToDictionary(value => value.Name);

    /// <summary>Runs rows through both, and compares each column that comes out.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="tolerance">How far a number may be off, relative to it or to 1.</param>
    /// <param name="ofSteps">Inputs that are columns which steps made, where the data has some of that name, too.</param>
    /// <returns>How many values were compared.</returns>
    public int AssertSame(IDataView data, double tolerance = 1e-5, params IReadOnlyList<string> ofSteps)
    {
        var scored = model.Transform(data);
        var inputs = Conversion.Inputs.Where(input => !input.Name.EndsWith(".lengths", StringComparison.Ordinal)).SelectMany(input =>
            Feed(input, data.Schema.GetColumnOrNull(input.Name) is not null && !ofSteps.Contains(input.Name) ? data : scored)).ToList();
        var outputs = Run(inputs);
        return Conversion.Outputs.Sum(output => Compare(output, scored, outputs[output.Name], tolerance));
    }

    public void Dispose() => session.Dispose();

    private static IEnumerable<NamedOnnxValue> Feed(OnnxColumn input, IDataView view)
    {
        var column = view.Schema[input.Name];
        var rows = Rows(view, column);
        if (column.Type is VectorDataViewType { IsKnownSize: false })
        {
            var width = input.Shape.Count == 3 ? int.Parse(input.Shape[2], CultureInfo.InvariantCulture) : 1;
            var longest = Math.Max(width, rows.Max(row => row.Length));
            yield return NamedOnnxValue.CreateFromTensor(PortableModel.LengthsOf(input.Name), new DenseTensor<long>(rows.Select(row => (long)row.Length / width).ToArray(), [rows.Count]));
            rows = [.. rows.Select(row => row.Concat(Enumerable.Repeat(Blank(input.Type), longest - row.Length)).ToArray())];
            yield return Tensor(input, rows, input.Shape.Count == 3 ? [rows.Count, longest / width, width] : [rows.Count, longest]);
        }
        else
            yield return Tensor(input, rows, [rows.Count, .. input.Shape.Skip(1).Select(size => int.Parse(size, CultureInfo.InvariantCulture))]);
    }

    private static object Blank(string type) => type switch { "text" => "", "float32" => 0f, "int32" => 0, "uint32" => 0u, _ => throw new NotSupportedException(type) };

    private static NamedOnnxValue Tensor(OnnxColumn input, List<object[]> rows, int[] shape)
    {
        return input.Type switch
        {
            "float32" => Of<float>(), "float64" => Of<double>(), "text" => Of<string>(), "bool" => Of<bool>(), "uint8" => Of<byte>(), "int8" => Of<sbyte>(), "uint16" => Of<ushort>(), "int16" => Of<short>(),
            "int32" => Of<int>(), "uint32" => Of<uint>(), "int64" => Of<long>(), _ => Of<ulong>(),
        };

        NamedOnnxValue Of<T>() => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<T>(rows.SelectMany(row => row).Cast<T>().ToArray(), shape));
    }

    private int Compare(OnnxColumn output, IDataView scored, DisposableNamedOnnxValue actual, double tolerance)
    {
        var column = scored.Schema[output.Name];
        var expected = Rows(scored, column, ofKeys: true).SelectMany(row => row).ToList();
        var values = Values(actual, output.Type);
        Assert.Equal(expected.Count, values.Count);
        Assert.Equal(OnnxTypes.SizesOf(column.Type), Shape(actual, output.Type).Skip(1).Select(size => (long)size));
        foreach (var (one, other) in expected.Zip(values))
            if (one is float or double)
            {
                var (a, b) = (Convert.ToDouble(one, CultureInfo.InvariantCulture), Convert.ToDouble(other, CultureInfo.InvariantCulture));
                Assert.True(double.IsNaN(a) ? double.IsNaN(b) : a.Equals(b) || Math.Abs(a - b) <= tolerance * Math.Max(1, Math.Abs(a)), $"{output.Name}: {a:R} and {b:R}");
            }
            else
                Assert.Equal(one, other);
        return expected.Count;
    }

    public static List<object> Values(NamedOnnxValue value, string type)
    {
        return type switch
        {
            "float32" => Of<float>(), "float64" => Of<double>(), "text" => Of<string>(), "bool" => Of<bool>(), "uint8" => Of<byte>(), "int8" => Of<sbyte>(), "uint16" => Of<ushort>(), "int16" => Of<short>(),
            "int32" => Of<int>(), "uint32" => Of<uint>(), "int64" => Of<long>(), _ => Of<ulong>(),
        };

        List<object> Of<T>() => [.. value.AsTensor<T>().ToArray().Select(item => (object)item!)];
    }

    private static ReadOnlySpan<int> ShapeOf<T>(NamedOnnxValue value) => value.AsTensor<T>().Dimensions;

    private static int[] Shape(NamedOnnxValue value, string type) => type switch
    {
        "float32" => ShapeOf<float>(value).ToArray(), "float64" => ShapeOf<double>(value).ToArray(), "text" => ShapeOf<string>(value).ToArray(), "bool" => ShapeOf<bool>(value).ToArray(),
        "uint8" => ShapeOf<byte>(value).ToArray(), "int32" => ShapeOf<int>(value).ToArray(), "uint32" => ShapeOf<uint>(value).ToArray(), "int64" => ShapeOf<long>(value).ToArray(),
        _ => throw new NotSupportedException(type),
    };

    /// <summary>A column's values as objects; text as string, pictures as RGB bytes, and keys as what stands behind them if that is asked for and known.</summary>
    public static List<object[]> Rows(IDataView view, DataViewSchema.Column column, bool ofKeys = false)
    {
        if (column.Type is Microsoft.ML.Transforms.Image.ImageDataViewType)
            return Pixels(view, column);
        if (ofKeys && KeyForms.HasValues(column))
        {
            view = new MLContext().Transforms.Conversion.MapKeyToValue("the values", column.Name).Fit(view).Transform(view);
            column = view.Schema["the values"];
        }
        var item = column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType;
        var read = typeof(Converted).GetMethod(nameof(Read), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!.MakeGenericMethod(item);
        return (List<object[]>)read.Invoke(null, [view, column])!;
    }

    private static List<object[]> Read<T>(IDataView view, DataViewSchema.Column column)
    {
        var rows = new List<object[]>();
        using var cursor = view.GetRowCursor([column]);
        if (column.Type is VectorDataViewType)
        {
            var getter = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> row = default;
            while (cursor.MoveNext())
            {
                getter(ref row);
                rows.Add([.. row.DenseValues().Select(Plain)]);
            }
            return rows;
        }
        var scalar = cursor.GetGetter<T>(column);
        T value = default!;
        while (cursor.MoveNext())
        {
            scalar(ref value);
            rows.Add([Plain(value)]);
        }
        return rows;

        static object Plain(T value) => value is ReadOnlyMemory<char> text ? text.ToString() : value!;
    }

    private static List<object[]> Pixels(IDataView view, DataViewSchema.Column column)
    {
        var rows = new List<object[]>();
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<MLImage>(column);
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getter(ref image);
            var bytes = Interop.ImageDoors.PixelsOf(image).ToArray();
            var (red, blue) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
            rows.Add([.. Enumerable.Range(0, bytes.Length / 4).SelectMany(i => new object[] { bytes[4 * i + red], bytes[4 * i + 1], bytes[4 * i + blue] })]);
        }
        image.Dispose();
        return rows;
    }
}
