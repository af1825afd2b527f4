namespace MLNet.DeepExtensions;

/// <summary>
/// How the learning rate moves through a run: a record that gives the factor of the optimizer's learning rate for each step. The same record is the option that the user writes
/// and a row of the conformance tests. Names and numbers are PyTorch's.
/// </summary>
[ConfigFamily]
public abstract record ScheduleConfig
{
    /// <summary>Gets the registered schedules in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<ScheduleConfig>().Types;

    /// <summary>Makes a schedule of your own known.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="name">The name in the file, lower case with hyphens. Never change it.</param>
    public static void Register<T>(string name) where T : ScheduleConfig => ConfigFamily.Of<ScheduleConfig>().Add(typeof(T), name);

    /// <summary>Gets what is counted: the schedule's own lengths are in this unit, and the learning rate changes no more often.</summary>
    /// <value>The default is <see cref="ScheduleUnit.Step"/>; for schedules that name moments of the run it is <see cref="ScheduleUnit.Epoch"/>.</value>
    public virtual ScheduleUnit Per { get; init; } = ScheduleUnit.Step;

    /// <summary>The factor of the learning rate in one step, or in one epoch.</summary>
    /// <param name="step">The step (or epoch, as <see cref="Per"/> says), from 0.</param>
    /// <param name="steps">The steps (or epochs) of the whole run.</param>
    /// <returns>A factor of the optimizer's learning rate, 0 or more.</returns>
    public abstract double Factor(long step, long steps);
}

/// <summary>What a schedule counts.</summary>
public enum ScheduleUnit
{
    /// <summary>Steps of the optimizer.</summary>
    Step,

    /// <summary>Epochs.</summary>
    Epoch,
}
