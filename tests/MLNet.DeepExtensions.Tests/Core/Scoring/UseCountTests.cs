namespace MLNet.DeepExtensions.Tests.Core.Scoring;

public sealed class UseCountTests
{
    [Fact]
    public void WhatIsUsed_IsFreedOnce_ByTheLastOne()
    {
        var freed = 0;
        var uses = new UseCount(() => freed++);
        uses.Enter();
        uses.Dispose();
        uses.Dispose();
        Assert.Equal(0, freed);
        Assert.Throws<ObjectDisposedException>(uses.Enter);
        uses.Leave();
        Assert.Equal(1, freed);
        Assert.Throws<ObjectDisposedException>(uses.Enter);
        Assert.Equal(1, freed);
    }

    [Fact]
    public void ManyWhoComeAndGo_WhileItsOwnerLetsGo_NeverSeeItFreed()
    {
        for (var round = 0; round < 200; round++)
        {
            var (freed, wrong) = (0, 0);
            var uses = new UseCount(() => Interlocked.Increment(ref freed));
            Parallel.For(0, 8, worker =>
            {
                for (var i = 0; i < 50; i++)
                    try
                    {
                        if (worker == 0 && i == 25)
                            uses.Dispose();
                        uses.Enter();
                        if (Volatile.Read(ref freed) != 0)
                            Interlocked.Increment(ref wrong);
                        uses.Leave();
                    }
                    catch (ObjectDisposedException)
                    {
                    }
            });
            Assert.Equal((1, 0), (freed, wrong));
        }
    }
}
