using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>What ML.NET makes of keys: the values behind them, and indicators.</summary>
internal static class KeyForms
{
    public static StepForm? ToValue(StepOutput step)
    {
        var source = step.Source;
        return HasValues(source) ? new($"Map {step.Output.Name} to values", source, (graph, keys) => Look(graph, source, keys)) : null;
    }

    public static StepForm? ToVector(StepOutput step)
    {
        var source = step.Source;
        if (OnnxTypes.ItemOf(source.Type) is not KeyDataViewType { Count: > 0 and < int.MaxValue } key)
            return null;
        var isCounted = source.Type is VectorDataViewType && StepDoors.Counts((KeyToVectorMappingTransformer)step.Transformer, step.Number);
        // rows of indicators that differ in length have no ONNX form that the steps behind them know
        if (source.Type is VectorDataViewType { IsKnownSize: false } && !isCounted)
            return null;
        return new StepForm($"Map {step.Output.Name} to {(isCounted ? "counts" : "indicators")}", [source], (graph, columns) =>
        {
            var all = graph.Constant([.. Enumerable.Range(1, (int)key.Count).Select(i => (long)i)]);
            var isOne = graph.Cast(graph.Node("Equal", [columns[0].Values.Unsqueeze(-1), all]), OnnxTypes.Float);          // [rows, slots, keys]
            return new ColumnValue(isCounted ? isOne.Sum(1) : isOne.Reshape(0, -1));
        });
    }

    /// <summary>The bits of a key from 0, the highest first; all of them for the missing key.</summary>
    public static StepForm? ToBits(StepOutput step)
    {
        var source = step.Source;
        if (OnnxTypes.ItemOf(source.Type) is not KeyDataViewType { Count: > 0 and < int.MaxValue } key || step.Output.Type is not VectorDataViewType { IsKnownSize: true } vector)
            return null;
        var bits = vector.Dimensions[^1];
        return new StepForm($"Map {step.Output.Name} to bits", source, (graph, keys) =>
        {
            var table = Enumerable.Range(0, (int)key.Count + 1).SelectMany(value => Enumerable.Range(1, bits).Select(bit => (float)((unchecked((uint)value - 1) >> (bits - bit)) & 1))).ToArray();
            return graph.Node("Gather", [graph.Constant(table, (long)key.Count + 1, bits), keys], ("axis", 0L)).Flatten();
        });
    }

    /// <summary>Whether the values behind a column's keys are known, and ONNX has their type.</summary>
    public static bool HasValues(DataViewSchema.Column column) =>
        column.Annotations.Schema.GetColumnOrNull(AnnotationNames.KeyValues)?.Type is VectorDataViewType { IsKnownSize: true, Size: > 0 } values && OnnxTypes.Of(values.ItemType) is not null && values.ItemType is not KeyDataViewType;

    /// <summary>The type of the values behind a column's keys.</summary>
    public static DataViewType ValuesOf(DataViewSchema.Column column) => OnnxTypes.ItemOf(column.Annotations.Schema[AnnotationNames.KeyValues].Type);

    /// <summary>The values behind keys. Behind the missing key stands what ML.NET has there: an empty text, NaN, 0, or false.</summary>
    public static GraphValue Look(OnnxGraph graph, DataViewSchema.Column column, GraphValue keys)
    {
        var item = ValuesOf(column);
        var name = $"{column.Name}.values";
        var table = item is TextDataViewType ? graph.Texts(graph.NameFor(name), Read<ReadOnlyMemory<char>>("".AsMemory()).Select(text => text.ToString()))
            : item == NumberDataViewType.Single ? Numbers(Read(float.NaN))
            : item == NumberDataViewType.Double ? Numbers(Read(double.NaN))
            : item is BooleanDataViewType ? Numbers([.. Read(false).Select(value => value ? (byte)1 : (byte)0)])
            : item == NumberDataViewType.Byte ? Numbers(Read<byte>(0)) : item == NumberDataViewType.SByte ? Numbers(Read<sbyte>(0))
            : item == NumberDataViewType.UInt16 ? Numbers(Read<ushort>(0)) : item == NumberDataViewType.Int16 ? Numbers(Read<short>(0))
            : item == NumberDataViewType.UInt32 ? Numbers(Read<uint>(0)) : item == NumberDataViewType.Int32 ? Numbers(Read(0))
            : item == NumberDataViewType.UInt64 ? Numbers(Read<ulong>(0)) : Numbers(Read(0L));
        return graph.Node("Gather", [table, keys], ("axis", 0L));

        T[] Read<T>(T missing)
        {
            VBuffer<T> values = default;
            column.Annotations.GetValue(AnnotationNames.KeyValues, ref values);
            return [missing, .. values.DenseValues()];
        }

        GraphValue Numbers<T>(T[] values) where T : unmanaged => graph.Initializer(graph.NameFor(name), [values.Length], OnnxTypes.Of(item)!.Value, MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
