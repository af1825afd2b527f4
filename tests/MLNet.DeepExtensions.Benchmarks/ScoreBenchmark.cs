using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Benchmarks;

internal static class ScoreBenchmark
{
    public static void Run(int pairs)
    {
        var ml = new MLContext(seed: 1);
        var model = Mnist.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Optimizer = new Sgd { LearningRate = 0.01 } }).Fit(Mnist.View(ml, "train"));
        // unpacked once: gzip would weigh more than all that is compared here
        var test = ml.Data.Cache(Mnist.View(ml, "t10k"));
        // the step alone: the code by hand maps no labels either
        var transformer = Mnist.Trained(model);
        var network = (nn.Module<Tensor, Tensor>)transformer.Module;
        var (ours, plain) = (0L, 0L);

        Pairs.Run("score", pairs, Ours, Plain, () => new JsonObject { ["rows"] = 10_000, ["same_predictions"] = ours == plain });

        double Ours() => Pairs.Seconds(() =>
        {
            var scored = transformer.Transform(test);
            var (score, predicted) = (scored.Schema["Score"], scored.Schema["PredictedLabel"]);
            using var cursor = scored.GetRowCursor([score, predicted]);
            var getScore = cursor.GetGetter<VBuffer<float>>(score);
            var getPredicted = cursor.GetGetter<uint>(predicted);
            VBuffer<float> probabilities = default;
            uint digit = 0;
            ours = 0;
            while (cursor.MoveNext())
            {
                getScore(ref probabilities);
                getPredicted(ref digit);
                ours += digit - 1;
            }
        });

        double Plain() => Pairs.Seconds(() =>
        {
            const int BatchSize = 1024;
            var features = test.Schema["Features"];
            using var cursor = test.GetRowCursor([features]);
            var getter = cursor.GetGetter<VBuffer<byte>>(features);
            VBuffer<byte> pixels = default;
            var batch = new byte[BatchSize * 784];
            var count = 0;
            plain = 0;
            using var inference = inference_mode();
            while (true)
            {
                var more = cursor.MoveNext();
                if (more)
                {
                    getter(ref pixels);
                    pixels.CopyTo(batch, count++ * 784);
                }
                if (count == BatchSize || !more && count > 0)
                {
                    using var scope = NewDisposeScope();
                    var x = tensor(batch).reshape(BatchSize, 784).narrow(0, 0, count).div(255);
                    var probabilities = nn.functional.softmax(network.call(x), 1);
                    // what a developer wants in the end: an array of probabilities and the best class of each row
                    _ = probabilities.data<float>().ToArray();
                    foreach (var digit in probabilities.argmax(1).data<long>().ToArray())
                        plain += digit;
                    count = 0;
                }
                if (!more)
                    break;
            }
        });
    }
}
