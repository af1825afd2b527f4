using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>
/// What ML.NET expects of every estimator, checked on one of ours: the promised schema is the delivered one in both directions,
/// a saved transformer gives the same schema and values, and one row at a time gives what a cursor gives.
/// </summary>
internal static class EstimatorContract
{
    public static void Check(MLContext ml, IEstimator<ITransformer> estimator, IDataView data, float tolerance = 1e-5f)
    {
        var transformer = estimator.Fit(data);
        var transformed = transformer.Transform(data);

        PromiseIsKept(estimator.GetOutputSchema(SchemaDoors.ShapeOf(data.Schema)), transformed.Schema);
        SameSchema(transformer.GetOutputSchema(data.Schema), transformed.Schema);
        var rows = Read(transformed, transformed.Schema);
        Assert.NotEmpty(rows);
        Assert.Equal(transformed.GetRowCount() ?? rows.Count, rows.Count);

        EachColumnAlone_IsTheSame(transformed, rows, tolerance);
        TwoCursorsAtOnce_AreTheSame(transformed, rows, tolerance);
        RowByRow_IsTheSame(transformer, data, rows, tolerance);
        Same(rows, Read(transformer.Transform(data), transformed.Schema), tolerance, "a second Transform");

        using var file = new MemoryStream();
        ml.Model.Save(transformer, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out var inputSchema);
        SameSchema(data.Schema, inputSchema);
        var reloaded = loaded.Transform(data);
        SameSchema(transformed.Schema, reloaded.Schema);
        Same(rows, Read(reloaded, reloaded.Schema), tolerance: 0, "the loaded model");

        // loaded twice, in two contexts, used side by side
        file.Position = 0;
        var again = new MLContext().Model.Load(file, out _);
        Same(rows, Read(again.Transform(data), again.GetOutputSchema(data.Schema)), tolerance: 0, "the model loaded a second time");

        // saved again, the file says the same
        using var second = new MemoryStream();
        ml.Model.Save(loaded, data.Schema, second);
        second.Position = 0;
        Same(rows, Read(new MLContext().Model.Load(second, out _).Transform(data), transformed.Schema), tolerance: 0, "the model saved twice");

        (again as IDisposable)?.Dispose();
        (loaded as IDisposable)?.Dispose();
        (transformer as IDisposable)?.Dispose();
    }

    private static void PromiseIsKept(SchemaShape promised, DataViewSchema delivered)
    {
        var actual = SchemaDoors.ShapeOf(delivered);
        Assert.Equal(promised.Select(column => column.Name).Order(StringComparer.Ordinal), actual.Select(column => column.Name).Order(StringComparer.Ordinal));
        foreach (var column in promised)
            SameColumn(column, actual.Single(other => other.Name == column.Name), column.Name);
    }

    private static void SameColumn(SchemaShape.Column promised, SchemaShape.Column delivered, string path)
    {
        Assert.True(promised.Kind == delivered.Kind && promised.IsKey == delivered.IsKey && promised.ItemType.Equals(delivered.ItemType),
            $"{path}: promised {promised.Describe()}, delivered {delivered.Describe()}");
        Assert.Equal($"{path}: {Names(promised)}", $"{path}: {Names(delivered)}");
        foreach (var annotation in promised.Annotations)
            SameColumn(annotation, delivered.Annotations.Single(other => other.Name == annotation.Name), $"{path}.{annotation.Name}");

        static string Names(SchemaShape.Column column) => string.Join(" ", column.Annotations.Select(annotation => annotation.Name).Order(StringComparer.Ordinal));
    }

    private static void SameSchema(DataViewSchema expected, DataViewSchema actual) =>
        Assert.Equal(expected.Where(column => !column.IsHidden).Select(Describe), actual.Where(column => !column.IsHidden).Select(Describe));

    private static string Describe(DataViewSchema.Column column) => $"{column.Name}: {column.Type}, " +
        string.Join(", ", column.Annotations.Schema.Select(annotation => $"{annotation.Name} = {AnnotationValue(column.Annotations, annotation)}").Order(StringComparer.Ordinal));

