namespace MLNet.DeepExtensions;

/// <summary>The numbers that a spectrum is multiplied by: torchaudio's <c>melscale_fbanks</c> and <c>create_dct</c>, computed in double precision.</summary>
internal static class MelBands
{
    // Slaney's scale: linear up to here, then a factor of 6.4 in 27 steps
    private const double SlaneyBreak = 1000, SlaneyWidth = 200.0 / 3;
    private static readonly double slaneyStep = Math.Log(6.4) / 27;

    /// <summary>Triangles over the frequencies of a transform, each from its lower neighbour's middle to its upper one's.</summary>
    /// <param name="settings">Bands and transform.</param>
    /// <param name="sampleRate">In hertz.</param>
    /// <returns>[frequencies, bands], row by row; frequencies are FftSize / 2 + 1.</returns>
    public static float[] Triangles(MelSpectrogram settings, int sampleRate)
    {
        var frequencies = settings.FftSize / 2 + 1;
        var (low, high) = (ToMel(settings.MinFrequency, settings.Scale), ToMel(settings.MaxFrequency ?? sampleRate / 2, settings.Scale));
        var corners = new double[settings.Mels + 2];
        for (var i = 0; i < corners.Length; i++)
            corners[i] = ToHertz(low + (high - low) * i / (settings.Mels + 1), settings.Scale);
        var triangles = new float[frequencies * settings.Mels];
        for (var frequency = 0; frequency < frequencies; frequency++)
        {
            // as torchaudio spreads them: from 0 to half of the rate, rounded down
            var hertz = (double)(sampleRate / 2) * frequency / (frequencies - 1);
            for (var band = 0; band < settings.Mels; band++)
            {
                var rising = (hertz - corners[band]) / (corners[band + 1] - corners[band]);
                var falling = (corners[band + 2] - hertz) / (corners[band + 2] - corners[band + 1]);
                var height = settings.DividesByWidth ? 2 / (corners[band + 2] - corners[band]) : 1;
                triangles[frequency * settings.Mels + band] = (float)(height * Math.Max(0, Math.Min(rising, falling)));
            }
        }
        return triangles;
    }

    /// <summary>The first functions of the orthonormal cosine transform, type II.</summary>
    /// <returns>[bands, coefficients], row by row.</returns>
    public static float[] Cosines(int bands, int coefficients)
    {
        var cosines = new float[bands * coefficients];
        for (var band = 0; band < bands; band++)
            for (var k = 0; k < coefficients; k++)
                cosines[band * coefficients + k] = (float)(Math.Cos(Math.PI / bands * (band + 0.5) * k) * Math.Sqrt((k == 0 ? 1.0 : 2.0) / bands));
        return cosines;
    }

    private static double ToMel(double hertz, MelScale scale) => scale == MelScale.Htk ? 2595 * Math.Log10(1 + hertz / 700)
        : hertz < SlaneyBreak ? hertz / SlaneyWidth : SlaneyBreak / SlaneyWidth + Math.Log(hertz / SlaneyBreak) / slaneyStep;

    private static double ToHertz(double mel, MelScale scale) => scale == MelScale.Htk ? 700 * (Math.Pow(10, mel / 2595) - 1)
        : mel < SlaneyBreak / SlaneyWidth ? mel * SlaneyWidth : SlaneyBreak * Math.Exp(slaneyStep * (mel - SlaneyBreak / SlaneyWidth));
}
