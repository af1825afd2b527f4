using System.Text;
using Microsoft.ML;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>What happens between the column and the network: in training and scoring, and in training alone.</summary>
internal sealed record InputPlan(InputStage Stage, AugmentationPlan? Augmentation)
{
    /// <summary>Makes the plan for a run: what the column asks for, and what the options say of normalisation, measured where they say so.</summary>
    /// <exception cref="ArgumentException">Augmentations do not fit the column; the message says what to write.</exception>
    public static InputPlan For(DataViewSchema.Column column, FeatureColumn features, Normalization? normalization, IBatchSource train, DeepTask task, int seed)
    {
        var augmentations = AugmentationsOf(column);
        var stage = new InputStage();
        AugmentationPlan? plan = null;
        if (augmentations.Count > 0)
        {
            var shape = PictureShape(features.Name, features.Shape);
            if (task.Targets != TargetKind.ClassIndex && augmentations.FirstOrDefault(item => item is MixUp or CutMix) is { } mixing)
                throw new ArgumentException($"{mixing.GetType().Name} mixes classes, but this task's targets are {task.Targets}. Take it out of AugmentImages.", nameof(column));
            plan = new AugmentationPlan(augmentations, shape, seed, task.OutputWidth);
            stage = plan.Stage;
        }
        return new InputPlan(normalization switch
        {
            GivenNormalization given => stage with { Mean = given.Mean, Std = given.Std },
            MeasuredNormalization => Measure(stage, train, features.Shape),
            _ => stage,
        }, plan);
    }

    /// <summary>What AugmentImages wrote beside a column.</summary>
    public static IReadOnlyList<Augmentation> AugmentationsOf(DataViewSchema.Column column) => AugmentImagesStep.AnnotationOf(column) is { } text
        ? ConfigJson.Read<AugmentationList>(Encoding.UTF8.GetBytes($"{{\"items\":{text}}}")).Items : [];

    /// <exception cref="ArgumentException">Examples are no pictures.</exception>
    public static ImageShape PictureShape(string column, InputShape shape) => shape as ImageShape ?? throw new ArgumentException(
        $"AugmentImages changes pictures, but an example of column '{column}' is a vector {shape}. " +
        "Say how its values form a picture, by the trainer's inputShape: new ImageShape(height, width, channels).", nameof(shape));

    // one mean over all rows, by combining those of the batches (Chan, Golub and LeVeque 1979): sums of squares would lose what matters
    private static InputStage Measure(InputStage stage, IBatchSource train, InputShape shape)
    {
        var channels = (int)shape.Dimensions[0];
        var (mean, spread, count) = (new double[channels], new double[channels], 0.0);
        using var inference = inference_mode();
        using var batches = train.Read(epoch: 0).GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();        // a batch is made by asking for it
            if (!batches.MoveNext())
                break;
            var (batchMean, batchVariance, numbers) = MomentsOf(InputStage.Scale(batches.Current.Input, shape), shape);
            var total = count + numbers;
            for (var c = 0; c < channels; c++)
            {
                var ahead = batchMean[c] - mean[c];
                spread[c] += batchVariance[c] * numbers + ahead * ahead * count * numbers / total;
                mean[c] += ahead * numbers / total;
            }
            count = total;
        }
        return stage with
        {
            Mean = [.. mean.Select(value => (float)value)],
            // a channel that never changes has nothing to scale
            Std = [.. spread.Select(value => (float)Math.Sqrt(value / count)).Select(value => value > 0 ? value : 1)],
        };
    }

    private static (float[] Mean, float[] Variance, long Numbers) MomentsOf(Tensor shaped, InputShape shape)
    {
        long[] dimensions = shape is VectorShape ? [0] : [0, 2, 3];
        var (mean, variance) = (shaped.mean(dimensions), shaped.var(dimensions, unbiased: false));
        return (mean.cpu().data<float>().ToArray(), variance.cpu().data<float>().ToArray(), shaped.numel() / shape.Dimensions[0]);
    }
}
