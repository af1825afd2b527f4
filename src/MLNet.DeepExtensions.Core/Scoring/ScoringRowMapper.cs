using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Scores one row at a time, as a prediction engine asks: a batch of one.</summary>
internal sealed class ScoringRowMapper(ScoringEngine engine, ScoredSchema schema) : IRowToRowMapper
{
    public DataViewSchema InputSchema => schema.Input;

    public DataViewSchema OutputSchema => schema.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => schema.Needed(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new MappedRow(engine, schema, input, activeColumns);

    private sealed class MappedRow : DataViewRow
    {
        private readonly ScoredSchema schema;
        private readonly DataViewRow input;
        private readonly bool[] active;
        private readonly SingleRow? scores;

        public MappedRow(ScoringEngine engine, ScoredSchema schema, DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            this.schema = schema;
            this.input = input;
            active = new bool[schema.Output.Count];
            foreach (var column in activeColumns)
                active[column.Index] = true;
            if (active.AsSpan(schema.Input.Count).Contains(true))
                scores = new SingleRow(engine, schema, input);
        }

        public override DataViewSchema Schema => schema.Output;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!schema.IsOurs(column))
                return input.GetGetter<TValue>(schema.Input[column.Index]);
            return Getters.Cast<TValue>(active[column.Index] ? schema.OursAt(column).MakeGetter(scores!) : null, column);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }

    /// <summary>The scores of the row that the input stands on; computed once, however many columns ask.</summary>
    private sealed class SingleRow(ScoringEngine engine, ScoredSchema schema, DataViewRow input) : ScoredRow
    {
        private readonly InputReader reader = new(engine.Features, input, schema.Features);
        private readonly ScoreRows scores = new();
        private InputRows? row;
        private long position = -1;

        public override ReadOnlySpan<float> Scores
        {
            get
            {
                if (position != input.Position || position < 0)
                {
                    row ??= reader.NewRows(1);
                    row.Clear();
                    var readable = reader.AddTo(row);
                    engine.ScoreObserved(row, 1, scores);
                    if (!readable)
                        scores.SetMissing(0);
                    position = input.Position;
                }
                return scores[0];
            }
        }
    }
}

internal static class Getters
{
    public static ValueGetter<TValue> Cast<TValue>(Delegate? getter, DataViewSchema.Column column) => getter as ValueGetter<TValue> ??
        throw new InvalidOperationException(getter is null
            ? $"Column '{column.Name}' was not asked for when the cursor was opened."
            : $"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
}
