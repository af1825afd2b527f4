using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>The rows of one part of a split, with all columns as the source has them.</summary>
internal sealed class SplitPart(RowSplit split, int part) : IDataView
{
    // the parts are known by position, which a shuffled reading does not tell
    public bool CanShuffle => false;

    public IDataView Source => split.Source;

    public DataViewSchema Schema => split.Source.Schema;

    public long? GetRowCount() => split.SizeOf(part);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(split, part, [.. columnsNeeded]);

    // one, for the same reason; the steps before it may work in parallel and put their rows in order, those after it may share them out
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly RowSplit split;
        private readonly int part;
        private readonly DataViewRowCursor input;
        private readonly RowFingerprint fingerprint;
        private readonly bool[] active;
        private long row = -1;
        private long position = -1;
        private bool ended;

        public Cursor(RowSplit split, int part, DataViewSchema.Column[] asked)
        {
            (this.split, this.part) = (split, part);
            active = new bool[split.Source.Schema.Count];
            foreach (var column in asked)
                active[column.Index] = true;
            input = split.Source.GetRowCursor(asked.Concat(split.CheckedColumns).DistinctBy(column => column.Index));
            fingerprint = new RowFingerprint(input, split.CheckedColumns);
        }

        public override DataViewSchema Schema => split.Source.Schema;

        public override long Position => position;

        public override long Batch => input.Batch;

        public override bool MoveNext()
        {
            while (!ended && input.MoveNext())
            {
                split.Check(++row, row < split.RowCount ? fingerprint.Read() : (byte)0);
                if (split.PartOf(row) != part)
                    continue;
                position++;
                return true;
            }
            if (!ended)
                split.CheckEnd(row + 1);
            (ended, position) = (true, -1);
            return false;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            active[column.Index] ? input.GetGetter<TValue>(column) : Getters.Cast<TValue>(null, column);

        protected override void Dispose(bool disposing)
        {
            if (!disposing)
                return;
            (ended, position) = (true, -1);
            input.Dispose();
        }
    }
}
