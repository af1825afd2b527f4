using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>
/// Pulls a batch of rows ahead, keeps the columns that were asked for, scores all rows in one forward pass, and hands the rows out one by one.
/// The first batches are small, so that whoever looks at a few rows does not wait for many.
/// </summary>
internal sealed class BatchedCursor : DataViewRowCursor
{
    private const int FirstBatch = 32;

    private readonly ScoringEngine engine;
    private readonly ScoredSchema schema;
    private readonly DataViewRowCursor input;
    private readonly InputReader reader;
    private readonly ValueGetter<DataViewRowId> idGetter;
    private readonly ColumnBuffer?[] columns;               // by output index; null where not asked for or ours
    private readonly ColumnBuffer[] activeColumns;
    private readonly bool[] active;
    private readonly CurrentRow scored;

    private InputRows? rows;
    private bool isLent;
    private readonly ScoreRows scores = new();
    private bool[] readable = [];
    private DataViewRowId[] ids = [];
    private long[] batches = [];
    private int capacity;
    private long scoredRows;
    private int count;
    private int current = -1;
    private long position = -1;
    private bool ended;
    private Activity? activity;

    public BatchedCursor(ScoringEngine engine, ScoredSchema schema, DataViewRowCursor input, IReadOnlyList<DataViewSchema.Column> asked)
    {
        (this.engine, this.schema, this.input) = (engine, schema, input);
        reader = new InputReader(engine.Features, input, schema.Features);
        idGetter = input.GetIdGetter();
        active = new bool[schema.Output.Count];
        columns = new ColumnBuffer?[schema.Output.Count];
        foreach (var column in asked)
        {
            active[column.Index] = true;
            if (!schema.IsOurs(column))
                columns[column.Index] ??= ColumnBuffer.Create(input, schema.Input[column.Index]);
        }
        activeColumns = [.. columns.OfType<ColumnBuffer>()];
        scored = new CurrentRow(this);
    }

    public override DataViewSchema Schema => schema.Output;

    public override long Position => position;

    public override long Batch => current >= 0 && current < count ? batches[current] : 0;

    public override bool MoveNext()
    {
        if (++current >= count && !Fill())
        {
            position = -1;
            return false;
        }
        position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = ids[Row];

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var getter = !active[column.Index] ? null
            : schema.IsOurs(column) ? schema.OursAt(column).MakeGetter(scored)
            : columns[column.Index]!.MakeGetter(() => Row);
        return Getters.Cast<TValue>(getter, column);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var column in activeColumns)
            column.Dispose();
        input.Dispose();
        if (Interlocked.Exchange(ref rows, null) is { } spare && (isLent || capacity == engine.BatchSize))
            engine.GiveBack(spare);
        activity?.SetTag(DeepTelemetry.ModelTag, engine.Name).SetTag(DeepTelemetry.RowsTag, scoredRows).StopAside();
    }

    private int Row => current >= 0 && current < count ? current : throw new InvalidOperationException("The cursor stands on no row: call MoveNext first, and stop when it returns false.");

    private bool Fill()
    {
        current = count = 0;
        if (ended)
            return false;
        if (capacity == 0)
            activity = DeepTelemetry.StartAside(DeepTelemetry.TransformActivity);
        Grow();
        rows!.Clear();
        var held = 0L;
        while (count < capacity && held < ColumnBuffer.MaxHeldBytes)
        {
            if (!AudioFailure.MoveNext(input))
            {
                ended = true;
                break;
            }
            readable[count] = reader.AddTo(rows);
            idGetter(ref ids[count]);
            batches[count] = input.Batch;
            foreach (var column in activeColumns)
                held += column.Read(count);
            count++;
        }
        if (count > 0)
            engine.ScoreObserved(rows, count, scores);
        scoredRows += count;
        for (var row = 0; row < count; row++)
            if (!readable[row])
                scores.SetMissing(row);
        return count > 0;
    }

    private void Grow()
    {
        var most = engine.BatchSize;
        if (capacity == most)
            return;
        capacity = Math.Min(most, Math.Max(FirstBatch, capacity * 4));
        if (rows is null && engine.TakeSpareRows() is { } spare)
            (rows, isLent) = (spare, true);
        else if (!isLent)
            rows = reader.NewRows(capacity);
        readable = new bool[capacity];
        ids = new DataViewRowId[capacity];
        batches = new long[capacity];
        foreach (var column in activeColumns)
            column.Resize(capacity);
    }

    private sealed class CurrentRow(BatchedCursor cursor) : ScoredRow
    {
        public override ReadOnlySpan<float> Scores => cursor.scores[cursor.Row];
    }
}
