using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;
using MLNet.DeepExtensions.Tests.Conventions;

namespace MLNet.DeepExtensions.Tests.Core.Interop;

/// <summary>One canary for each closed door of ML.NET.</summary>
public class DoorsTests
{
    public static TheoryData<string, string, string> EachDoor
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var (assembly, type, members) in Doors.All)
                foreach (var member in members)
                    data.Add(assembly, type, member);
            return data;
        }
    }

    [Theory, MemberData(nameof(EachDoor))]
    public void Door_IsWhereItWas(string assembly, string type, string member) => Assert.True(Doors.Has(assembly, type, member));

    [Fact]
    public void Check_FindsAllOfThem() => Doors.Check();

    [Fact]
    public void List_NamesEveryClosedMemberThatTheCodeUses()
    {
        var listed = Doors.All.SelectMany(door => door.Members.Select(member => $"{door.Type.Replace('+', '/')}::{member}")).ToHashSet();
        var used = ClosedDoors.UsedByInterop().ToHashSet();
        // a type alone is a mention, not a use
        var missing = used.Where(member => !member.EndsWith("::", StringComparison.Ordinal) && !listed.Contains(member)).ToList();
        Assert.True(missing.Count == 0, string.Join("\n", missing));
        Assert.NotEmpty(used);
    }

    [Fact]
    public void Seed_Gpu_AndFallback_AreTheHosts()
    {
        var ml = new MLContext(seed: 17) { GpuDeviceId = 2, FallbackToCpu = false };
        Assert.Equal(17, HostDoors.SeedOf(ml));
        Assert.Equal(2, HostDoors.GpuDeviceOf(ml));
        Assert.False(HostDoors.MayFallBackToCpu(ml));
        // a registered host hands the settings on
        var host = ((IHostEnvironment)ml).Register("test");
        Assert.Equal(17, HostDoors.SeedOf(host));
        Assert.Equal(2, HostDoors.GpuDeviceOf(host));
        Assert.False(HostDoors.MayFallBackToCpu(host));
        Assert.Null(HostDoors.SeedOf(new MLContext()));
    }

    [Fact]
    public void Environment_IsTheCatalogs()
    {
        var ml = new MLContext(seed: 3);
        Assert.Equal(3, HostDoors.SeedOf(HostDoors.EnvironmentOf(ml.MulticlassClassification.Trainers)));
    }

    [Fact]
    public void CheckAlive_AfterCancelExecution_Throws()
    {
        var ml = new MLContext();
        var host = ((IHostEnvironment)ml).Register("test");
        HostDoors.CheckAlive(host);
        typeof(MLContext).GetMethod("CancelExecution", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public)!.Invoke(ml, null);
        Assert.ThrowsAny<OperationCanceledException>(() => HostDoors.CheckAlive(host));
    }

    [Fact]
    public void Messages_ReachTheLog_BracesAndAll()
    {
        var ml = new MLContext();
        var messages = new List<string>();
        ml.Log += (_, entry) => messages.Add($"{entry.Kind} {entry.RawMessage}");
        using (var channel = ((IHostEnvironment)ml).Start("test"))
        {
            HostDoors.Info(channel, "a {0} b");
            HostDoors.Warn(channel, "c {x} d");
        }
        Assert.Contains("Info a {0} b", messages);
        Assert.Contains("Warning c {x} d", messages);
    }

    [Fact]
    public void SchemaColumn_IsWhatWasSaid()
    {
        var column = SchemaDoors.Column("x", SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, new SchemaShape(SchemaDoors.ScoreColumnAnnotations()));
        Assert.Equal("Vector<Single>", column.Describe());
        Assert.Equal(3, column.Annotations.Count);
        Assert.True(SchemaDoors.ScoreColumnSetIdType.RawType == typeof(uint));
    }

    [Fact]
    public void TrainerInfo_SaysThatItTakesAValidationSet()
    {
        var info = HostDoors.NewTrainerInfo();
        Assert.False(info.NeedNormalization);
        Assert.False(info.WantCaching);
    }
}
