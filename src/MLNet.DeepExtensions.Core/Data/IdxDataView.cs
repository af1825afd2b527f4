using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>A file of pictures (or other vectors) and one of labels as a data view. A cursor opens only the files whose column it reads.</summary>
internal sealed class IdxDataView : IDataView
{
    private readonly IdxFile features;
    private readonly IdxFile labels;

    public IdxDataView(IdxFile features, IdxFile labels, string featureColumnName, string labelColumnName)
    {
        if (labels.RowDimensions.Length > 0)
            throw new InvalidDataException($"'{labels.Path}', given as the labels, holds {Describe(labels)} in each row, where labels are one number." +
                (features.RowDimensions.Length == 0 ? " Are the two paths swapped? The pictures come first, the labels second." : ""));
        if (features.RowDimensions.Length == 0)
            throw new InvalidDataException($"'{features.Path}', given as the pictures, holds one number in each row, as a file of labels does. Give the pictures first, the labels second.");
        if (features.Rows != labels.Rows)
            throw new InvalidDataException($"'{features.Path}' has {features.Rows:N0} rows, but '{labels.Path}' has {labels.Rows:N0}: they do not belong together.");
        (this.features, this.labels) = (features, labels);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(featureColumnName, new VectorDataViewType(TypeOf(features), features.RowDimensions));
        builder.AddColumn(labelColumnName, TypeOf(labels));
        Schema = builder.ToSchema();
    }

    // gzip has no random access
    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => features.Rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded);

    // one: there is one stream to inflate; what comes after it may split its rows
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static NumberDataViewType TypeOf(IdxFile file) => file.Elements switch
    {
        IdxElement.UInt8 => NumberDataViewType.Byte,
        IdxElement.Int8 => NumberDataViewType.SByte,
        IdxElement.Int16 => NumberDataViewType.Int16,
        IdxElement.Int32 => NumberDataViewType.Int32,
        IdxElement.Single => NumberDataViewType.Single,
        _ => NumberDataViewType.Double,
    };

    private static string Describe(IdxFile file) => string.Join("×", file.RowDimensions) + " numbers";

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly IdxDataView view;
        private readonly IdxReader? features;
        private readonly IdxReader? labels;
        private long position = -1;
        private bool ended;

        public Cursor(IdxDataView view, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            this.view = view;
            foreach (var column in columnsNeeded)
                if (column.Index == 0)
                    features = new IdxReader(view.features);
                else
                    labels = new IdxReader(view.labels);
        }

        public override DataViewSchema Schema => view.Schema;

        public override long Position => position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            if (!ended && ++position < view.features.Rows)
                return true;
            (ended, position) = (true, -1);
            return false;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row, 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => (column.Index == 0 ? features : labels) is not null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var reader = column.Index == 0 ? features : labels;
            return Getters.Cast<TValue>(reader is null ? null : (column.Index == 0 ? view.features : view.labels).Elements switch
            {
                IdxElement.UInt8 => Getter<byte>(reader, column),
                IdxElement.Int8 => Getter<sbyte>(reader, column),
                IdxElement.Int16 => Getter<short>(reader, column),
                IdxElement.Int32 => Getter<int>(reader, column),
                IdxElement.Single => Getter<float>(reader, column),
                _ => Getter<double>(reader, column),
            }, column);
        }

        protected override void Dispose(bool disposing)
        {
            if (!disposing)
                return;
            (ended, position) = (true, -1);
            features?.Dispose();
            labels?.Dispose();
        }

        private long Row => position >= 0 ? position
            : throw new InvalidOperationException("The cursor stands on no row: call MoveNext first, and stop when it returns false.");

        private Delegate Getter<T>(IdxReader reader, DataViewSchema.Column column) where T : unmanaged =>
            column.Type is VectorDataViewType
                ? (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
                {
                    var row = reader.Read<T>(Row);
                    var editor = VBufferEditor.Create(ref value, row.Length);
                    row.CopyTo(editor.Values);
                    value = editor.Commit();
                })
                : (ValueGetter<T>)((ref T value) => value = reader.Read<T>(Row)[0]);
    }
}
