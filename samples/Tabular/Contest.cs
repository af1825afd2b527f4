using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;

namespace Tabular;

/// <summary>What one trainer reached on rows that it never saw.</summary>
internal sealed record Outcome(string Table, string Trainer, int Seed, double Figure, double Second, double Seconds);

/// <summary>A network and FastTree at its defaults learn the same rows and are judged by the same others.</summary>
internal sealed record Contest(MLContext Ml, ModelConfig? Model, int? Epochs, int Seed)
{
    public IEnumerable<Outcome> Adult(IDataView data)
    {
        var split = Ml.Data.TrainTestSplit(data, testFraction: 0.2, seed: Seed);
        var answers = Ml.Transforms.Conversion.MapValue("Label", new Dictionary<string, bool> { ["<=50K"] = false, [">50K"] = true }, "Income");

        #region deep
        var model = Model ?? new TabularNet { Width = 128, EmbeddingWidth = 8, HiddenDropout = 0.3 };
        var options = new DeepTrainerOptions
        {
            Epochs = Epochs ?? 10, BatchSize = 256, Seed = Seed,
            Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = 0.02 }, Schedule = new OneCycle(),
        };
        var deep = answers.Append(Ml.Transforms.Conversion.MapTextToKeys(except: ["Income"]))
            .Append(Ml.BinaryClassification.Trainers.Deep(model, AllColumns.But("Income"), options));
        #endregion
        var tree = answers.Append(Prepared(data, "Income")).Append(Ml.BinaryClassification.Trainers.FastTree());
        yield return Judge(model.GetType().Name, deep);
        yield return Judge("FastTree", tree);

        Outcome Judge<T>(string name, IEstimator<TransformerChain<T>> pipeline) where T : class, ITransformer
        {
            var (fitted, seconds) = Timed(() => pipeline.Fit(split.TrainSet));
            using (fitted)
            {
                var metrics = Ml.BinaryClassification.EvaluateNonCalibrated(fitted.Transform(split.TestSet));
                return new Outcome("adult", name, Seed, metrics.AreaUnderRocCurve, metrics.Accuracy, seconds);
            }
        }
    }

    public IEnumerable<Outcome> California(IDataView data)
    {
        var split = Ml.Data.TrainTestSplit(data, testFraction: 0.2, seed: Seed);
        var model = Model ?? new TabularNet();
        var options = new DeepTrainerOptions
        {
            Epochs = Epochs ?? 24, BatchSize = 128, Seed = Seed,
            Optimizer = new AdamW { LearningRate = 2e-3, WeightDecay = 0.02 }, Schedule = new OneCycle(),
        };
        var deep = Ml.Transforms.Conversion.MapTextToKeys().Append(Ml.Regression.Trainers.Deep(model, AllColumns.Usable, options, labelColumnName: "HouseValue"));
        var tree = Prepared(data, "HouseValue").Append(Ml.Regression.Trainers.FastTree("HouseValue"));
        yield return Judge(model.GetType().Name, deep);
        yield return Judge("FastTree", tree);

        Outcome Judge<T>(string name, IEstimator<TransformerChain<T>> pipeline) where T : class, ITransformer
        {
            var (fitted, seconds) = Timed(() => pipeline.Fit(split.TrainSet));
            using (fitted)
            {
                var metrics = Ml.Regression.Evaluate(fitted.Transform(split.TestSet), "HouseValue");
                return new Outcome("california-housing", name, Seed, metrics.RootMeanSquaredError, metrics.RSquared, seconds);
            }
        }
    }

    // what FastTree wants: text as one column of zeros and ones for each value, all in one vector
    private IEstimator<ITransformer> Prepared(IDataView data, string answer)
    {
        var names = data.Schema.Where(column => column.Name != answer).ToList();
        var text = names.Where(column => column.Type is TextDataViewType).Select(column => new InputOutputColumnPair(column.Name)).ToArray();
        return Ml.Transforms.Categorical.OneHotEncoding(text).Append(Ml.Transforms.Concatenate("Features", [.. names.Select(column => column.Name)]));
    }

    private static (T Result, double Seconds) Timed<T>(Func<T> run)
    {
        var clock = Stopwatch.StartNew();
        var result = run();
        return (result, clock.Elapsed.TotalSeconds);
    }
}
