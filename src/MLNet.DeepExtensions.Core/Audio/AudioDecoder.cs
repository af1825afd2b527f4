namespace MLNet.DeepExtensions;

/// <summary>Recordings from the bytes of WAV files, as samples of one channel at the wanted rate. One thread may use it at a time.</summary>
internal sealed class AudioDecoder(AudioReading settings)
{
    // the files of one set have one rate, as a rule
    private (int From, Resampler Resampler)? last;

    /// <exception cref="InvalidAudioException">The file is missing or holds no whole recording, and the settings do not say to pass over it.</exception>
    public float[] ReadFile(string path) => Guarded(() => Decode(BoundedFile.Read(path, settings.Folder, settings.MaxBytes, Broken($"'{path}'")), $"'{path}'"));

    /// <exception cref="InvalidAudioException">The bytes hold no whole recording, and the settings do not say to pass over it.</exception>
    public float[] ReadBytes(byte[] bytes, string name) => Guarded(() => bytes.Length <= settings.MaxBytes ? Decode(bytes, name) : throw BoundedFile.TooMany(bytes.Length, settings.MaxBytes, Broken(name)));

    private float[] Guarded(Func<float[]> read)
    {
        try
        {
            return read();
        }
        catch (InvalidAudioException) when (settings.Broken == BrokenAudio.Empty)
        {
            return [];
        }
    }

    private float[] Decode(ReadOnlySpan<byte> bytes, string name)
    {
        var format = WaveFormat.Read(bytes, name, out var sound);
        var rate = settings.SampleRate ?? format.SampleRate;
        var frames = sound.Length / format.BytesPerFrame;
        var samples = Resampler.LengthOf(frames, format.SampleRate, rate);
        if (Math.Max(samples, frames) > settings.MaxSamples)
            throw new InvalidAudioException(name, $"has {frames:N0} samples{(samples == frames ? "" : $", {samples:N0} at {rate:N0} Hz")}, more than MaxSamples = {settings.MaxSamples:N0} allows.");
        var mono = WaveSamples.Mono(sound, format);
        if (format.IsFloat && mono.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new InvalidAudioException(name, "holds samples that are no finite numbers.");
        if (format.SampleRate == rate)
            return mono;
        if (last?.From != format.SampleRate)
            last = (format.SampleRate, new Resampler(format.SampleRate, rate));
        return last.Value.Resampler.Apply(mono);
    }

    private static Func<string, Exception?, Exception> Broken(string name) => (reason, inner) => new InvalidAudioException(name, reason, inner);
}
