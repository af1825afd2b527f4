using System.Diagnostics;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

public class PredictionQueueTests
{
    private static readonly TimeSpan long_ = TimeSpan.FromSeconds(1);

    [Fact]
    public void LoneRow_IsTakenAtOnce()
    {
        var queue = new PredictionQueue<object, object>(10, 4, long_);
        for (var round = 0; round < 5; round++)
        {
            Add(queue, 1);
            var begun = Stopwatch.GetTimestamp();
            Assert.Single(Take(queue));
            Assert.True(Stopwatch.GetElapsedTime(begun) < long_ / 2, "It waited for others, of whom there are none.");
        }
    }

    [Fact]
    public void FullBatch_IsClosedAtOnce_InTheOrderOfArrival()
    {
        var queue = new PredictionQueue<object, object>(10, 4, long_);
        var tickets = Add(queue, 6);
        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(tickets[..4], Take(queue));
        Assert.True(Stopwatch.GetElapsedTime(begun) < long_ / 2);
        Assert.Equal(tickets[4..], Take(queue));
    }

    [Fact]
    public async Task FreeWorker_WaitsForAsManyRowsAsLastTime()
    {
        var queue = new PredictionQueue<object, object>(10, 4, TimeSpan.FromSeconds(30));
        Add(queue, 3);
        Take(queue);
        Add(queue, 1);
        var taking = Task.Run(() => Take(queue));
        await Task.Delay(50);
        Assert.False(taking.IsCompleted);
        Add(queue, 1);
        await Task.Delay(50);
        Assert.False(taking.IsCompleted);
        Add(queue, 1);
        Assert.Equal(3, (await taking.WaitAsync(TimeSpan.FromSeconds(10))).Count);
    }

    [Fact]
    public void WaitForRowsThatDoNotCome_EndsAndIsNotRepeated()
    {
        var queue = new PredictionQueue<object, object>(10, 4, TimeSpan.FromMilliseconds(300));
        Add(queue, 4);
        Take(queue);
        Add(queue, 1);
        var begun = Stopwatch.GetTimestamp();
        Assert.Single(Take(queue));
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 290, 5000);
        Add(queue, 1);
        begun = Stopwatch.GetTimestamp();
        Assert.Single(Take(queue));
        Assert.True(Stopwatch.GetElapsedTime(begun).TotalMilliseconds < 200);
    }

    [Fact]
    public void BatchesThatDoNotPay_AreNotWaitedFor()
    {
        var queue = new PredictionQueue<object, object>(10, 4, TimeSpan.FromSeconds(30));
        Add(queue, 4);
        Take(queue);
        Add(queue, 1);
        Assert.Single(Take(queue, worthWaiting: false));
    }

    [Fact]
    public void QueueThatIsFull_RefusesRows_UntilSomeAreTakenOrTakenBack()
    {
        var queue = new PredictionQueue<object, object>(3, 4, TimeSpan.Zero);
        var tickets = Add(queue, 3);
        Assert.Equal(PredictionRefusal.QueueFull, queue.TryAdd(Ticket()));
        Assert.True(queue.Remove(tickets[1]));
        Assert.False(queue.Remove(tickets[1]));
        Assert.Null(queue.TryAdd(Ticket()));
        Assert.Equal(PredictionRefusal.QueueFull, queue.TryAdd(Ticket()));
        Assert.Equal(3, Take(queue).Count);
        Assert.False(queue.Remove(tickets[0]));
        Assert.Null(queue.TryAdd(Ticket()));
    }

    [Fact]
    public async Task ClosedQueue_GivesOutItsRows_ThenEnds()
    {
        var queue = new PredictionQueue<object, object>(10, 4, TimeSpan.FromSeconds(30));
        var idle = Task.Run(() => new PredictionQueue<object, object>(1, 1, TimeSpan.Zero) is var other && Closes(other));
        Add(queue, 5);
        queue.Close();
        Assert.Equal(PredictionRefusal.Stopping, queue.TryAdd(Ticket()));
        Assert.Equal(4, Take(queue).Count);
        Assert.Single(Take(queue));
        Assert.False(queue.Take([], true));
        Assert.True(await idle);

        static bool Closes(PredictionQueue<object, object> other)
        {
            var worker = Task.Run(() => other.Take([], true));
            other.Close();
            return !worker.GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task Closing_WhileOneWorkerGathers_LetsTheOthersGo()
    {
        var queue = new PredictionQueue<object, object>(100, 10, TimeSpan.FromSeconds(1));
        Add(queue, 3);
        Take(queue);                                        // three are expected from now on
        var workers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() =>
        {
            var batch = new List<Ticket<object, object>>();
            return queue.Take(batch, true) ? batch.Count : 0;
        }, TaskCreationOptions.LongRunning)).ToArray();
        Add(queue, 1);
        await Task.Delay(200);
        queue.Close();
        Assert.Equal([0, 0, 1], (await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(10))).Order());
    }

    [Fact]
    public async Task ManyWorkersAndCallers_TakeEveryRowOnce()
    {
        var queue = new PredictionQueue<object, object>(1_000_000, 7, TimeSpan.FromMilliseconds(1));
        var taken = new List<Ticket<object, object>>[3];
        var workers = Enumerable.Range(0, 3).Select(number => Task.Factory.StartNew(() =>
        {
            taken[number] = [];
            for (var batch = new List<Ticket<object, object>>(); queue.Take(batch, true); batch.Clear())
            {
                Assert.InRange(batch.Count, 1, 7);
                taken[number].AddRange(batch);
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 2000).SelectMany(_ => Add(queue, 1)).ToList())));
        queue.Close();
        await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(16_000, taken.Sum(list => list.Count));
        Assert.Equal(added.SelectMany(list => list).ToHashSet(), taken.SelectMany(list => list).ToHashSet());
    }

    private static List<Ticket<object, object>> Add(PredictionQueue<object, object> queue, int rows)
    {
        List<Ticket<object, object>> tickets = [.. Enumerable.Range(0, rows).Select(_ => Ticket())];
        Assert.All(tickets, ticket => Assert.Null(queue.TryAdd(ticket)));
        return tickets;
    }

    private static Ticket<object, object> Ticket() => new(new object(), 0, long.MaxValue, keepsRow: false, default);

    private static List<Ticket<object, object>> Take(PredictionQueue<object, object> queue, bool worthWaiting = true)
    {
        var batch = new List<Ticket<object, object>>();
        Assert.True(queue.Take(batch, worthWaiting));
        return batch;
    }
}
