// dotnet run -c Release --project tests/MLNet.DeepExtensions.Benchmarks -- NAME
// Each benchmark compares us with code that a C# developer would write by hand, the two in turn in one process; the ratio is ours over theirs.
using System.CommandLine;
using MLNet.DeepExtensions.Benchmarks;

var pairs = new Option<int>("--pairs") { Description = "How many pairs of legs to run.", DefaultValueFactory = _ => 15 };
var side = new Option<string?>("--side") { Hidden = true };
var root = new RootCommand("Paired benchmarks of MLNet.DeepExtensions.") { pairs };
Add("epoch", "A training epoch of 784-128-10 on MNIST, and the reading of its rows.", arguments => EpochBenchmark.Run(arguments.GetValue(pairs)));
Add("tabular-epoch", "A training epoch of a TabularNet over ten numbers and five keys, against a loop by hand with the same network over cached tensors.", arguments => TabularBenchmark.Run(arguments.GetValue(pairs)));
Add("score", "Transform of the 10,000 test rows, read through a cursor.", arguments => ScoreBenchmark.Run(arguments.GetValue(pairs)));
Add("engine", "PredictionEngine, one row at a time.", arguments => EngineBenchmark.Run(arguments.GetValue(pairs)));
Add("cnn-step", "Training steps of ResNet-18: in float32 against a loop by hand; channels last, and half precision with it, against ours in float32.", arguments => CnnStepBenchmark.Run(arguments.GetValue(pairs)));
Add("augment", "Training steps of ResNet-18 on augmented pictures, against ours on pictures as they are.", arguments => CnnStepBenchmark.RunAugmented(arguments.GetValue(pairs)));
Add("finetune", "Training steps of SqueezeNet from a file of weights, all but its end frozen, against a loop by hand.", arguments => FinetuneBenchmark.Run(arguments.GetValue(pairs)));
Add("lstm-epoch", "A training epoch of an LSTM over sequences of one length, against a loop by hand over the same nn.LSTM.", arguments => SequenceBenchmark.RunEpoch(arguments.GetValue(pairs)));
Add("bucketing", "A training epoch of an LSTM over sequences of 20 to 120 steps, with rows of like length in one batch, against ours without. The ratio is how many times faster.", arguments => SequenceBenchmark.RunBucketing(arguments.GetValue(pairs)));
Add("bert-step", "Training steps of a Transformer over texts of 40 to 400 tokens, against a loop by hand with the same network; and with rows of like length in one batch, against a loop that pads all rows to the longest: how many times faster.", arguments => EncoderBenchmark.Run(arguments.GetValue(pairs)));
Add("decode", "Pictures from JPEG files to rows in memory, against SkiaSharp's decoding and resizing alone on as many threads. The ratio is pictures a second, ours over theirs.", arguments => DecodeBenchmark.Run(arguments.GetValue(pairs)));
Add("resume-overhead", "A checkpoint after each epoch against none: the small network on MNIST, and ResNet-18 with AdamW.", arguments => ResumeBenchmark.Run(arguments.GetValue(pairs)));
Add("callback-overhead", "Training steps of ResNet-18 with all callbacks on against none; runs on MNIST, whose steps are short, with everything that watches them on against none.", arguments =>
{
    CallbackBenchmark.Run(arguments.GetValue(pairs));
    WatchingBenchmark.Run(arguments.GetValue(pairs));
});
Add("each-callback", "Training steps of ResNet-18 with one callback on against none, for each.", arguments => CallbackBenchmark.RunEach(arguments.GetValue(pairs)));
Add("optimizers", "A step over ResNet-18's parameters by each fused optimizer, against TorchSharp's own.", arguments => OptimizerBenchmark.Run(arguments.GetValue(pairs)));
Add("resnet18-adamw", "Training steps of ResNet-18 in float32 with AdamW, against a loop by hand with TorchSharp's AdamW.", arguments => OptimizerBenchmark.RunTraining(arguments.GetValue(pairs)));
Add("forecast-window", "A training epoch over all windows of a series, views of it, against slices of a tensor; and what the windows take beside the series.", arguments => ForecastWindowBenchmark.Run(arguments.GetValue(pairs)));
Add("logmel", "Log-mel spectrograms of recordings in memory, against a plain loop that computes the same with TorchSharp.", arguments => LogMelBenchmark.Run(arguments.GetValue(pairs)));
Add("generate", "256 tokens written with kept keys and values, against reading all tokens again for each. The ratio is how many times faster.", arguments => GenerateBenchmark.Run(arguments.GetValue(pairs)));
Add("tokenize", "A text column read as tokens, against Microsoft.ML.Tokenizers alone on as many threads, and both on one. The ratio is megabytes a second, ours over theirs.", arguments => TokenizeBenchmark.Run(arguments.GetValue(pairs)));
Add("onnx", "Digits through a small network: our portable model against ML.NET's OnnxTransformer, rows a second and one row at a time; against ours in libtorch; and portable models with smaller weights.", arguments => OnnxBenchmark.Run(arguments.GetValue(pairs)));
var application = new Option<string?>("--application") { Description = "A folder with samples/EdgeConsole as it is deployed. [default: its build]" };
Add("cold-start", "A program's start to its first answer: with a portable model, against one whose model has no network; with the files in the system's memory, and without.", arguments => ColdStartBenchmark.Run(arguments.GetValue(pairs), arguments.GetValue(application))).Options.Add(application);
var seconds = new Option<double>("--seconds") { Description = "How long each load lasts.", DefaultValueFactory = _ => 5 };
Add("serve", "Requests a second of a server that scores its callers' rows in batches, against a pool of prediction engines behind the same server. The ratio is that of ResNet-18 at 64 × 64 with 64 clients; a table has all else.",
    arguments => ServeBenchmark.Run(arguments.GetValue(pairs), arguments.GetValue(seconds))).Options.Add(seconds);
Add("memory", "Peak resident set of a training run.", arguments => MemoryBenchmark.Run(arguments.GetValue(side))).Options.Add(side);
return root.Parse(args).Invoke();

Command Add(string name, string description, Action<ParseResult> run)
{
    var command = new Command(name, description) { pairs };
    command.SetAction(run);
    root.Subcommands.Add(command);
    return command;
}
