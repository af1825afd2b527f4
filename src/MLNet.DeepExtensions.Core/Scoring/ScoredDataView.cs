using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>A data view with the network's columns, scored when a cursor reaches them.</summary>
internal sealed class ScoredDataView(ScoringEngine engine, ScoredSchema schema, IDataView source) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => schema.Output;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        var input = source.GetRowCursor(schema.Needed(active), rand);
        try
        {
            return active.Any(schema.IsOurs) ? new BatchedCursor(engine, schema, input, active) : new PassingCursor(schema, input);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    // one: a forward pass uses all cores already, and the source's own steps read ahead on theirs
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The source's own rows, for readers who want none of our columns.</summary>
    private sealed class PassingCursor(ScoredSchema schema, DataViewRowCursor input) : DataViewRowCursor
    {
        public override DataViewSchema Schema => schema.Output;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => !schema.IsOurs(column) && input.IsColumnActive(schema.Input[column.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            schema.IsOurs(column) ? Getters.Cast<TValue>(null, column) : input.GetGetter<TValue>(schema.Input[column.Index]);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }
}
