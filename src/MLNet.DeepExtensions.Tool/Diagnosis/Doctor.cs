using System.Reflection;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions.Tool.Diagnosis;

/// <summary>Looks at everything that training needs, from the ground up: what lies deeper explains what fails above it.</summary>
internal static class Doctor
{
    public static IEnumerable<Finding> Examine() =>
    [
        .. MachineFindings.All(),
        Libraries(),
        .. TorchFindings.All(),
        OnnxFindings.Runtime(),
    ];

    // the members of ML.NET that are used behind closed doors: another version of it is said here, and not in a run
    private static Finding Libraries()
    {
        try
        {
            Doors.Check();
            return new(Health.Ok, "ML.NET", $"{typeof(Microsoft.ML.MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}, with all members that are used behind closed doors");
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException or MissingMemberException)
        {
            return new(Health.Error, "ML.NET", e.Message, "Use the version of Microsoft.ML that the message names.");
        }
    }
}
