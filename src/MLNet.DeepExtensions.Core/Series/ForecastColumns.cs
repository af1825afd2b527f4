using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>The columns of a time series as the training rows have them: how many numbers each kind has.</summary>
internal sealed record ForecastColumns : IValidatableObject
{
    [Required]
    public required ForecastOptions Options { get; init; }

    /// <summary>Gets the name of each target.</summary>
    [Required, MinLength(1)]
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Gets whether the only target is a number and no vector of one.</summary>
    public bool IsScalar { get; init; }

    /// <summary>Gets the numbers of a row that are known ahead, those of the calendar last.</summary>
    [Range(0, 1 << 20)]
    public int Known { get; init; }

    /// <summary>Gets the numbers that a series has.</summary>
    [Range(0, 1 << 20)]
    public int Static { get; init; }

    public int Window => Options.Window;

    public int Horizon => Options.Horizon;

    /// <summary>Finds the columns in the training data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message says what to write.</exception>
    public static ForecastColumns Find(DataViewSchema schema, ForecastOptions options)
    {
        var targets = options.TargetColumns.Select(name => Numbers(schema, name, "target")).ToList();
        FindTime(schema, options);
        FindSeries(schema, options);
        return new ForecastColumns
        {
            Options = options,
            Targets = [.. targets.SelectMany(NamesOf)],
            IsScalar = targets is [{ Type: not VectorDataViewType }],
            Known = options.KnownColumns.Sum(name => WidthOf(Numbers(schema, name, "known"))) + CalendarNumbers.Count(options.Calendar),
            Static = options.StaticColumns.Sum(name => WidthOf(Numbers(schema, name, "static"))),
        };
    }

    /// <summary>Checks that data has what the training data had.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public void Check(DataViewSchema schema)
    {
        var found = Find(schema, Options);
        if (found.Targets.Count != Targets.Count || found.Known != Known || found.Static != Static)
            throw new ArgumentOutOfRangeException(nameof(schema),
                $"The data has {found.Targets.Count} targets, {found.Known} numbers known ahead and {found.Static} of the series, but the model was trained with {Targets.Count}, {Known} and {Static}.");
    }

    /// <summary>Checks the promise of an estimator's schema, which knows no sizes.</summary>
    public static void Check(SchemaShape schema, ForecastOptions options)
    {
        foreach (var (names, role) in new[] { (options.TargetColumns, "target"), (options.KnownColumns, "known"), (options.StaticColumns, "static") })
            foreach (var name in names)
            {
                var column = FeatureColumn.Require(schema, name, role);
                if (column.IsKey || column.Kind == SchemaShape.Column.VectorKind.VariableVector ||
                    (column.Kind == SchemaShape.Column.VectorKind.Scalar ? !NumberReader.Reads(column.ItemType) : column.ItemType != NumberDataViewType.Single))
                    throw NoNumbers(name, role, column.Describe());
            }
        if (options.SeriesColumn is { } series && FeatureColumn.Require(schema, series, "series").Kind != SchemaShape.Column.VectorKind.Scalar)
            throw NoSeries(series, "a vector");
        if (options.TimeColumn is { } time && FeatureColumn.Require(schema, time, "time") is var found && !(found.Kind == SchemaShape.Column.VectorKind.Scalar && IsTime(found.ItemType)))
            throw NoTime(time, found.Describe());
    }

    public static DataViewSchema.Column Numbers(DataViewSchema schema, string name, string role)
    {
        var column = FeatureColumn.Require(schema, name, role);
        return NumberReader.Reads(column.Type) || column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single ? column
            : throw NoNumbers(name, role, column.Type.ToString()!);
    }

    public static DataViewSchema.Column? FindSeries(DataViewSchema schema, ForecastOptions options)
    {
        if (options.SeriesColumn is not { } name)
            return null;
        var column = FeatureColumn.Require(schema, name, "series");
        return column.Type is PrimitiveDataViewType ? column : throw NoSeries(name, column.Type.ToString()!);
    }

    public static DataViewSchema.Column? FindTime(DataViewSchema schema, ForecastOptions options)
    {
        if (options.TimeColumn is not { } name)
            return null;
        var column = FeatureColumn.Require(schema, name, "time");
        return IsTime(column.Type) ? column : throw NoTime(name, column.Type.ToString()!);
    }

    public static int WidthOf(DataViewSchema.Column column) => column.Type is VectorDataViewType vector ? vector.Size : 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsScalar && Targets.Count != 1)
            yield return new ValidationResult($"there are {Targets.Count} targets in one number.");
    }

    public bool Equals(ForecastColumns? other) => other is not null && Options == other.Options && Targets.SequenceEqual(other.Targets) &&
        (IsScalar, Known, Static) == (other.IsScalar, other.Known, other.Static);

    public override int GetHashCode() => HashCode.Combine(Options, Known, Static);

    private static IEnumerable<string> NamesOf(DataViewSchema.Column column) => column.Type is not VectorDataViewType vector ? [column.Name]
        : LabelValues.SlotNamesOf(column) ?? Enumerable.Range(0, vector.Size).Select(slot => $"{column.Name}.{slot}");

    private static bool IsTime(DataViewType type) => type is DateTimeDataViewType or DateTimeOffsetDataViewType;

    private static ArgumentOutOfRangeException NoNumbers(string name, string role, string type) => new("schema",
        $"The {role} column '{name}' must be a number, or a vector of Single of one length, but is {type}. Add mlContext.Transforms.Conversion.MapKeyToVector(\"{name}\") for categories, " +
        $"or mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single), before the trainer.");

    private static ArgumentOutOfRangeException NoSeries(string name, string type) => new("schema",
        $"The series column '{name}' must hold one value in each row (text, a key, a number), but is {type}.");

    private static ArgumentOutOfRangeException NoTime(string name, string type) => new("schema",
        $"The time column '{name}' must be a DateTime or a DateTimeOffset, but is {type}. Load it as DataKind.DateTime, or convert it: mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.DateTime).");
}
