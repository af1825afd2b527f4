using System.ComponentModel.DataAnnotations;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

/// <summary>Samples become a sequence of steps, computed row by row, by any number of cursors at once.</summary>
internal abstract record SoundStep : RowStep
{
    [Required]
    public required string OutputColumnName { get; init; }

    [Required]
    public required string InputColumnName { get; init; }

    /// <summary>Gets the rate that the settings say; null leaves it to the column.</summary>
    private protected abstract int? SampleRate { get; }

    private protected abstract SoundKernel Kernel(int sampleRate);

    private protected abstract RowStep WithRate(int sampleRate);

    /// <summary>Gets the numbers in a step.</summary>
    private protected abstract int Width { get; }

    public override RowStep Settle(DataViewSchema input) => WithRate(RateOf(Source(input)));

    public override IEnumerable<SchemaShape.Column> Promise(SchemaShape input)
    {
        var column = FeatureColumn.Require(input, InputColumnName, "input");
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.ItemType != NumberDataViewType.Single)
            throw Unfit(column.Describe());
        if (SampleRate is null && !ColumnNote.SampleRate.IsPromised(column))
            throw NoRate();
        yield return SchemaDoors.Column(OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, isKey: false, ColumnNote.StepWidth.Promise());
    }

    public override IReadOnlyList<StepColumn> Bind(DataViewSchema input)
    {
        var source = Source(input);
        var rate = RateOf(source);
        return
        [
            new StepColumn(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single), ColumnNote.StepWidth.Write(Width), source,
                row => Getter(row.GetGetter<VBuffer<float>>(source), Kernel(rate))),
        ];
    }

    private static (Delegate, IDisposable?) Getter(ValueGetter<VBuffer<float>> getter, SoundKernel kernel)
    {
        VBuffer<float> samples = default;
        float[] dense = [];
        return ((ValueGetter<VBuffer<float>>)((ref VBuffer<float> frames) =>
        {
            getter(ref samples);
            var heard = samples.GetValues();
            if (!samples.IsDense)
            {
                Array.Resize(ref dense, samples.Length);
                samples.CopyTo(dense);
                heard = dense;
            }
            var editor = VBufferEditor.Create(ref frames, kernel.StepsOf(heard.Length) * kernel.Width);
            kernel.Compute(heard, editor.Values);
            frames = editor.Commit();
        }), kernel);
    }

    private DataViewSchema.Column Source(DataViewSchema input)
    {
        var source = FeatureColumn.Require(input, InputColumnName, "input");
        return source.Type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Single ? source : throw Unfit(source.Type.ToString()!);
    }

    private int RateOf(DataViewSchema.Column source)
    {
        var noted = ColumnNote.SampleRate.Of(source);
        return SampleRate is { } rate && noted is { } other && rate != other
            ? throw new ArgumentException($"{Title} says SampleRate = {rate}, but column '{InputColumnName}' has {other} samples in a second. Leave SampleRate out, or give ReadAudio the other rate: new AudioReading {{ SampleRate = {rate} }}.")
            : SampleRate ?? noted ?? throw NoRate();
    }

    private ArgumentException NoRate() => new($"{Title} must know how many samples a second column '{InputColumnName}' has. Have ReadAudio give all recordings one rate, " +
        "new AudioReading { SampleRate = 16000 }, or say it: new MelSpectrogram { SampleRate = 16000 }.");

    private ArgumentOutOfRangeException Unfit(string type) => new("schema",
        $"Column '{InputColumnName}' must hold samples (a vector of Single), but is {type}. Put mlContext.Transforms.ReadAudio(\"{InputColumnName}\", \"AudioPath\", …) before {Title}.");
}

/// <summary>Samples become mel bands.</summary>
[ConfigName("mel-spectrogram")]
internal sealed record MelSpectrogramStep : SoundStep
{
    [Required]
    public required MelSpectrogram Mel { get; init; }

    public override string Title => "MelSpectrogram";

    private protected override int? SampleRate => Mel.SampleRate;

    private protected override int Width => Mel.Mels;

    private protected override SoundKernel Kernel(int sampleRate) => new(Mel, sampleRate);

    private protected override RowStep WithRate(int sampleRate) => this with { Mel = Mel with { SampleRate = sampleRate } };
}

/// <summary>Samples become coefficients of mel bands.</summary>
[ConfigName("mfcc")]
internal sealed record MfccStep : SoundStep
{
    [Required]
    public required Mfcc Settings { get; init; }

    public override string Title => "Mfcc";

    private protected override int? SampleRate => Settings.Mel.SampleRate;

    private protected override int Width => Settings.Coefficients;

    private protected override SoundKernel Kernel(int sampleRate) => new(Settings.Mel, sampleRate, Settings.Coefficients);

    private protected override RowStep WithRate(int sampleRate) => this with { Settings = Settings with { Mel = Settings.Mel with { SampleRate = sampleRate } } };
}
