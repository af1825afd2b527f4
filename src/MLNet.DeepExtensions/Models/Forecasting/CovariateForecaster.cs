using System.ComponentModel.DataAnnotations;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// Lets a forecaster of histories use what is known ahead and what a series is like, as a regression with time series errors does (Box and Jenkins 1970): a small network says what the known numbers
/// of a step do to each target; that is taken off the history, the rest is forecast by any network that takes a history, and what the known numbers of the horizon do is added to it.
/// What a series is like adds to the forecast through a small network of its own.
/// </summary>
/// <remarks>With what is known ahead, the network that forecasts sees, if <see cref="SeesKnown"/> says so, the known numbers of the window beside the targets, as recurrent networks want them.</remarks>
[ConfigName("covariate-forecaster")]
public sealed record CovariateForecaster : ModelConfig
{
    /// <summary>Gets the network that forecasts from the history: any that takes a <see cref="SequenceShape"/> of one length.</summary>
    /// <value>The default is <see cref="NLinear"/>.</value>
    [Required]
    public ModelConfig History { get; init; } = new NLinear();

    /// <summary>Gets whether that network sees the known numbers of the window as further channels. Not for networks that forecast each channel by itself.</summary>
    /// <value>The default is false.</value>
    public bool SeesKnown { get; init; }

    /// <summary>Gets the width of the one hidden layer of the small networks.</summary>
    /// <value>Between 1 and 65,536. The default is 32.</value>
    [Range(1, 65_536)]
    public int HiddenSize { get; init; } = 32;

    /// <inheritdoc/>
    public override Module Build(InputShape input, int outputs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input is not ColumnsShape several)
            return History.Build(input, outputs, device);
        InputShape? Find(string name) => several.Columns.FirstOrDefault(column => column.Name == name)?.Shape;
        return Find(ForecastInput.History) is SequenceShape { Length: not null } history ? new Network(this, history, Find(ForecastInput.Known) as SequenceShape, Find(ForecastInput.Static), outputs, device)
            : throw new ArgumentException($"{nameof(CovariateForecaster)} takes the columns of a forecaster (History, Known, Static), but an example is {input}. Use it with mlContext.Forecasting.Trainers.Deep.", nameof(input));
    }

    /// <inheritdoc/>
    protected internal override (ModelConfig Model, InputShape Input, int Outputs) Smallest() => (this with { HiddenSize = 16 }, new ColumnsShape(
        [new NamedShape(ForecastInput.History, new SequenceShape(2, 16)), new NamedShape(ForecastInput.Known, new SequenceShape(3, 19)), new NamedShape(ForecastInput.Static, new VectorShape(2))]), 6);

    private sealed class Network : Module<ModelInput, Tensor>, IOnnxExportable
    {
        private readonly Module<Tensor, Tensor> history;
        private readonly Sequential? known;
        private readonly Sequential? series;
        private readonly int targets;
        private readonly int window;
        private readonly int horizon;
        private readonly bool seesKnown;

        public Network(CovariateForecaster config, SequenceShape shape, SequenceShape? ahead, InputShape? ofSeries, int outputs, Device? device) : base(nameof(CovariateForecaster))
        {
            (targets, window, seesKnown) = (shape.Width, shape.Length!.Value, config.SeesKnown && ahead is not null);
            var seen = seesKnown ? shape with { Width = shape.Width + ahead!.Width } : shape;
            horizon = (ahead?.Length ?? window) - window;
            history = config.History.Build(seen, outputs, device) as Module<Tensor, Tensor> ?? throw new ArgumentException(
                $"{config.History.GetType().Name} does not give a Module<Tensor, Tensor> for {seen}.", nameof(config));
            // a level that is the same before and after says nothing
            known = ahead is null ? null : Small(ahead.Width, targets, hasBias: false);
            series = ofSeries is null ? null : Small((int)ofSeries.Count, outputs, hasBias: true);
            RegisterComponents();

            Sequential Small(int from, int to, bool hasBias)
            {
                var last = Linear(config.HiddenSize, to, hasBias, device: device);
                // little at first: the history's forecast stands alone until there is something to add
                init.normal_(last.weight!, 0, 0.01);
                if (hasBias)
                    init.zeros_(last.bias!);
                return Sequential(("0", Linear(from, config.HiddenSize, device: device)), ("1", ReLU()), ("2", last));
            }
        }

        public override Tensor forward(ModelInput input)
        {
            using var scope = NewDisposeScope();
            Tensor Column(string name) => input.Columns.First(column => column.Name == name).Values;
            var past = Column(ForecastInput.History);                                   // [N, window, targets]
            var window = past.shape[1];
            Tensor? ahead = null;
            if (known is not null)
            {
                var numbers = Column(ForecastInput.Known);                              // [N, window + horizon, known]
                var effect = known.call(numbers);                                       // [N, window + horizon, targets]
                past = past - effect.narrow(1, 0, window);
                if (seesKnown)
                    past = cat([past, numbers.narrow(1, 0, window)], 2);
                ahead = effect.narrow(1, window, effect.shape[1] - window).transpose(1, 2).unsqueeze(3);    // [N, targets, horizon, 1]
            }
            var forecast = history.call(past);                                          // [N, outputs]
            if (ahead is not null)
                forecast = (forecast.view(past.shape[0], targets, ahead.shape[2], -1) + ahead).flatten(1);
            if (series is not null)
                forecast = forecast + series.call(Column(ForecastInput.Static));
            return forecast.MoveToOuterDisposeScope();
        }

        public GraphValue Export(OnnxGraph graph, GraphInput input)
        {
            GraphValue Column(string name) => input.Columns.First(column => column.Name == name).Values;
            var past = Column(ForecastInput.History);                                   // [N, window, targets]
            GraphValue? ahead = null;
            if (known is not null)
            {
                var numbers = Column(ForecastInput.Known);                              // [N, window + horizon, known]
                var effect = graph.Call(known, numbers);                                // [N, window + horizon, targets]
                past = past - effect.Slice(1, 0, window);
                if (seesKnown)
                    past = GraphValue.Cat([past, numbers.Slice(1, 0, window)], 2);
                ahead = effect.Slice(1, window).Permute(0, 2, 1).Unsqueeze(3);          // [N, targets, horizon, 1]
            }
            var forecast = graph.Call(history, past);                                   // [N, outputs]
            if (ahead is not null)
                forecast = (forecast.Reshape(0, targets, horizon, -1) + ahead).Flatten();
            return series is null ? forecast : forecast + graph.Call(series, Column(ForecastInput.Static));
        }
    }
}
