using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>ML.NET's ConvertType between types of which the second holds whatever the first does. Where numbers would be cut, or are read out of text, the step stays outside.</summary>
internal static class ConvertingForm
{
    private static readonly DataViewType[] signed = [NumberDataViewType.SByte, NumberDataViewType.Int16, NumberDataViewType.Int32, NumberDataViewType.Int64];
    private static readonly DataViewType[] unsigned = [NumberDataViewType.Byte, NumberDataViewType.UInt16, NumberDataViewType.UInt32, NumberDataViewType.UInt64];

    public static StepForm? Of(StepOutput step)
    {
        var source = step.Source;
        var (from, to) = (OnnxTypes.ItemOf(source.Type), OnnxTypes.ItemOf(step.Output.Type));
        return IsWritten(from, to) ? new($"Convert {step.Output.Name} to {to}", source, (graph, x) => graph.Cast(x, OnnxTypes.Of(to)!.Value)) : null;
    }

    private static bool IsWritten(DataViewType from, DataViewType to) => IsNumber(from) && IsNumber(to) &&
        (from.Equals(to) || to is BooleanDataViewType || OnnxTypes.IsReal(to) || from is BooleanDataViewType || Widens(signed, from, to) || Widens(unsigned, from, to));

    private static bool IsNumber(DataViewType type) => type is NumberDataViewType or BooleanDataViewType && OnnxTypes.Of(type) is not null;

    private static bool Widens(DataViewType[] family, DataViewType from, DataViewType to) => Array.IndexOf(family, from) is >= 0 and var small && Array.IndexOf(family, to) >= small;
}
