// A trained network on a device: an ordinary ML.NET application that opens a portable model. Nothing of libtorch is in its folder.
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using EdgeConsole;
using Microsoft.ML;
using Microsoft.ML.Data;

var modelOption = new Option<FileInfo>("--model") { Description = "A portable model of digits, which samples/Mnist writes, or of pictures, which samples/ImageClassification writes.", DefaultValueFactory = _ => new FileInfo("out/mnist/mnist.portable.zip") };
var onnxOption = new Option<FileInfo?>("--onnx") { Description = "A plain ONNX file in place of --model, which samples/Mnist --onnx or samples/ImageClassification --onnx writes: scored by ONNX Runtime without ML.NET's model." };
var picturesOption = new Option<DirectoryInfo?>("--pictures") { Description = "Looks at the pictures in this folder, a folder a class, in place of MNIST's test digits." };
var onceOption = new Option<bool>("--once") { Description = "Answers one row and ends: what a start costs." };
var outOption = new Option<DirectoryInfo?>("--out") { Description = "Taken by all samples; nothing is written here." };

var command = new RootCommand("Scores digits or pictures with a portable model, by ONNX Runtime.") { modelOption, onnxOption, picturesOption, onceOption, outOption };
command.SetAction(arguments => Run(arguments.GetValue(modelOption)!, arguments.GetValue(onnxOption), arguments.GetValue(picturesOption), arguments.GetValue(onceOption)));
return command.Parse(args).Invoke();

static int Run(FileInfo model, FileInfo? plain, DirectoryInfo? pictures, bool once)
{
    var file = plain ?? model;
    if (!file.Exists)
    {
        Console.Error.WriteLine($"There is no {file.FullName}. Train one first: dotnet run -c Release --project samples/{(pictures is null ? "Mnist" : "ImageClassification")}{(plain is null ? "" : " -- --onnx")}");
        return 1;
    }
    if (plain is not null)
        return pictures is null ? PlainOnnx.Digits(new MLContext(), plain) : PlainOnnx.Pictures(new MLContext(), plain, pictures);
    return Portable(file, pictures, once);
}

static int Portable(FileInfo file, DirectoryInfo? pictures, bool once)
{
    #region edge
    var ml = new MLContext();
    var model = ml.Model.Load(file.FullName, out _);
    #endregion

    return pictures is null ? Digits(ml, model, once) : Photos(ml, model, pictures, once);
}

static int Digits(MLContext ml, ITransformer model, bool once)
{
    var data = Path.Combine(AppContext.BaseDirectory, "data", "mnist");
    var test = ml.Data.LoadIdx(Path.Combine(data, "t10k-images-idx3-ubyte.gz"), Path.Combine(data, "t10k-labels-idx1-ubyte.gz"));
    return Answer<Digit, DigitAnswer>(ml, model, test, once, "digits", (row, answer) => row.Label == answer.Value, row => $"{row.Label}", answer => $"{answer.Value}", answer => answer.Score.Max());
}

static int Photos(MLContext ml, ITransformer model, DirectoryInfo folder, bool once) =>
    Answer<Photo, PhotoAnswer>(ml, model, ml.Data.LoadImageFolder(folder.FullName), once, "pictures", (row, answer) => row.Label == answer.Answer, row => row.Label, answer => answer.Answer, answer => answer.Score.Max());

static int Answer<TRow, TAnswer>(MLContext ml, ITransformer model, IDataView data, bool once, string what, Func<TRow, TAnswer, bool> isRight, Func<TRow, string> label, Func<TAnswer, string> said, Func<TAnswer, float> sure)
    where TRow : class, new() where TAnswer : class, new()
{
    #region first
    using var engine = ml.Model.CreatePredictionEngine<TRow, TAnswer>(model);
    var first = ml.Data.CreateEnumerable<TRow>(ml.Data.TakeRows(data, 1), reuseRowObject: false).First();
    var answer = engine.Predict(first);
    #endregion
    var start = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds;
    Console.WriteLine($"The first answer, {start:0.00} s after the start: {said(answer)} ({sure(answer):P1}); it is {label(first)}.");
    if (once)
    {
        Console.WriteLine("RESULT " + JsonSerializer.Serialize(new { sample = "edge-console", what, start_seconds = Math.Round(start, 3) }));
        return 0;
    }

    var rows = ml.Data.CreateEnumerable<TRow>(data, reuseRowObject: false).ToList();
    var one = Stopwatch.StartNew();
    var few = rows.Take(1000).ToList();
    var right = few.Count(row => isRight(row, engine.Predict(row)));
    var perRow = one.Elapsed.TotalMilliseconds / few.Count;

    var batches = Stopwatch.StartNew();
    var answers = ml.Data.CreateEnumerable<TAnswer>(model.Transform(data), reuseRowObject: false).ToList();
    var perSecond = rows.Count / batches.Elapsed.TotalSeconds;
    var accuracy = rows.Zip(answers).Average(pair => isRight(pair.First, pair.Second) ? 1.0 : 0);

    var files = new DirectoryInfo(AppContext.BaseDirectory).EnumerateFiles("*", SearchOption.AllDirectories).Where(item => !item.FullName.Contains($"{Path.DirectorySeparatorChar}data{Path.DirectorySeparatorChar}")).OrderByDescending(item => item.Length).ToList();
    Console.WriteLine($"This application's folder: {files.Sum(item => item.Length) / 1e6:0.0} MB in {files.Count} files, the largest of them:");
    foreach (var item in files.Take(5))
        Console.WriteLine($"  {item.Length / 1e6,6:0.0} MB  {item.Name}");
    Console.WriteLine($"{rows.Count:N0} {what}: {accuracy:P2} right, {perSecond:N0} a second in batches, {perRow:0.000} ms one at a time.");
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
    {
        sample = "edge-console", what, rows = rows.Count, accuracy = Math.Round(accuracy, 4), right_one_by_one = right, start_seconds = Math.Round(start, 3), rows_per_second = Math.Round(perSecond),
        milliseconds_one_by_one = Math.Round(perRow, 4), folder_bytes = files.Sum(item => item.Length), files = files.Count,
    }));
    return 0;
}
