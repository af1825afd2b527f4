using System.Text;
using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>What happens between the columns and the network: in training and scoring, and in training alone.</summary>
/// <param name="Columns">The columns with their stages.</param>
/// <param name="Augmentations">What training plays on each of them; null where nothing.</param>
internal sealed record InputPlan(IReadOnlyList<NetworkColumn> Columns, IReadOnlyList<TrainingChanges?> Augmentations)
{
    /// <summary>Makes the plan for a run: what the columns ask for, and what the options say of normalisation, measured where they say so.</summary>
    /// <exception cref="ArgumentException">Augmentations do not fit a column; the message says what to write.</exception>
    public static InputPlan For(DataViewSchema schema, IReadOnlyList<FeatureColumn> features, Normalization? normalization, IBatchSource train, DeepTask task, int seed)
    {
        var plans = features.Select((column, number) => PlanFor(schema[column.Name], column, task, unchecked(seed + number * 7919), features.Count > 1)).ToList();
        var columns = features.Zip(plans, (column, plan) => new NetworkColumn(column, plan?.Stage ?? new InputStage())).ToList();
        return new InputPlan(normalization switch
        {
            GivenNormalization given => Given(columns, given),
            MeasuredNormalization => ChannelMoments.Measure(columns, train),
            _ => columns,
        }, plans);
    }

    /// <summary>What AugmentImages wrote beside a column.</summary>
    public static IReadOnlyList<Augmentation> AugmentationsOf(DataViewSchema.Column column) => AugmentStep.NoteOf(column, AugmentImagesStep.NoteName) is { } text
        ? ConfigJson.Read<AugmentationList>(Encoding.UTF8.GetBytes($"{{\"items\":{text}}}")).Items : [];

    /// <exception cref="ArgumentException">Examples are no pictures.</exception>
    public static ImageShape PictureShape(string column, InputShape shape) => shape as ImageShape ?? throw new ArgumentException(
        $"AugmentImages changes pictures, but an example of column '{column}' is a vector {shape}. " +
        "Say how its values form a picture, by the trainer's inputShape: new ImageShape(height, width, channels).", nameof(shape));

    private static TrainingChanges? PlanFor(DataViewSchema.Column column, FeatureColumn features, DeepTask task, int seed, bool isOneOfSeveral)
    {
        if (AugmentStep.NoteOf(column, AugmentSequencesStep.NoteName) is { } text
            && ConfigJson.Read<SequenceAugmentationList>(Encoding.UTF8.GetBytes($"{{\"items\":{text}}}")).Items is { Count: > 0 } changes)
            return features.Shape is SequenceShape ? new SequencePlan(changes, seed) : throw new ArgumentException(
                $"AugmentSequences changes sequences, but an example of column '{features.Name}' is {features.Shape}. Say how many numbers a step has, by the trainer's inputShape: new SequenceShape(width).", nameof(column));
        var augmentations = AugmentationsOf(column);
        if (augmentations.Count == 0)
            return null;
        var shape = PictureShape(features.Name, features.Shape);
        if (augmentations.FirstOrDefault(item => item is MixUp or CutMix) is { } mixing && (task.Targets != TargetKind.ClassIndex || isOneOfSeveral))
            throw new ArgumentException(isOneOfSeveral
                ? $"{mixing.GetType().Name} mixes the pictures of column '{features.Name}' with each other, which the other columns cannot follow. Take it out of AugmentImages."
                : $"{mixing.GetType().Name} mixes classes, but this task's targets are {task.Targets}. Take it out of AugmentImages.", nameof(column));
        return new AugmentationPlan(augmentations, shape, seed, task.OutputWidth);
    }

    // of several columns, given numbers are the pictures'
    private static List<NetworkColumn> Given(IReadOnlyList<NetworkColumn> columns, GivenNormalization given)
    {
        var isMeant = columns.Count == 1 ? (Func<NetworkColumn, bool>)(_ => true) : column => column.Features.Shape is ImageShape;
        return columns.Any(isMeant) ? [.. columns.Select(column => isMeant(column) ? column with { Stage = column.Stage with { Mean = given.Mean, Std = given.Std } } : column)]
            : throw new ArgumentException($"Normalization gives one mean and standard deviation, but there are {columns.Count} columns and none holds pictures. Use Normalization.Measured, which measures each of them.", "options");
    }
}
