using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>IDX files as a data view: read when a cursor comes, and only the files whose column it asks for.</summary>
internal sealed class IdxDataView : IDataView
{
    private readonly IdxFile features;
    private readonly IdxFile labels;

    public IdxDataView(IdxFile features, IdxFile labels, string featureColumnName, string labelColumnName)
    {
        if (features.Dimensions.Length < 2)
            throw new InvalidDataException($"'{features.Path}' holds one value in each row, as a file of labels does. Give the pictures first, the labels second.");
        if (labels.Dimensions.Length != 1)
            throw new InvalidDataException($"'{labels.Path}' holds {labels.RowBytes} values in each row, as a file of pictures does. Give the pictures first, the labels second.");
        if (features.Rows != labels.Rows)
            throw new InvalidDataException($"'{features.Path}' has {features.Rows} rows, but '{labels.Path}' has {labels.Rows}: they do not belong together.");
        (this.features, this.labels) = (features, labels);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(featureColumnName, new VectorDataViewType(NumberDataViewType.Byte, features.Dimensions[1..]));
        builder.AddColumn(labelColumnName, NumberDataViewType.Byte);
        Schema = builder.ToSchema();
    }

    // gzip has no random access
    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => features.Rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly IdxDataView view;
        private readonly IdxFile.Reader? features;
        private readonly IdxFile.Reader? labels;
        private long position = -1;

        public Cursor(IdxDataView view, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            this.view = view;
            var active = columnsNeeded.Select(column => column.Index).ToHashSet();
            features = active.Contains(0) ? view.features.OpenReader() : null;
            labels = active.Contains(1) ? view.labels.OpenReader() : null;
        }

        public override DataViewSchema Schema => view.Schema;

        public override long Position => position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            if (position >= view.features.Rows || ++position >= view.features.Rows)
            {
                position = view.features.Rows;
                return false;
            }
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)position, 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => (column.Index == 0 ? features : labels) is not null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate? getter = column.Index == 0 && features is not null
                ? (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) =>
                {
                    var row = features.Read(OnRow());
                    var editor = VBufferEditor.Create(ref value, row.Length);
                    row.CopyTo(editor.Values);
                    value = editor.Commit();
                })
                : column.Index == 1 && labels is not null ? (ValueGetter<byte>)((ref byte value) => value = labels.Read(OnRow())[0]) : null;
            return Getters.Cast<TValue>(getter, column);
        }

        protected override void Dispose(bool disposing)
        {
            if (!disposing)
                return;
            features?.Dispose();
            labels?.Dispose();
        }

        private long OnRow() => position >= 0 && position < view.features.Rows ? position
            : throw new InvalidOperationException("The cursor stands on no row: call MoveNext first, and stop when it returns false.");
    }
}
