using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Training;

[Collection(nameof(Alone))]
public sealed class BestWeightsTests
{
    [Theory]
    [InlineData("3 1 2 1", 2)]                      // the first of equals
    [InlineData("3 2 1", 3)]
    [InlineData("NaN 2 NaN", 2)]
    [InlineData("NaN NaN", 2)]                      // nothing to choose by: the last
    public void TheWeightsOfTheLowestValidationLoss_AreLeft(string losses, int best) => Assert.Equal((best, best), Run(losses));

    [Fact]
    public void StoppedHalfwayThroughTheNextEpoch_PutsTheBestOnesBack() => Assert.Equal((2, 2), Run("3 1", halfway: true));

    [Fact]
    public void BuffersAreKeptToo_NotParametersAlone()
    {
        using var scope = NewDisposeScope();
        var (state, _) = SmallRuns.Prepare(epochs: 2, model: new Mlp { HiddenSizes = [4], BatchNorm = true });
        using var keeper = new BestWeights();
        keeper.OnTrainBegin(state);
        state.Epoch = 1;
        Finish(keeper, state, 1);
        state.Epoch = 2;
        state.Module.Call(rand(8, 3)).Dispose();    // moves the running mean
        Assert.True(Moved());
        Finish(keeper, state, 2);
        keeper.OnTrainEnd(state);
        Assert.False(Moved());

        bool Moved() => state.Module.state_dict()["bn1.running_mean"].abs().sum().ToDouble() > 0;
    }

    // the k-th epoch leaves k in every weight
    private static (int Weights, int BestEpoch) Run(string losses, bool halfway = false)
    {
        using var scope = NewDisposeScope();
        var (state, _) = SmallRuns.Prepare(epochs: 100);
        using var keeper = new BestWeights();
        keeper.OnTrainBegin(state);
        foreach (var loss in losses.Split(' ').Select(text => double.Parse(text)))
        {
            Train();
            Finish(keeper, state, loss);
        }
        if (halfway)
            Train();
        keeper.OnTrainEnd(state);
        var values = state.Module.parameters().SelectMany(parameter => parameter.detach().flatten().data<float>().ToArray()).Distinct();
        return ((int)Assert.Single(values), state.BestEpoch);

        void Train()
        {
            state.Epoch++;
            using var _ = no_grad();
            foreach (var parameter in state.Module.parameters())
                parameter.fill_(state.Epoch);
        }
    }

    private static void Finish(BestWeights keeper, TrainingState state, double loss)
    {
        var report = SmallRuns.Report(state.Epoch, ("loss", loss));
        state.Add(report);
        keeper.OnEpochEnd(state, report);
    }
}
