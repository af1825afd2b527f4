using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Batches;

/// <summary>Which tokens are hidden, and how, as Devlin et al. 2018 say it.</summary>
public class MaskedBatchesTests
{
    private const int Tokens = 105, Rows = 200, Steps = 42, Mask = 4;

    private static readonly SpecialTokens special = new() { Padding = 0, Unknown = 1, Start = 2, Separator = 3, Mask = Mask };

    [Fact]
    public void OfEachText_AShareIsAskedAbout_SpecialTokensAndPaddingNever()
    {
        using var scope = NewDisposeScope();
        var texts = new Texts();
        foreach (var batch in Batches(texts, seed: 1).Read(epoch: 1))
        {
            var (asked, ids) = (Numbers(batch.Input.Asked!), texts.Of(batch));
            Assert.Equal(asked.Length, asked.Distinct().Count());
            Assert.Equal(asked.Select(place => ids[place]), Numbers(batch.Target));
            Assert.All(asked, place => Assert.True(ids[place] > Mask, $"token {ids[place]} was asked about"));
            var lengths = Numbers(batch.Input.Lengths!);
            Assert.All(asked, place => Assert.True(place % Steps < lengths[place / Steps]));
            foreach (var row in Enumerable.Range(0, batch.Count))
            {
                var ordinary = ids.Skip(row * Steps).Take((int)lengths[row]).Count(token => token > Mask);
                Assert.Equal(ordinary == 0 ? 0 : Math.Max(1, (int)Math.Round(0.15 * ordinary)), asked.Count(place => place / Steps == row));
            }
            Assert.Equal(asked.Length, batch.Weight!.sum().ToDouble());
        }
    }

    [Fact]
    public void OfThoseAskedAbout_EightyPercentAreHidden_TenReplaced_AndTenStay_AndAllOthersStay()
    {
        using var scope = NewDisposeScope();
        var texts = new Texts();
        int hidden = 0, replaced = 0, same = 0;
        var replacements = new HashSet<long>();
        for (var epoch = 1; epoch <= 10; epoch++)
            foreach (var batch in Batches(texts, seed: 2).Read(epoch))
            {
                var (asked, before, after) = (Numbers(batch.Input.Asked!).ToHashSet(), texts.Of(batch), Numbers(batch.Input.Values));
                for (var place = 0; place < before.Length; place++)
                    if (!asked.Contains(place))
                        Assert.Equal(before[place], after[place]);
                    else if (after[place] == Mask)
                        hidden++;
                    else if (after[place] == before[place])
                        same++;
                    else
                    {
                        replaced++;
                        replacements.Add(after[place]);
                    }
            }
        double all = hidden + replaced + same;
        Assert.True(all > 5000);
        // five standard deviations; one in a hundred replacements draws the token itself
        Assert.InRange(hidden / all, 0.8 - 5 * Math.Sqrt(0.16 / all), 0.8 + 5 * Math.Sqrt(0.16 / all));
        Assert.InRange(replaced / all, 0.099 - 5 * Math.Sqrt(0.09 / all), 0.099 + 5 * Math.Sqrt(0.09 / all));
        Assert.All(replacements, token => Assert.InRange(token, Mask + 1, Tokens - 1));
        Assert.True(replacements.Count > 80);
    }

    [Fact]
    public void TheDice_DependOnSeedEpochAndBatch_AndOnNothingElse()
    {
        using var scope = NewDisposeScope();
        var texts = new Texts();
        var first = Read(Batches(texts, seed: 3), epoch: 2);
        Assert.Equal(first, Read(Batches(texts, seed: 3), epoch: 2));
        Assert.Equal(first.Skip(2), Read(Batches(texts, seed: 3), epoch: 2, skip: 2));
        Assert.NotEqual(first, Read(Batches(texts, seed: 3), epoch: 3));
        Assert.NotEqual(first, Read(Batches(texts, seed: 4), epoch: 2));
        Assert.Equal(first.Count, first.Distinct().Count());
    }

    [Fact]
    public void Validation_HidesTheSameTokens_InEachEpoch()
    {
        using var scope = NewDisposeScope();
        var texts = new Texts();
        Assert.Equal(Read(Batches(texts, seed: 3, isFixed: true), epoch: 1), Read(Batches(texts, seed: 3, isFixed: true), epoch: 7));
    }

    [Fact]
    public void TextsOfNothingButSpecialTokens_AskAboutNothing()
    {
        using var scope = NewDisposeScope();
        var batch = new MaskedBatches(new Empty(), new TokenMasking(), Tokens, special, 1, isFixed: false).Read(1).Single();
        Assert.Equal([0], batch.Input.Asked!.shape);
        Assert.Equal([0], batch.Target.shape);
        using var loss = new CrossEntropy().Build(Tokens, CPU);
        var value = loss.Compute(zeros(0, Tokens, requires_grad: true), batch.Target, batch.Weight);
        Assert.Equal((0, 0), (value.Mean.ToDouble(), value.Normalizer!.ToDouble()));
    }

    private static MaskedBatches Batches(IBatchSource texts, int seed, bool isFixed = false) => new(texts, new TokenMasking(), Tokens, special, seed, isFixed);

    private static List<string> Read(MaskedBatches batches, int epoch, int skip = 0) => [.. batches.Read(epoch, skip).Select(batch => string.Join(",", Numbers(batch.Input.Values)) + "|" + string.Join(",", Numbers(batch.Input.Asked!)))];

    private static long[] Numbers(Tensor tensor) => tensor.to(ScalarType.Int64).contiguous().data<long>().ToArray();

    // texts of 2 to 42 tokens, the same in each epoch
    private sealed class Texts : IBatchSource
    {
        private readonly List<(long[] Ids, long[] Lengths)> batches = [];

        public Texts()
        {
            var random = new Random(5);
            for (var first = 0; first < Rows; first += BatchSize)
            {
                var lengths = Enumerable.Range(0, BatchSize).Select(_ => (long)random.Next(2, Steps + 1)).ToArray();
                lengths[0] = Steps;
                batches.Add(([.. lengths.SelectMany(length => Enumerable.Range(0, Steps).Select(step => step >= length ? 0L : step == 0 ? 2 : step == length - 1 ? 3 : random.Next(9) == 0 ? 1 : random.Next(5, Tokens)))], lengths));
            }
        }

        public long Rows => MaskedBatchesTests.Rows;

        public int BatchSize => 40;

        public IEnumerable<Batch> Read(int epoch, int skip = 0) => batches.Skip(skip).Select(batch => new Batch(
            new ModelInput([new InputTensor("Text", tensor(batch.Ids, [BatchSize, Steps], dtype: ScalarType.Int32), tensor(batch.Lengths))]), zeros(BatchSize, ScalarType.Int64), null, BatchSize));

        public long[] Of(Batch batch) => batches.Single(texts => texts.Lengths.SequenceEqual(Numbers(batch.Input.Lengths!))).Ids;
    }

    private sealed class Empty : IBatchSource
    {
        public long Rows => 1;

        public int BatchSize => 1;

        public IEnumerable<Batch> Read(int epoch, int skip = 0) => [new Batch(new ModelInput([new InputTensor("Text", tensor(new long[] { 2, 3 }, [1, 2]), tensor(new long[] { 2 }))]), zeros(1, ScalarType.Int64), null, 1)];
    }
}