    private static string AnnotationValue(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        var getter = typeof(EstimatorContract).GetMethod(nameof(ReadAnnotation), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
        return (string)getter.MakeGenericMethod(annotation.Type.RawType).Invoke(null, [annotations, annotation])!;
    }

    private static string ReadAnnotation<T>(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        T value = default!;
        annotations.GetGetter<T>(annotation)(ref value);
        return string.Join("|", Values(value).Items);
    }

    private static void EachColumnAlone_IsTheSame(IDataView view, List<object?[]> rows, float tolerance)
    {
        foreach (var column in view.Schema)
            Same([.. rows.Select(row => new[] { row[column.Index] })], Read(view, [column]), tolerance, $"column {column.Name} alone");
    }

    private static void TwoCursorsAtOnce_AreTheSame(IDataView view, List<object?[]> rows, float tolerance)
    {
        using var first = view.GetRowCursor(view.Schema);
        using var second = view.GetRowCursor(view.Schema);
        var readFirst = Readers(first, view.Schema);
        var readSecond = Readers(second, view.Schema);
        foreach (var row in rows)
        {
            Assert.True(first.MoveNext() & second.MoveNext());
            SameRow(row, [.. readFirst.Select(read => read())], tolerance, "the first of two cursors");
            SameRow(row, [.. readSecond.Select(read => read())], tolerance, "the second of two cursors");
        }
    }

    private static void RowByRow_IsTheSame(ITransformer transformer, IDataView data, List<object?[]> rows, float tolerance)
    {
        Assert.True(transformer.IsRowToRowMapper);
        var mapper = transformer.GetRowToRowMapper(data.Schema);
        SameSchema(transformer.GetOutputSchema(data.Schema), mapper.OutputSchema);
        using var cursor = data.GetRowCursor(mapper.GetDependencies(mapper.OutputSchema));
        using var mapped = mapper.GetRow(cursor, mapper.OutputSchema);
        var read = Readers(mapped, mapper.OutputSchema);
        foreach (var row in rows)
        {
            Assert.True(cursor.MoveNext());
            SameRow(row, [.. read.Select(value => value())], tolerance, "one row at a time");
        }
        Assert.False(cursor.MoveNext());
    }

    /// <summary>All rows, the chosen columns in their order.</summary>
    public static List<object?[]> Read(IDataView view, IEnumerable<DataViewSchema.Column> columns)
    {
        var chosen = columns.ToList();
        using var cursor = view.GetRowCursor(chosen);
        var readers = Readers(cursor, chosen);
        var rows = new List<object?[]>();
        while (cursor.MoveNext())
            rows.Add([.. readers.Select(read => read())]);
        return rows;
    }

    private static List<Func<object?>> Readers(DataViewRow row, IEnumerable<DataViewSchema.Column> columns)
    {
        var make = typeof(EstimatorContract).GetMethod(nameof(Reader), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
        return [.. columns.Select(column => (Func<object?>)make.MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column])!)];
    }

    private static Func<object?> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return Values(value);
        };
    }

    private static Value Values<T>(T value)
    {
        if (value is MLImage image)
            return new Value([image.Width, image.Height, .. image.Pixels.ToArray().Select(b => (object)b)]);
        if (typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(VBuffer<>))
        {
            var dense = (System.Collections.IEnumerable)typeof(T).GetMethod("DenseValues")!.Invoke(value, null)!;
            return new Value([.. dense.Cast<object>().Select(Plain)]);
        }
        return new Value([Plain(value!)]);
    }

    // text compares by its letters
    private static object Plain(object value) => value is ReadOnlyMemory<char> text ? text.ToString() : value;

    private static void Same(List<object?[]> expected, List<object?[]> actual, float tolerance, string what)
    {
        Assert.True(expected.Count == actual.Count, $"{what}: {actual.Count} rows instead of {expected.Count}");
        for (var i = 0; i < expected.Count; i++)
            SameRow(expected[i], actual[i], tolerance, $"{what}, row {i}");
    }

    private static void SameRow(object?[] expected, object?[] actual, float tolerance, string what)
    {
        for (var column = 0; column < expected.Length; column++)
        {
            var (a, b) = (((Value)expected[column]!).Items, ((Value)actual[column]!).Items);
            Assert.True(a.Count == b.Count, $"{what}, column {column}: {b.Count} values instead of {a.Count}");
            for (var i = 0; i < a.Count; i++)
            {
                var same = a[i] is float x && b[i] is float y
                    ? x.Equals(y) || Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y)) + tolerance * 1e-2f
                    : a[i].Equals(b[i]);
                Assert.True(same, $"{what}, column {column}, value {i}: {b[i]} instead of {a[i]}");
            }
        }
    }

    private sealed record Value(IReadOnlyList<object> Items);
}
