using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>A data view with forecasts beside its rows. The series are read once, when a cursor first asks for a forecast; forecasts are made in batches when a cursor reaches their rows.</summary>
internal sealed class ForecastDataView : IDataView
{
    private readonly ScoringEngine engine;
    private readonly ForecastTask task;
    private readonly ScoredSchema schema;
    private readonly IDataView source;
    private readonly Lazy<SeriesRows> series;

    public ForecastDataView(ScoringEngine engine, ForecastTask task, ScoredSchema schema, IDataView source)
    {
        (this.engine, this.task, this.schema, this.source) = (engine, task, schema, source);
        series = new Lazy<SeriesRows>(() => new SeriesReader(source, task.Columns, null, () => { }).Read(MissingFeatures.SkipRow, new SkippedRows(), keepPlaces: true));
    }

    // a row's forecast is found by its position
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema.Output;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToList();
        var scores = active.Any(schema.IsOurs) ? new Forecasts(engine, task.Columns, series.Value) : null;
        return new Cursor(schema, scores, source.GetRowCursor(schema.Needed(active)), active);
    }

    // one: a forward pass uses all cores already
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ScoredSchema schema;
        private readonly Forecasts? scores;
        private readonly DataViewRowCursor input;
        private readonly bool[] active;

        public Cursor(ScoredSchema schema, Forecasts? scores, DataViewRowCursor input, IReadOnlyList<DataViewSchema.Column> asked)
        {
            (this.schema, this.scores, this.input) = (schema, scores, input);
            active = new bool[schema.Output.Count];
            foreach (var column in asked)
                active[column.Index] = true;
        }

        public override DataViewSchema Schema => schema.Output;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool MoveNext()
        {
            if (!input.MoveNext())
                return false;
            scores?.MoveTo(input.Position);
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!active[column.Index])
                return Getters.Cast<TValue>(null, column);
            return schema.IsOurs(column) ? Getters.Cast<TValue>(schema.OursAt(column).MakeGetter(scores!), column) : input.GetGetter<TValue>(schema.Input[column.Index]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }

    /// <summary>The forecasts of the rows that a cursor comes to, some rows ahead of it.</summary>
    private sealed class Forecasts : ScoredRow
    {
        private const int FirstBatch = 32;

        private readonly ScoringEngine engine;
        private readonly ForecastColumns columns;
        private readonly SeriesRows series;
        private readonly ScoreRows scores = new();
        private readonly float[] missing;
        private int[] numbers = [];                                 // each row's place among those that were scored; -1 where it has no history
        private long first, current;

        public Forecasts(ScoringEngine engine, ForecastColumns columns, SeriesRows series)
        {
            (this.engine, this.columns, this.series) = (engine, columns, series);
            missing = new float[engine.Task.OutputWidth];
            missing.AsSpan().Fill(float.NaN);
        }

        public override ReadOnlySpan<float> Scores => numbers[current - first] is >= 0 and var number ? scores[number] : missing;

        public void MoveTo(long row)
        {
            if (row >= series.Count)
                throw new InvalidOperationException($"The data has more rows than the {series.Count:N0} that it had when they were read first: it is not the same at every reading.");
            current = row;
            if (row < first + numbers.Length)
                return;
            var size = Math.Min(engine.BatchSize, Math.Max(FirstBatch, numbers.Length * 4));
            (first, numbers) = (row, new int[(int)Math.Min(size, series.Count - row)]);
            var origins = new List<long>(numbers.Length);
            for (var i = 0; i < numbers.Length; i++)
            {
                var place = series.Places is { } places ? places[row + i] : row + i;
                numbers[i] = -1;
                if (!series.HasHistory(place, columns))
                    continue;
                numbers[i] = origins.Count;
                origins.Add(place);
            }
            if (origins.Count > 0)
                engine.Score(WindowRows.InputsOf(series, columns, new ChosenWindows(origins)), scores);
        }
    }
}
