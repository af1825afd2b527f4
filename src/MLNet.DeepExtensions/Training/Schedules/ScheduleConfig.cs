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

    /// <summary>The factor of the learning rate in one step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">The steps of the whole run.</param>
    /// <returns>A factor of the optimizer's learning rate, 0 or more.</returns>
    public abstract double Factor(long step, long steps);
}
