using System.Collections;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace MLNet.DeepExtensions.Interop;

/// <summary>What ML.NET's fitted steps learnt or were told and do not say. Two of its assemblies are not compiled against open copies: reflection reads their fields.</summary>
internal static class StepDoors
{
    /// <summary>Which of its columns a step that makes each of one other makes under a name, and of what.</summary>
    public static (int Number, string Source) PairOf(OneToOneTransformerBase step, string output)
    {
        var pairs = step.ColumnPairs;
        var number = Array.FindLastIndex(pairs, pair => pair.outputColumnName == output);
        return (number, pairs[number].inputColumnName);
    }

    /// <summary>The columns that are put together into one, in their order.</summary>
    public static IReadOnlyList<string> SourcesOf(ColumnConcatenatingTransformer step, string output) =>
        step.Columns.Last(column => column.outputColumnName == output).inputColumnNames;

    /// <summary>The values that become keys, in the keys' order, which text beside the column need not say; null where they are of another type.</summary>
    public static IReadOnlyList<T>? TermsOf<T>(ValueToKeyMappingTransformer step, int column)
    {
        if (step.GetTermMap(column) is not ValueToKeyMappingTransformer.TermMap<T> map)
            return null;
        VBuffer<T> terms = default;
        map.GetTerms(ref terms);
        return [.. terms.DenseValues()];
    }

    /// <summary>Whether a vector of keys becomes one vector of counts, and not an indicator for each.</summary>
    public static bool Counts(KeyToVectorMappingTransformer step, int column) => step.Columns.ElementAt(column).OutputCountVector;

    /// <summary>What stands in the place of a missing value: one for all slots, or an array with one for each.</summary>
    public static object ReplacementOf(MissingValueReplacingTransformer step, int column) => ((object[])Read(step, "_repValues"))[column];

    /// <summary>The steps that one-hot encoding is made of.</summary>
    public static IEnumerable<ITransformer> StepsOf(OneHotEncodingTransformer step) => (IEnumerable<ITransformer>)Read(step, "_transformer");

    /// <summary>The step that is left of selecting features; its type is hidden.</summary>
    public static Type SlotsDropping => typeof(SlotsDroppingTransformer);

    /// <summary>The slots that such a step keeps of so many.</summary>
    public static long[] KeptOf(ITransformer step, int column, int slots)
    {
        var dropping = (SlotsDroppingTransformer)step;
        var dropped = dropping.SlotsMin[column].Zip(dropping.SlotsMax[column]).ToList();
        return [.. Enumerable.Range(0, slots).Where(slot => !dropped.Any(range => slot >= range.First && slot <= range.Second)).Select(slot => (long)slot)];
    }

    /// <summary>How a row is brought to length 1, or another measure.</summary>
    public static RowNorm NormOf(LpNormNormalizingTransformer step, int column)
    {
        var options = ((IList)Read(step, "_columns"))[column]!;
        return new RowNorm(Of<Enum>("Norm").ToString(), Of<bool>("EnsureZeroMean"), Of<float>("Scale"));

        T Of<T>(string name) => (T)options.GetType().GetField(name)!.GetValue(options)!;
    }

    /// <summary>How pixels become numbers.</summary>
    public static PixelLayout LayoutOf(ImagePixelExtractingTransformer step, int column)
    {
        var options = ((IList)Read(step, "_columns"))[column]!;
        return new PixelLayout(Of<Enum>("OrderOfExtraction").ToString(), (byte)Of<object>("ColorsToExtract"), Of<bool>("InterleavePixelColors"), Of<float>("OffsetImage"), Of<float>("ScaleImage"));

        T Of<T>(string name) => (T)options.GetType().GetField(name)!.GetValue(options)!;
    }

    private static object Read(ITransformer step, string field) => step.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(step)!;
}

/// <summary>How ML.NET's NormalizeLpNorm and NormalizeGlobalContrast measure a row.</summary>
/// <param name="Measure">L1, L2, Infinity or StandardDeviation.</param>
/// <param name="IsCentred">Whether the row's mean is subtracted before.</param>
/// <param name="Scale">What the measure becomes.</param>
internal sealed record RowNorm(string Measure, bool IsCentred, float Scale);

/// <summary>How ML.NET's ExtractPixels writes a picture.</summary>
/// <param name="Order">The letters of the colours in their order, such as ARGB.</param>
/// <param name="Colors">Which of them are taken: 1 alpha, 2 red, 4 green, 8 blue.</param>
/// <param name="IsInterleaved">Whether a pixel's colours are neighbours: [height, width, colours], else [colours, height, width].</param>
/// <param name="Offset">What is subtracted of a byte.</param>
/// <param name="Scale">What the rest is multiplied by.</param>
internal sealed record PixelLayout(string Order, int Colors, bool IsInterleaved, float Offset, float Scale)
{
    /// <summary>For each place of a pixel, which of red (0), green (1) and blue (2) stands there; null where transparency is taken, too.</summary>
    public long[]? Channels => (Colors & 1) != 0 ? null
        : [.. Order.Where(letter => letter != 'A' && (Colors & (letter == 'R' ? 2 : letter == 'G' ? 4 : 8)) != 0).Select(letter => (long)"RGB".IndexOf(letter, StringComparison.Ordinal))];
}
