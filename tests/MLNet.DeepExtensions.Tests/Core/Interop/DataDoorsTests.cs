using Microsoft.ML;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions.Tests;

/// <summary>Canaries: they tell when another version of ML.NET has closed a door or moved what is behind it.</summary>
public class DataDoorsTests
{
    [Fact]
    public void EnvironmentOfTheDataCatalog_HasTheContextsSeed() => Assert.Equal(17, HostDoors.SeedOf(DataDoors.EnvironmentOf(new MLContext(17).Data)));
}
