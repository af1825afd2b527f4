using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// How many symbols must be changed, added or taken away (Levenshtein 1966) to make the targets of what the steps say, for each symbol of the targets:
/// with characters for symbols the character error rate, with words the word error rate. It may exceed 1. Reading the steps waits for the device.
/// </summary>
[ConfigName("symbol-error-rate")]
public sealed record SymbolErrorRate : MetricConfig
{
    /// <inheritdoc/>
    public override TargetKind Targets => TargetKind.Sequence;

    /// <inheritdoc/>
    public override Metric Build(int outputs, Device device) => new Rate();

    private sealed class Rate : Metric
    {
        private double edits;
        private double symbols;

        public override string Name => "symbol error rate";

        public override bool HigherIsBetter => false;

        public override double Value => symbols > 0 ? edits / symbols : double.NaN;

        public override void Update(Tensor output, Tensor target, Tensor? weight)
        {
            using var scope = NewDisposeScope();
            var (steps, longest) = ((int)output.shape[1], (int)target.shape[1]);
            var likeliest = output.argmax(2).cpu().contiguous().data<long>().ToArray();
            var wanted = target.to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();
            var weights = weight?.cpu().data<float>().ToArray();
            for (var row = 0; row < output.shape[0]; row++)
            {
                var right = wanted.AsSpan(row * longest, longest).TrimEnd(0);
                var counts = weights?[row] ?? 1;
                edits += counts * Edits(Collapse(likeliest.AsSpan(row * steps, steps)), right);
                symbols += counts * right.Length;
            }
        }

        public override void Reset() => (edits, symbols) = (0, 0);

        public override void SaveState(SavedState saved) => (saved["edits"], saved["symbols"]) = (edits, symbols);

        public override void LoadState(SavedState saved) => (edits, symbols) = (saved["edits"], saved["symbols"]);

        // of equal neighbours one, and no blanks
        private static List<long> Collapse(ReadOnlySpan<long> steps)
        {
            var said = new List<long>();
            var before = 0L;
            foreach (var step in steps)
            {
                if (step != 0 && step != before)
                    said.Add(step);
                before = step;
            }
            return said;
        }

        private static int Edits(List<long> said, ReadOnlySpan<long> right)
        {
            var costs = Enumerable.Range(0, right.Length + 1).ToArray();
            for (var i = 1; i <= said.Count; i++)
            {
                var diagonal = costs[0];
                costs[0] = i;
                for (var j = 1; j <= right.Length; j++)
                    (diagonal, costs[j]) = (costs[j], Math.Min(Math.Min(costs[j], costs[j - 1]) + 1, diagonal + (said[i - 1] == right[j - 1] ? 0 : 1)));
            }
            return costs[^1];
        }
    }
}
