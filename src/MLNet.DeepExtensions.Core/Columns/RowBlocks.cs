using System.Runtime.ExceptionServices;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>Some consecutive rows of a source.</summary>
internal sealed record RowBlock(TrainingRows Rows);

/// <summary>
/// Reads a source block by block, in its own order: on the calling thread where there is one cursor, else on as many threads as there are cursors.
/// ML.NET hands each cursor of a set whole batches of rows, whose numbers rise: a batch may be given out when no cursor can come with an earlier one.
/// </summary>
internal static class RowBlocks
{
    private const int RowsPerBlock = 256;

    /// <summary>Reads the rows; at least one block comes, if an empty one. The blocks belong to the caller until the next one is asked for.</summary>
    /// <param name="source">What to read.</param>
    /// <param name="skipped">Counts what is left out.</param>
    /// <param name="threads">How many cursors to ask for.</param>
    /// <param name="random">Asks the source for another order, where it can give one.</param>
    /// <param name="everyFewRows">Is called now and then and may throw.</param>
    public static IEnumerable<RowBlock> Read(RowSource source, SkippedRows skipped, int threads, Random? random, Action everyFewRows)
    {
        if (!source.Data.CanShuffle)
            random = null;
        var cursors = threads > 1 && source.IsCostly
            ? source.Data.GetRowCursorSet(source.Columns, threads, random) : [source.Data.GetRowCursor(source.Columns, random)];
        return cursors.Length == 1 ? Read(source, cursors[0], skipped, everyFewRows) : new Parallel(source, cursors, skipped, everyFewRows).Read();
    }

    private static IEnumerable<RowBlock> Read(RowSource source, DataViewRowCursor cursor, SkippedRows skipped, Action everyFewRows)
    {
        using (cursor)
        {
            var reader = source.Read(cursor, skipped);
            var rows = reader.NewRows(RowsPerBlock);
            while (AudioFailure.MoveNext(cursor))
            {
                if (cursor.Position % RowsPerBlock == 0)
                    everyFewRows();
                if (!reader.Read())
                    continue;
                reader.AddTo(rows);
                if (rows.Count < RowsPerBlock)
                    continue;
                yield return new RowBlock(rows);
                rows.Clear();
            }
            yield return new RowBlock(rows);
        }
    }

    private sealed class Parallel(RowSource source, DataViewRowCursor[] cursors, SkippedRows skipped, Action everyFewRows)
    {
        // ML.NET deals out 128 at a time; of large pictures that is much
        private const int RowsPerPart = 32;

        // blocks that wait for an earlier one: enough that no thread rests, few enough that memory stays small
        private readonly int mostReady = 2 * cursors.Length;
        private readonly object gate = new();
        private readonly SortedDictionary<(long Batch, long Part), TrainingRows> ready = [];
        private readonly Stack<TrainingRows> used = [];
        private readonly long[] current = [.. Enumerable.Repeat(long.MinValue, cursors.Length)];  // the batch that each cursor is in
        private (long Batch, Exception Error)? failure;
        private bool stopped;

        public IEnumerable<RowBlock> Read()
        {
            var workers = cursors.Select((cursor, i) => Task.Factory.StartNew(() => Work(cursor, i), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
            try
            {
                var any = false;
                for (TrainingRows? block; (block = Next()) is not null; any = true)
                {
                    yield return new RowBlock(block);
                    block.Clear();
                    lock (gate)
                        used.Push(block);
                }
                if (!any)
                    yield return new RowBlock(source.Kind);
            }
            finally
            {
                lock (gate)
                {
                    stopped = true;
                    Monitor.PulseAll(gate);
                }
                Task.WaitAll(workers);
                foreach (var cursor in cursors)
                    cursor.Dispose();
            }
        }

        private TrainingRows? Next()
        {
            lock (gate)
                while (true)
                {
                    everyFewRows();
                    var earliest = current.Min();
                    if (failure is { } failed && failed.Batch <= earliest)
                        ExceptionDispatchInfo.Throw(failed.Error);
                    if (ready.Count > 0 && ready.First() is var (key, rows) && key.Batch <= earliest)
                    {
                        ready.Remove(key);
                        Monitor.PulseAll(gate);
                        return rows;
                    }
                    if (earliest == long.MaxValue)
                        return failure is { } late ? throw late.Error : null;
                    Monitor.Wait(gate, TimeSpan.FromSeconds(1));
                }
        }

        private void Work(DataViewRowCursor cursor, int number)
        {
            try
            {
                var reader = source.Read(cursor, skipped);
                TrainingRows? rows = null;
                var part = 0L;
                while (AudioFailure.MoveNext(cursor))
                {
                    if (rows is null || cursor.Batch != current[number] || rows.Count == RowsPerPart)
                    {
                        if (!Begin(number, cursor.Batch, part++, rows))
                            return;
                        lock (gate)
                            rows = used.TryPop(out var old) ? old : null;
                        rows ??= reader.NewRows(RowsPerPart);
                    }
                    if (reader.Read())
                        reader.AddTo(rows);
                }
                Begin(number, long.MaxValue, part, rows);
            }
            catch (Exception e)
            {
                lock (gate)
                {
                    var batch = current[number];
                    if (failure is null || failure.Value.Batch > batch)
                        failure = (batch, e);
                    current[number] = long.MaxValue;
                    Monitor.PulseAll(gate);
                }
            }
        }

        // hands over the batch before, and waits until there is room for the next one; who has the earliest batch goes on as soon as nothing can be given out without it
        private bool Begin(int number, long batch, long part, TrainingRows? before)
        {
            lock (gate)
            {
                if (before is not null)
                    ready.Add((current[number], part), before);
                current[number] = batch;
                Monitor.PulseAll(gate);
                while (!stopped && ready.Count >= mostReady && (current.Min() < batch || ready.First().Key.Batch <= current.Min()))
                    Monitor.Wait(gate);
                return !stopped;
            }
        }
    }
}
