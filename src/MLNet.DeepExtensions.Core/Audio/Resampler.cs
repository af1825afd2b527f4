using System.Numerics;

namespace MLNet.DeepExtensions;

/// <summary>
/// Changes the number of samples in a second by windowed sinc interpolation (J. O. Smith, "Digital audio resampling"), with the numbers of torchaudio's <c>resample</c>: six zero crossings
/// on each side, a Hann window, frequencies up to 0.99 of the lower rate's half.
/// </summary>
/// <remarks>Weights that are nothing are not kept, so that rates without a common factor cost no more memory than others.</remarks>
internal sealed class Resampler
{
    private const int ZeroCrossings = 6;
    private const double Rolloff = 0.99;

    private readonly int from, to, taps;
    private readonly int[] starts;                      // where each phase's weights begin, relative to its period
    private readonly float[] weights;                   // [phases, taps]

    public Resampler(int from, int to)
    {
        var common = (int)BigInteger.GreatestCommonDivisor(from, to);
        (this.from, this.to) = (from / common, to / common);
        var cutoff = Math.Min(this.from, this.to) * Rolloff;
        var reach = (int)Math.Ceiling(ZeroCrossings * this.from / cutoff);
        taps = 2 * reach + 2;
        (starts, weights) = (new int[this.to], new float[checked(this.to * taps)]);
        for (var phase = 0; phase < this.to; phase++)
        {
            starts[phase] = (int)((long)phase * this.from / this.to) - reach;
            for (var tap = 0; tap < taps; tap++)
            {
                var time = ((double)(starts[phase] + tap) / this.from - (double)phase / this.to) * cutoff;
                if (Math.Abs(time) >= ZeroCrossings)
                    continue;
                var window = Math.Pow(Math.Cos(time * Math.PI / ZeroCrossings / 2), 2);
                var sinc = time == 0 ? 1 : Math.Sin(Math.PI * time) / (Math.PI * time);
                weights[phase * taps + tap] = (float)(sinc * window * cutoff / this.from);
            }
        }
    }

    /// <summary>The samples that so many become.</summary>
    public static long LengthOf(long samples, int from, int to) => from == to ? samples : (long)(((Int128)samples * to + from - 1) / from);

    /// <summary>Resamples; before the first and after the last sample is silence.</summary>
    public float[] Apply(ReadOnlySpan<float> samples)
    {
        var result = new float[LengthOf(samples.Length, from, to)];
        var (period, phase) = (0L, 0);
        for (var i = 0; i < result.Length; i++)
        {
            var start = period + starts[phase];
            var (first, last) = ((int)Math.Max(0, -start), (int)Math.Min(taps, samples.Length - start));
            var sum = 0f;
            if (last > first)
            {
                var heard = samples.Slice((int)(start + first), last - first);
                var weight = weights.AsSpan(phase * taps + first, last - first);
                for (var tap = 0; tap < heard.Length; tap++)
                    sum += heard[tap] * weight[tap];
            }
            result[i] = sum;
            if (++phase == to)
                (phase, period) = (0, period + from);
        }
        return result;
    }
}
