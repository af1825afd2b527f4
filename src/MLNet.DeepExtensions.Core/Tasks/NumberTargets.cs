using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Labels that are numbers or yes and no, one or a vector of them in each row.</summary>
internal static class NumberTargets
{
    /// <summary>Reads the label column of a row as floats; missing where one of them is NaN.</summary>
    public static TargetReader Read(DataViewRow row, DataViewSchema.Column label, int width) => label.Type switch
    {
        VectorDataViewType vector when vector.ItemType == BooleanDataViewType.Instance => new Vector<bool>(row.GetGetter<VBuffer<bool>>(label), width, value => value ? 1 : 0),
        VectorDataViewType => new Vector<float>(row.GetGetter<VBuffer<float>>(label), width, value => value),
        BooleanDataViewType => new Scalar<bool>(row.GetGetter<bool>(label), value => value ? 1 : 0),
        _ => new Scalar<float>(row.GetGetter<float>(label), value => value),
    };

    private sealed class Scalar<T>(ValueGetter<T> getter, Func<T, float> number) : TargetReader
    {
        private T value = default!;

        public override bool Read()
        {
            getter(ref value);
            return !float.IsNaN(number(value));
        }

        public override void AddTo(RowStore store) => ((RowStore<float>)store).Add(number(value));
    }

    private sealed class Vector<T>(ValueGetter<VBuffer<T>> getter, int width, Func<T, float> number) : TargetReader
    {
        private readonly float[] numbers = new float[width];
        private VBuffer<T> values;

        public override bool Read()
        {
            getter(ref values);
            if (values.Length != width)
                return false;
            var i = 0;
            foreach (var value in values.DenseValues())
                numbers[i++] = number(value);
            return !numbers.Any(float.IsNaN);
        }

        public override void AddTo(RowStore store) => ((RowStore<float>)store).Add(new VBuffer<float>(width, numbers));
    }
}
