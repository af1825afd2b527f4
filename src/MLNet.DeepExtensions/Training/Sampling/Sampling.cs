namespace MLNet.DeepExtensions;

/// <summary>
/// Which rows an epoch takes, in what order and in what batches, by their classes. The draws of an epoch depend on the seed and its number alone, so that a run repeats, and can go on from any step.
/// Validation takes each row once, in the rows' own order.
/// </summary>
[ConfigFamily]
public abstract record Sampling
{
    /// <summary>Gets the registered ways of sampling in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<Sampling>().Types;

    /// <summary>Makes a way of sampling of your own known, so that options with it can be saved. Call it once, when the application starts.</summary>
    /// <typeparam name="T">The record; its properties are written as JSON.</typeparam>
    /// <param name="name">The name, lower case with hyphens. Never change it.</param>
    public static void Register<T>(string name) where T : Sampling => ConfigFamily.Of<Sampling>().Add(typeof(T), name);

    /// <summary>Says how many rows a batch has.</summary>
    /// <param name="asked">The options' <c>BatchSize</c>.</param>
    /// <param name="classes">The number of classes that have rows.</param>
    /// <returns>The rows: what was asked for, unless overridden.</returns>
    /// <exception cref="ArgumentException">The training rows have too few classes.</exception>
    public virtual int BatchSize(int asked, int classes) => asked;

    /// <summary>Draws an epoch: batch after batch, row after row.</summary>
    /// <param name="classes">The numbers of each class's rows; each class has at least one.</param>
    /// <param name="batchSize">What <see cref="BatchSize"/> said.</param>
    /// <param name="below">The dice: a whole number from 0 to below its argument. All chance comes from there.</param>
    /// <returns>Numbers of rows, equally many in each epoch. A row may come twice, or not at all.</returns>
    public abstract int[] Draw(IReadOnlyList<int[]> classes, int batchSize, Func<int, int> below);
}
