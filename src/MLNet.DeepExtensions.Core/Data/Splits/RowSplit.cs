using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>
/// Which part each row of a source belongs to: one byte a row, of which two bits are the part and six are the row's fingerprint.
/// The rows stay in the source. A reading that finds other rows, or the same in another order, stops: it could mix test rows into training.
/// </summary>
internal sealed class RowSplit
{
    public const int Parts = 3;
    private const int PartMask = 0b11;

    private readonly PerRow<byte> marks = new();
    private readonly long[] sizes = new long[Parts];

    private RowSplit(IDataView source, IReadOnlyList<DataViewSchema.Column> checkedColumns) => (Source, CheckedColumns) = (source, checkedColumns);

    public IDataView Source { get; }

    /// <summary>Gets the columns that every reading needs, because the fingerprint is made from them.</summary>
    public IReadOnlyList<DataViewSchema.Column> CheckedColumns { get; }

    public long RowCount => marks.Count;

    /// <summary>Reads the source once and gives every row to a part.</summary>
    public static RowSplit Make(IDataView source, double[] fractions, DataViewSchema.Column? stratification, DataViewSchema.Column? samplingKey, int seed)
    {
        DataViewSchema.Column[] named = [.. stratification is { } a ? [a] : Array.Empty<DataViewSchema.Column>(), .. samplingKey is { } b ? [b] : Array.Empty<DataViewSchema.Column>()];
        var split = new RowSplit(source, RowFingerprint.Choose(source.Schema, named));
        var random = new SeededRandom(seed);
        using var cursor = source.GetRowCursor(split.CheckedColumns);
        var strata = stratification is { } byStratum ? ValueNumbers.Create(cursor, byStratum) : null;
        if (samplingKey is { } byGroup)
            split.AssignGroups(cursor, ValueNumbers.Create(cursor, byGroup), strata, fractions, random);
        else
            split.AssignRows(cursor, strata, fractions, random);
        return split;
    }

    /// <summary>Checks the parts' shares and gets rid of what rounding left over in their sum.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside of [0, 1], or they do not sum to 1 within 1e-6.</exception>
    public static double[] Fractions(double trainFraction, double validationFraction, double testFraction)
    {
        Check(trainFraction, nameof(trainFraction));
        Check(validationFraction, nameof(validationFraction));
        Check(testFraction, nameof(testFraction));
        var sum = trainFraction + validationFraction + testFraction;
        if (Math.Abs(sum - 1) > 1e-6)
            throw new ArgumentOutOfRangeException(nameof(trainFraction), FormattableString.Invariant(
                $"The fractions must sum to 1, but {trainFraction} + {validationFraction} + {testFraction} = {sum:0.######}. Write, for instance, 0.7, 0.2, 0.1; 0 leaves a part empty."));
        return [trainFraction / sum, validationFraction / sum, testFraction / sum];

        static void Check(double fraction, string name)
        {
            if (!(fraction is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"A fraction must be in [0, 1], but {name} is {fraction}."));
        }
    }

    /// <summary>Looks up a column to split by.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that name, or it holds more than one value in a row.</exception>
    public static DataViewSchema.Column? FindColumn(DataViewSchema schema, string? name, string role)
    {
        if (name is null)
            return null;
        var column = FeatureColumn.Require(schema, name, role);
        return column.Type is PrimitiveDataViewType ? column : throw new ArgumentOutOfRangeException($"{role}ColumnName",
            $"The {role} column '{name}' must hold one value in each row (text, a key, a number, a Boolean or a date), but is {column.Type}.");
    }

    public long SizeOf(int part) => sizes[part];

    public int PartOf(long row) => marks[row] & PartMask;

    /// <summary>Stops where the source has other rows than when it was split.</summary>
    /// <exception cref="InvalidOperationException">The row is new, or it is not the one that was there.</exception>
    public void Check(long row, byte fingerprint)
    {
        if (row >= RowCount)
            throw Changed($"has more than the {RowCount:N0} rows");
        if (marks[row] >> 2 != fingerprint)
            throw Changed($"has another row {row:N0} (rows count from 0) than the one");
    }

    /// <summary>Stops where the source has ended too early.</summary>
    public void CheckEnd(long rows)
    {
        if (rows < RowCount)
            throw Changed($"has {rows:N0} rows instead of the {RowCount:N0}");
    }

    // row by row in one sweep: of the rows that a stratum still has, each is as likely to get each place that is left (Knuth, TAOCP 2, 3.4.2, algorithm S)
    private void AssignRows(DataViewRowCursor cursor, ValueNumbers? strata, double[] fractions, SeededRandom random)
    {
        var stratumOf = strata is null ? null : new PerRow<int>();
        List<long> counts = strata is null ? [0] : [];
        var fingerprint = new RowFingerprint(cursor, CheckedColumns);
        while (cursor.MoveNext())
        {
            marks.Add((byte)(fingerprint.Read() << 2));
            var stratum = strata?.Read() ?? 0;
            if (stratum == counts.Count)
                counts.Add(0);
            counts[stratum]++;
            stratumOf?.Add(stratum);
        }
        var places = Apportionment.Share(counts, fractions);
        for (long row = 0; row < RowCount; row++)
        {
            var stratum = stratumOf is null ? 0 : stratumOf[row];
            var ticket = random.Below(counts[stratum]--);
            var part = 0;
            while (ticket >= places[stratum][part])
                ticket -= places[stratum][part++];
            places[stratum][part]--;
            Give(row, part);
        }
    }

    private void AssignGroups(DataViewRowCursor cursor, ValueNumbers groups, ValueNumbers? strata, double[] fractions, SeededRandom random)
    {
        var groupOf = new PerRow<int>();
        var counter = new RowGroups.Counter();
        var fingerprint = new RowFingerprint(cursor, CheckedColumns);
        while (cursor.MoveNext())
        {
            marks.Add((byte)(fingerprint.Read() << 2));
            var group = groups.Read();
            groupOf.Add(group);
            counter.Add(group, strata?.Read() ?? 0);
        }
        var partOf = GroupAssignment.Assign(counter.Count(groups.Count, strata?.Count ?? 1), fractions, random);
        for (long row = 0; row < RowCount; row++)
            Give(row, partOf[groupOf[row]]);
    }

    private void Give(long row, int part)
    {
        marks[row] |= (byte)part;
        sizes[part]++;
    }

    private static InvalidOperationException Changed(string what) => new(
        $"The data {what} that it had when it was split: it is not the same at every reading, so training rows could get into the test set. " +
        "Hold the rows still before the split: mlContext.Data.Cache(data) (which drops image columns), a list instead of an enumerable that is made anew, or ORDER BY in a query.");
}
